"""Precision: who sees a place how exactly, and that nothing finer slips through."""

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import ROLE_PERMISSIONS, Permission, Role
from aimprogress.figures.precision import (
    LADDER,
    Precision,
    coarser,
    counts_exactly,
    grid_point,
    precision_for,
    present_site,
    sees_strict,
)
from aimprogress.figures.small_counts import small_count

OWN, OTHER, SITE = uuid4(), uuid4(), uuid4()


def somebody(role: Role, organisation=OWN, **more) -> Actor:
    return Actor(
        kind="person",
        organisation_id=organisation,
        roles=frozenset({role}),
        permissions=frozenset(ROLE_PERMISSIONS[role]),
        **more,
    )


def a_site(**more) -> dict:
    return {"id": SITE, "organisation_id": OWN, "country": "UA", "safety_profile": False} | more


FULL = {
    "id": SITE, "name": "Dnipro Brewing KYV-01", "code": "KYV-01", "member_name": "Dnipro Brewing", "country": "UA",
    "country_name": "Ukraine", "admin1_name": "Kyiv oblast", "area_name": "Bucha raion", "settlement_name": "Irpin",
    "number_in_area": 3, "latitude": 50.52, "longitude": 30.25, "exact_location": {"lat": 50.5213, "lon": 30.2506},
    "current_expected": 420, "current_accounted": 405, "expected": 4, "strict": {"SERVING": 24}, "serving": 24, "killed": 2,
    "note": "opposite the school", "checkin_code": "q7x", "safety_profile": False, "injured": 3, "unaccounted": 14,
}  # fmt: skip


@pytest.mark.parametrize(
    ("actor", "site", "precision"),
    [
        (somebody(Role.MEMBER_COORDINATOR), a_site(), Precision.EXACT),
        (somebody(Role.SITE_REPORTER, reports_at=frozenset({SITE})), a_site(), Precision.EXACT),
        (somebody(Role.SITE_REPORTER, reports_at=frozenset({uuid4()})), a_site(), Precision.ADM2),
        (somebody(Role.MEMBER_VIEWER), a_site(), Precision.ADM2),
        (somebody(Role.AUDITOR), a_site(), Precision.ADM2),
        (somebody(Role.AIM_ANALYST, OTHER, is_secretariat=True), a_site(), Precision.GRID),
        (somebody(Role.AIM_ANALYST, OTHER, is_secretariat=True), a_site(safety_profile=True), Precision.ADM1),
        (somebody(Role.AIM_ANALYST, OTHER, is_secretariat=True), a_site(country="RU"), Precision.ADM1),
        (somebody(Role.AIM_ANALYST, OTHER, is_secretariat=True), a_site(area_status="NEAR_FRONT"), Precision.ADM1),
        (somebody(Role.AIM_ANALYST, OTHER, is_secretariat=True), a_site(area_status="OCCUPIED"), Precision.ADM1),
        (somebody(Role.AIM_ANALYST, OTHER, is_secretariat=True), a_site(area_status="STABLE"), Precision.GRID),
        (somebody(Role.PARTNER_CLIENT, OTHER), a_site(), Precision.COUNTRY),
        (somebody(Role.MEMBER_COORDINATOR, OTHER), a_site(), Precision.COUNTRY),
    ],
)
def test_a_role_sees_a_site_at_its_precision(actor, site, precision):
    assert precision_for(actor, site) is precision


@pytest.mark.parametrize(
    ("granted", "site", "precision"),
    [
        ("EXACT", a_site(), Precision.ADM2),
        ("ADM2", a_site(), Precision.ADM2),
        ("ADM1", a_site(), Precision.ADM1),
        ("ADM2", a_site(safety_profile=True), Precision.ADM1),
        ("COUNTRY", a_site(), Precision.COUNTRY),
    ],
)
def test_a_partner_gets_what_was_granted_but_never_a_point_and_of_protected_sites_the_region(granted, site, precision):
    assert precision_for(somebody(Role.PARTNER_CLIENT, OTHER), site, granted=granted) is precision


def test_who_reads_through_a_share_is_not_an_owner_even_in_the_same_organisation():
    assert precision_for(somebody(Role.MEMBER_COORDINATOR, shared_only=True), a_site()) is Precision.COUNTRY


def test_the_ladder_runs_from_exact_to_country():
    assert tuple(Precision(step) for step in ("EXACT", "GRID", "ADM2", "ADM1", "COUNTRY")) == LADDER
    assert coarser("GRID", "ADM1") is Precision.ADM1
    assert Precision.EXACT.reaches(Precision.ADM2) and not Precision.ADM1.reaches(Precision.ADM2)


def test_outside_its_organisation_a_site_is_called_by_member_oblast_and_number():
    seen = present_site(FULL, Precision.GRID)
    assert seen["name"] == "Dnipro Brewing, Kyiv oblast, site 3"
    assert seen["code"] is None and seen["note"] is None
    assert present_site(FULL, Precision.ADM1)["area_name"] is None
    assert present_site(FULL, Precision.COUNTRY)["name"] == "Dnipro Brewing, Ukraine"


def test_the_own_viewer_knows_the_site_by_name_but_not_its_point_or_strict_states():
    seen = present_site(FULL, Precision.ADM2, own=True)
    assert (seen["name"], seen["code"]) == (FULL["name"], "KYV-01")
    assert seen["latitude"] is None and seen["exact_location"] is None and "strict" not in seen and "killed" not in seen


def test_the_coordinator_sees_everything_and_the_reporter_everything_but_the_states_of_people():
    coordinator, reporter = somebody(Role.MEMBER_COORDINATOR), somebody(Role.SITE_REPORTER)
    assert present_site(FULL, Precision.EXACT, own=True, strict=sees_strict(coordinator, a_site())) == FULL
    seen = present_site(FULL, Precision.EXACT, own=True, strict=sees_strict(reporter, a_site()))
    assert set(FULL) - set(seen) == {"strict", "serving", "killed", "injured", "unaccounted"}, "five states tell the other four"
    assert seen["current_accounted"] == 405


def test_the_reporter_who_typed_a_head_count_reads_it_back_and_nobody_reads_one_that_a_check_in_took_over():
    me = uuid4()
    typed = {"reported_by_id": me, "check_in_id": None}
    reporter, viewer = somebody(Role.SITE_REPORTER, user_id=me), somebody(Role.MEMBER_VIEWER, user_id=me)
    assert sees_strict(reporter, a_site(), typed)
    assert not sees_strict(reporter, a_site(), typed | {"reported_by_id": uuid4()})
    assert not sees_strict(reporter, a_site(), typed | {"reported_by_id": None})
    assert not sees_strict(reporter, a_site(), typed | {"check_in_id": uuid4()})
    assert not sees_strict(viewer, a_site(), typed)
    assert not sees_strict(reporter, a_site(organisation_id=OTHER), typed)


def test_who_may_not_read_the_people_of_one_site_reads_none():
    seen = present_site(FULL | {"baseline": 420}, Precision.ADM2, own=True, people=False)
    assert seen["current_expected"] is seen["current_accounted"] is seen["expected"] is seen["baseline"] is None
    assert seen["name"] == FULL["name"]


def test_a_reporter_who_is_also_a_viewer_sees_only_the_own_sites_exactly():
    both = somebody(Role.MEMBER_VIEWER, reports_at=frozenset({SITE}))
    both = replace(both, permissions=both.permissions | ROLE_PERMISSIONS[Role.SITE_REPORTER])
    assert precision_for(both, a_site()) is Precision.EXACT
    assert precision_for(both, a_site(id=uuid4())) is Precision.ADM2
    assert not counts_exactly(both)


@pytest.mark.parametrize("role", Role)
def test_totals_of_people_are_exact_for_coordinators_and_reporters_alone(role):
    actor = somebody(role, safety=frozenset({OWN}))
    assert counts_exactly(actor) is (role in (Role.MEMBER_COORDINATOR, Role.SITE_REPORTER))
    assert not counts_exactly(replace(actor, safety=frozenset({OWN, OTHER}))), "other members are in sight"
    assert not counts_exactly(replace(actor, shared_only=True))


def test_a_site_with_a_safety_profile_shows_no_strict_states_to_anybody():
    seen = present_site(FULL | {"safety_profile": True}, Precision.EXACT, own=True, strict=True)
    assert not {"strict", "serving", "killed"} & set(seen)


def test_one_to_four_people_read_as_less_than_five_and_nobody_stays_nobody():
    assert [small_count(count) for count in (0, 1, 4, 5, None)] == [0, "<5", "<5", 5, None]


def test_accounted_people_are_a_bound_where_the_difference_would_tell_a_small_count():
    near = FULL | {"current_expected": 420, "current_accounted": 418}
    assert present_site(near, Precision.GRID)["current_accounted"] == ">415"
    assert present_site(near, Precision.EXACT)["current_accounted"] == 418
    assert present_site(FULL, Precision.GRID)["current_accounted"] == 405


def test_outsiders_cannot_subtract_the_strict_states_from_a_head_count():
    assert not {"injured", "unaccounted"} & set(present_site(FULL, Precision.GRID))


def test_a_grid_point_is_the_middle_of_its_square_also_south_and_west():
    assert tuple(map(float, grid_point(50.52, 30.25))) == (50.55, 30.25)
    assert tuple(map(float, grid_point(-0.01, -0.01))) == (-0.05, -0.05)
    assert grid_point(None, 30) is None


def secret(kind: str) -> st.SearchStrategy[str]:
    return st.text(alphabet="abcdefgh", max_size=20).map(lambda text: f"{kind}-{text}")


@given(
    hidden=st.fixed_dictionaries({key: secret(key) for key in ("name", "code", "settlement_name", "note", "checkin_code")}),
    raion=secret("raion"), latitude=st.floats(44, 53), longitude=st.floats(22, 41), precision=st.sampled_from(LADDER[1:]),
)  # fmt: skip
def test_no_reduced_row_holds_anything_finer_than_its_precision(hidden, raion, latitude, longitude, precision):
    exact = {"lat": latitude, "lon": longitude}
    row = FULL | hidden | {"area_name": raion, "latitude": latitude, "longitude": longitude, "exact_location": exact}
    seen = present_site(row, precision)
    printed = repr(seen)
    assert not [text for text in hidden.values() if text in printed]
    assert (raion in printed) is (precision in (Precision.GRID, Precision.ADM2))
    assert seen["exact_location"] is None
    if precision is Precision.GRID:
        assert (seen["latitude"], seen["longitude"]) == grid_point(latitude, longitude)
        assert abs(float(seen["latitude"]) - latitude) <= 0.0501
    else:
        assert seen["latitude"] is None and seen["longitude"] is None


def test_only_the_coordinator_of_the_own_organisation_reads_strict_states():
    for role in Role:
        actor = somebody(role)
        assert sees_strict(actor, a_site()) is (role is Role.MEMBER_COORDINATOR)
        assert not sees_strict(somebody(role, OTHER, is_secretariat=True), a_site())
        assert actor.may(Permission.HEADCOUNT_STRICT) is (role is Role.MEMBER_COORDINATOR)
