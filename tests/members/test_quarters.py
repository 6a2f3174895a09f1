"""Status and head counts of more than 36 months become totals by quarter; what a site says since then stays the same."""

import random
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.retention import ask_the_owner
from aimprogress.jobs.kinds import Progress
from members.models import HeadCount, LegalHold, Organisation, QuarterStanding, RetentionTally, Site, SiteStatus, StrictMonth
from members.projection import projections, refresh_many
from members.retention import keeping
from members.retention.quarters import after, quarter_of, start_of
from members.returning import is_uncleared
from tests.factories import a_head_count, a_site, a_status, a_user, an_area, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
KEPT = 1095 * DAY


@pytest.fixture
def halden() -> Organisation:
    the_secretariat()
    return an_organisation(short_name="Halden Foods")


@pytest.fixture
def before() -> datetime:
    return timezone.now() - KEPT


def keep() -> bool:
    with acting_as(SYSTEM):
        return keeping.keep(timezone.now(), Progress())


def status(site: Site, code: str, at: datetime, **fields: Any) -> SiteStatus:
    return a_status(site, code, at, **{"recorded_at": at, **fields})


def count(site: Site, expected: int, at: datetime, **states: Any) -> HeadCount:
    return a_head_count(site, expected, at, **{"recorded_at": at, **states})


def left(model: type, site: Site) -> set[UUID]:
    with acting_as(SYSTEM):
        return set(model.objects.filter(site=site).values_list("pk", flat=True))


def totals(organisation: Organisation) -> dict[tuple[str, date], QuarterStanding]:
    with acting_as(SYSTEM):
        return {(row.country, row.quarter): row for row in QuarterStanding.objects.filter(organisation=organisation)}


KINDS = (
    ("OPERATING", ""),
    ("OPERATING", ""),
    ("REDUCED", ""),
    ("SUSPENDED", "SAFETY"),
    ("SUSPENDED", "DEMAND"),
    ("EVACUATED", ""),
)


def a_random_log(draw: random.Random, site: Site, before: datetime) -> tuple[list[SiteStatus], list[HeadCount]]:
    """Reports of two hundred days around the moment, many at one instant, some late, taken back, corrected, corrected again."""
    found: dict[type, list[Any]] = {SiteStatus: [], HeadCount: []}
    for model, rows in found.items():
        for _ in range(draw.randint(1, 25)):
            earlier = draw.choice(rows) if rows and draw.random() < 0.25 else None
            seen = before + draw.randint(-150, draw.choice((-1, 50))) * DAY
            if earlier and draw.random() < 0.7:
                seen = earlier.observed_at
            known = max(seen, earlier.recorded_at + DAY if earlier else seen) + draw.choice((0, 0, 0, 0, 3, 170)) * DAY
            row = model(
                organisation_id=site.organisation_id, site=site, observed_at=seen, recorded_at=known, supersedes=earlier,
                retracted_at=known + draw.choice((timedelta(seconds=30), 5 * DAY)) if draw.random() < 0.15 else None,
            )  # fmt: skip
            if model is SiteStatus:
                row.operational, row.reason = draw.choice(KINDS)
                row.utilities = {"power": draw.randint(0, 24)} if draw.random() < 0.3 else {}
            else:
                row.expected = row.safe_local = draw.randint(0, 300)
            rows.append(row)
    return found[SiteStatus], found[HeadCount]


def said(sites: list[Site], moments: list[datetime]) -> dict[Any, Any]:
    with acting_as(SYSTEM):
        found: dict[Any, Any] = {moment: projections(sites, moment) for moment in (None, *moments)}
        found["uncleared"] = {(site.pk, moment): is_uncleared(site, moment) for site in sites for moment in moments}
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_sites_say_now_and_said_since_the_moment_is_the_same_after_their_old_logs_went(
    halden: Organisation, before: datetime, seed: int
) -> None:
    draw, sites = random.Random(seed), [a_site(halden) for _ in range(40)]
    with acting_as(SYSTEM):
        for site in sites:
            statuses, counts = a_random_log(draw, site, before)
            SiteStatus.objects.bulk_create(statuses)
            HeadCount.objects.bulk_create(counts)
        refresh_many([site.pk for site in sites])
        rows_before = SiteStatus.objects.count() + HeadCount.objects.count()
    moments = [before + hours * timedelta(hours=1) for hours in (0, 1, 20, 24 * 7, 24 * 40, 24 * 90, 24 * 170, 24 * 400)]
    expected = said(sites, moments)
    keep()
    found = said(sites, moments)
    for key, value in expected.items():
        assert found[key] == value, key
    with acting_as(SYSTEM):
        gone = rows_before - SiteStatus.objects.count() - HeadCount.objects.count()
        assert gone > rows_before / 4, "the rule does take most of what is old"
        assert RetentionTally.objects.get(organisation=halden, rule="observations").all_rows == gone
        stored = {site.pk: site.current_status_since for site in Site.objects.filter(pk__in=[site.pk for site in sites])}
    assert stored == {pk: fields["current_status_since"] for pk, fields in expected[None].items()}
    keep()
    assert said(sites, moments) == expected


@pytest.fixture
def quarter(before: datetime) -> date:
    """A quarter that is past the moment as a whole."""
    return quarter_of(start_of(quarter_of(before)) - DAY)


def near_the_end_of(quarter: date) -> datetime:
    return start_of(after(quarter)) - 2 * DAY


def test_the_totals_of_a_quarter_say_how_sites_stood_at_its_end_and_no_stale_figure_is_among_them(
    halden: Organisation, quarter: date
) -> None:
    end = near_the_end_of(quarter)
    fresh, silent, closed = (a_site(halden) for _ in range(3))
    abroad = a_site(halden, admin1=an_area("PL14", "PL", "Masovia"))
    status(fresh, "REDUCED", end)
    count(fresh, 100, end, safe_idp=20, unaccounted=10, safe_local=70)
    status(silent, "OPERATING", end - 300 * DAY)
    count(silent, 900, end - 300 * DAY)
    status(closed, "CLOSED", end - 300 * DAY, reason="DEMAND")
    count(closed, 50, end)
    status(abroad, "EVACUATED", end)
    status(abroad, "REDUCED", end + 3 * DAY)  # after the end
    keep()
    found = totals(halden)
    here, there = found["UA", quarter], found["PL", quarter]
    assert (here.sites, here.groups) == (3, {"reduced": 1, "lost": 1, "closed": 1})
    assert here.counted == 1
    assert here.people == {
        "expected": [100, 100], "reached": [90, 90], "safe": [90, 90], "displaced": [20, 20], "not_reached": [10, 10],
    }  # fmt: skip
    assert (there.groups, there.counted, there.people) == ({"evac": 1}, 0, {})
    first = min(of for _country, of in found)
    assert first == quarter_of(end - 300 * DAY) and len({of for country, of in found if country == "UA"}) >= 4


def test_no_count_of_one_to_four_people_is_kept_in_a_total(halden: Organisation, quarter: date) -> None:
    end = near_the_end_of(quarter)
    few, tiny = a_site(halden), a_site(halden)
    for site, expected, states in ((few, 420, {"unaccounted": 3}), (tiny, 4, {})):
        status(site, "OPERATING", end)
        count(site, expected, end, **states)
    keep()
    total = totals(halden)["UA", quarter]
    assert (total.sites, total.counted) == (2, 1)
    assert total.people["expected"] == [420, 420] and total.people["reached"] == [416, 419]
    assert total.people["not_reached"] == [1, 4]
    page = signed_in(a_user(halden, "MEMBER_VIEWER")).get("/retention/quarters/").content.decode()
    row = page.split(f"Quarter {(quarter.month + 2) // 3} of {quarter.year}")[1].split("</tr>")[0]
    assert "420" in row and "&gt;415" in row and "&lt;5" in row and "Operating 2" in row
    other = signed_in(a_user(an_organisation(), "MEMBER_VIEWER")).get("/retention/quarters/").content.decode()
    assert "No quarter is added up yet" in other
    rows = signed_in(a_user(halden, "MEMBER_COORDINATOR")).get("/api/v1/quarter-standings/").json()["results"]
    told = next(row for row in rows if row["quarter"] == quarter.isoformat())
    assert (told["expected"], told["reached"], told["not_reached"], told["groups"]) == (420, ">415", "<5", {"ok": 2})


def test_a_quarter_is_added_up_once_and_what_comes_later_does_not_change_it(halden: Organisation, before: datetime) -> None:
    site = a_site(halden)
    rows = [status(site, "OPERATING", before - days * DAY) for days in range(40, 0, -3)]
    keep()
    first = {key: row.pk for key, row in totals(halden).items()}
    late = status(site, "REDUCED", before - 38 * DAY, recorded_at=timezone.now())
    keep()
    assert {key: row.pk for key, row in totals(halden).items()} == first
    assert late.pk in left(SiteStatus, site), "entered today, so it is kept for 36 months"
    assert len(left(SiteStatus, site)) < len(rows)


def test_nothing_goes_whose_quarter_has_no_totals_whatever_the_application_says(halden: Organisation, before: datetime) -> None:
    site = a_site(halden)
    for days in range(40, 0, -3):
        status(site, "OPERATING", before - days * DAY)
    with acting_as(SYSTEM):
        assert ask_the_owner("observations", halden.pk, before, 100) == 0


def test_a_legal_hold_keeps_the_log_and_adds_nothing_up(halden: Organisation, before: datetime) -> None:
    site = a_site(halden)
    rows = {status(site, "OPERATING", before - days * DAY).pk for days in range(40, 0, -3)}
    hold = LegalHold.objects.create(organisation=halden, reason="Claim")
    keep()
    assert (left(SiteStatus, site), totals(halden)) == (rows, {})
    LegalHold.objects.filter(pk=hold.pk).update(lifted_at=timezone.now())
    keep()
    assert left(SiteStatus, site) < rows and totals(halden)


def test_protected_states_of_a_long_held_log_are_added_up_before_it_goes(halden: Organisation, before: datetime) -> None:
    site = a_site(halden)
    old = count(site, 100, before - 20 * DAY, killed=2)
    count(site, 100, before - 5 * DAY, killed=2)
    keep()
    with acting_as(SYSTEM):
        assert old.pk not in left(HeadCount, site) and StrictMonth.objects.filter(organisation=halden).exists()


def test_a_correction_goes_with_what_it_corrects_or_stays_with_it(
    halden: Organisation, before: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole chains, in whatever parts the work is done; nothing that was wrong stands again in between."""
    monkeypatch.setattr(keeping, "BATCH", 2)
    site, corrected_lately = a_site(halden), a_site(halden)
    with acting_as(SYSTEM):
        for place in (site, corrected_lately):
            for days in range(60, 5, -5):
                at = before - days * DAY
                about = {"organisation": halden, "site": place, "observed_at": at}
                wrong = SiteStatus(**about, operational="EVACUATED", recorded_at=at)
                known = timezone.now() if place == corrected_lately else at + timedelta(hours=1)
                right = SiteStatus(**about, operational="OPERATING", recorded_at=known, supersedes=wrong)
                SiteStatus.objects.bulk_create([wrong, right])
        refresh_many([site.pk, corrected_lately.pk])
    runs = 0
    while keep():
        runs += 1
        with acting_as(SYSTEM):
            assert projections([site])[site.pk]["current_previous"] == ""
    assert runs >= 2
    assert len(left(SiteStatus, site)) == 6, "the first of the run, and the last two: each with what it corrects"
    assert len(left(SiteStatus, corrected_lately)) == 22


def test_a_worker_that_dies_has_added_nothing_up_and_deleted_nothing(
    halden: Organisation, before: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = a_site(halden)
    rows = {status(site, "OPERATING", before - days * DAY).pk for days in range(40, 0, -3)}

    def breaks(*given: Any) -> None:
        raise OSError("the machine went away")

    monkeypatch.setattr(keeping, "_count", breaks)
    with pytest.raises(OSError):
        keep()
    assert (left(SiteStatus, site), totals(halden)) == (rows, {})


def test_whoever_left_for_safety_needs_the_gates_still(halden: Organisation, before: datetime) -> None:
    site = a_site(halden)
    with acting_as(SYSTEM):
        for days, code, reason in (
            (40, "OPERATING", ""),
            (30, "EVACUATED", ""),
            (20, "SUSPENDED", "DEMAND"),
            (10, "REDUCED", ""),
        ):
            times = [before - days * DAY + hours * timedelta(hours=1) for hours in range(8)]
            about = {"organisation": halden, "site": site, "operational": code, "reason": reason}
            SiteStatus.objects.bulk_create([SiteStatus(**about, observed_at=at, recorded_at=at) for at in times])
        refresh_many([site.pk])
    keep()
    with acting_as(SYSTEM):
        assert len(left(SiteStatus, site)) < 16
        assert is_uncleared(site, timezone.now())


def test_before_the_moment_nobody_looks_back_and_is_told_why(halden: Organisation, before: datetime) -> None:
    site = a_site(halden)
    for days in range(40, 0, -3):
        status(site, "OPERATING", before - days * DAY)
    status(site, "REDUCED", before + DAY)
    reader = signed_in(a_user(halden, "MEMBER_COORDINATOR"))

    def asked(moment: datetime, page: str = f"/sites/{site.pk}/") -> Any:
        return reader.get(page, {"as_of": moment.isoformat()})

    then, young = before - 20 * DAY, before + 2 * DAY
    assert asked(then).status_code == 200, "nothing is added up yet"
    said_before = asked(young, f"/api/v1/sites/{site.pk}/").json()
    keep()
    for page in (f"/sites/{site.pk}/", "/sites/", "/overview/"):
        refused = asked(then, page)
        assert refused.status_code == 400 and "added up by quarter and is no longer kept" in refused.content.decode()
        assert asked(young, page).status_code == 200
    refused = asked(then, "/api/v1/sites/")
    assert refused.status_code == 400 and "no longer kept" in refused.content.decode()
    assert asked(young, f"/api/v1/sites/{site.pk}/").json() == said_before
    elsewhere = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    assert elsewhere.get("/sites/", {"as_of": then.isoformat()}).status_code == 200, "nothing of theirs was added up"
