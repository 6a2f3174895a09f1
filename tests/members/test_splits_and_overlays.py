"""Head counts by contract group and gender, and what is counted beside the nine states."""

import pytest
from django.core.exceptions import ValidationError

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from members.headcounts import overlay_problems, split_problem
from members.models import ContractGroup, HeadCount, Overlay
from tests.factories import a_head_count, a_reporter, a_site, a_status, a_user, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
GROUPS = ContractGroup.values


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        ({}, False), ({"OWN": 90, "AGENCY": 10}, False), ({"OWN": 90}, True), ({"OWN": 90, "AGENCY": 11}, True),
        ({"OWN": 100, "FRIENDS": 0}, True), ({"OWN": 101, "AGENCY": -1}, True), ({"OWN": True, "AGENCY": 99}, True),
    ],
)  # fmt: skip
def test_a_split_adds_up_to_the_people_expected_or_is_not_given(parts, refused):
    assert bool(split_problem(100, parts, GROUPS)) == refused


@pytest.mark.parametrize(
    ("overlays", "field"),
    [
        ({}, None), ({"remote_working": 100}, None), ({"remote_working": 101}, "remote_working"), ({"strangers": 1}, "overlays"),
        ({"on_full_pay": 60, "on_partial_pay": 40}, None), ({"on_full_pay": 60, "unpaid": 41}, "unpaid"),
        ({"families_supported": 140, "family_members_with_them": 300}, None),
        ({"families_supported": 0, "family_members_with_them": 2}, "families_supported"), ({"unpaid": 1.5}, "overlays"),
    ],
)  # fmt: skip
def test_a_count_beside_the_states_cannot_exceed_the_people_expected(overlays, field):
    assert list(overlay_problems(100, overlays)) == ([field] if field else [])


def test_the_api_refuses_a_split_that_does_not_add_up_and_names_the_field():
    site = a_site()
    program = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    body = {"site": str(site.pk), "expected": 100, "safe_local": 100, "by_gender": {"F": 40, "M": 50}}
    refused = program.post("/api/v1/head-counts/", body, content_type="application/json")
    assert refused.status_code == 400 and refused.json()["errors"][0]["pointer"] == "/by_gender"
    body["by_gender"]["X"] = 10
    assert program.post("/api/v1/head-counts/", body, content_type="application/json").status_code == 201


def test_the_form_asks_in_groups_and_keeps_empty_apart_from_zero():
    site = a_site()
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    answers = {"expected": 100, "safe_local": 100, "OWN": 80, "AGENCY": 19, "source_type": "DIRECT", "confidence": "A"}
    refused = client.post(f"/sites/{site.pk}/head-count/", answers)
    assert refused.status_code == 422 and "These add up to 99, and 100 people are expected." in refused.content.decode()
    answers |= {"AGENCY": 20, "remote_working": 0}
    assert client.post(f"/sites/{site.pk}/head-count/", answers).status_code == 302
    with acting_as(SYSTEM):
        count = HeadCount.objects.get(site=site)
    assert count.by_contract == {"OWN": 80, "AGENCY": 20} and count.by_gender == {} and count.overlays == {"remote_working": 0}


def test_outsiders_read_no_small_group_none_that_tells_it_and_no_overlay():
    site = a_site()
    a_head_count(site, 100, by_contract={"OWN": 77, "AGENCY": 20, "CONTRACTOR_ON_SITE": 3}, by_gender={"F": 40, "M": 60},
                 overlays={Overlay.NEEDS_URGENT_HELP: 7})  # fmt: skip

    def read(client):
        return client.get("/api/v1/head-counts/").json()["results"][0]

    own = read(signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR)))
    assert own["by_contract"]["CONTRACTOR_ON_SITE"] == 3 and own["overlays"] == {"needs_urgent_help": 7}
    for outside in (a_user(site.organisation, Role.MEMBER_VIEWER), a_user(the_secretariat(), Role.AIM_ANALYST)):
        seen = read(signed_in(outside))
        assert seen["by_contract"] == {"OWN": 77, "AGENCY": None, "CONTRACTOR_ON_SITE": "<5"}
        assert seen["by_gender"] == {"F": 40, "M": 60} and seen["overlays"] == {}
        page = signed_in(outside).get(f"/sites/{site.pk}/").content.decode()
        assert "Contractors on site" in page and "Need urgent help" not in page


def test_a_check_in_that_reaches_everybody_keeps_the_groups():
    from members.services.checkins import record_check_in

    site = a_site()
    a_status(site)
    a_head_count(site, 100, unaccounted=2, by_contract={"OWN": 100})
    with acting_as(a_reporter(site)):
        record_check_in(site=site, operational="REDUCED", people="all")
        newest = HeadCount.objects.filter(site=site).order_by("-recorded_at").first()
    assert newest.by_contract == {"OWN": 100} and newest.unaccounted == 0


def test_a_group_is_never_assumed_for_a_count_that_named_none():
    site = a_site()
    a_head_count(site, 30)
    with acting_as(SYSTEM):
        assert HeadCount.objects.get(site=site).by_contract == {}
    with pytest.raises(ValidationError):
        a_head_count(site, 30, by_contract={"OWN": 29})


def test_the_form_asks_about_a_state_that_moved_by_more_than_a_fifth_and_takes_it_once_it_is_meant():
    site = a_site()
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    path, rest = f"/sites/{site.pk}/head-count/", {"source_type": "DIRECT", "confidence": "A"}
    assert client.post(path, {"expected": 100, "safe_local": 90, "safe_idp": 10} | rest).status_code == 302
    assert "The numbers are right" not in client.get(path).content.decode()
    assert client.post(path, {"expected": 100, "safe_local": 88, "safe_idp": 12} | rest).status_code == 302, "a fifth is not more"
    moved = {"expected": 100, "safe_local": 80, "safe_idp": 20} | rest
    asked = client.post(path, moved)
    page = asked.content.decode()
    assert asked.status_code == 422 and "Safe, displaced inside the country. Tick the box" in page and 'value="80"' in page
    assert "Safe, at usual place. Tick" not in page
    assert client.post(path, moved | {"meant": "on"}).status_code == 302
    with acting_as(SYSTEM):
        assert HeadCount.objects.filter(site=site).count() == 3


def test_the_question_about_a_change_tells_a_reporter_nothing_of_the_states_that_others_counted():
    site = a_site()
    coordinator = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    reporter = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site]))
    path, rest = f"/sites/{site.pk}/head-count/", {"source_type": "DIRECT", "confidence": "A"}
    assert coordinator.post(path, {"expected": 100, "safe_local": 95, "serving": 5} | rest).status_code == 302
    assert reporter.post(path, {"expected": 100, "safe_local": 100} | rest).status_code == 302
