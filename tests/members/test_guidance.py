"""The guidance library: what stands in it, where it applies, and what a site says about it."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.places.countries import COUNTRIES
from aimprogress.places.models import AreaConflictStatus
from members.emergency import NUMBERS
from members.guidance import Conditions, Facts, Kind, PlanGap, applying, facts_of, find, library
from members.models import GuidanceMark, Operational, Site
from members.services.sites import change_alert_level
from members.services.support import mark_guidance
from tests.factories import (
    a_coordinator,
    a_reporter,
    a_site,
    a_status,
    a_user,
    a_viewer,
    an_area,
    an_organisation,
    the_secretariat,
)
from tests.signing import signed_in

CELLAR = "shelter-dovidka"
QUIET = Facts(country="UA", area="UNKNOWN", level=0, state="OPERATING")


def test_every_item_says_where_it_comes_from_and_when_it_was_read():
    assert len(library()) >= 40
    assert len({item.link for item in library().values()}) == len(library())
    for item in library().values():
        address = urlsplit(item.link)
        assert address.scheme in ("http", "https") and "." in address.netloc, item.code
        assert item.title and item.publisher and item.languages and item.topics, item.code
        assert item.read_on <= timezone.localdate(), item.code
        assert set(item.summaries) == {"en", "uk"} and all(item.summaries.values()), item.code


def test_every_condition_names_codes_that_exist():
    for item in library().values():
        assert set(item.when.countries) <= set(COUNTRIES), item.code
        assert set(item.when.area) <= set(AreaConflictStatus.Status.values), item.code
        assert set(item.when.states) <= set(Operational.values), item.code
        assert set(item.when.plan) <= set(PlanGap.values), item.code
        assert item.when.in_words() or not item.when.are_named, item.code


def test_no_summary_holds_a_telephone_number():
    numbers = {number for several in NUMBERS.values() for number in several}
    for item in library().values():
        text = " ".join(item.summaries.values())
        assert not numbers & set(re.findall(r"\d+", text)) and not re.search(r"\+\d|\d{5}", text), item.code


def test_notes_on_law_are_old_after_ninety_days_and_the_rest_after_a_year():
    lasts = {item.kind: item.trusted_until - item.read_on for item in library().values()}
    assert lasts[Kind.LAW_NOTE] == timedelta(days=90)
    assert {days for kind, days in lasts.items() if kind != Kind.LAW_NOTE} == {timedelta(days=365)}


@pytest.mark.parametrize(
    ("named", "fits", "fits_not"),
    [
        ({"countries": ("UA",)}, {}, {"country": "PL"}),
        ({"area": ("RETURNED",)}, {"area": "RETURNED"}, {"area": "UNKNOWN"}),
        ({"level": 2}, {"level": 2}, {"level": 1}),
        ({"states": ("SUSPENDED",)}, {"state": "SUSPENDED"}, {"state": "OPERATING"}),
        ({"plan": ("MISSING",)}, {"plan": "MISSING"}, {"plan": "GAPS"}),
        ({"evacuating": True}, {"evacuating": True}, {"evacuating": False}),
    ],
)
def test_an_item_applies_where_all_of_its_conditions_are_true(named, fits, fits_not):
    def facts(**changed):
        return Facts(**{"country": "UA", "area": "UNKNOWN", "level": 0, "state": "OPERATING", **changed})

    when = Conditions(**named)
    assert when.hold(facts(**fits)) and not when.hold(facts(**fits_not))
    both = Conditions(**{"countries": ("UA",), **named})
    assert not both.hold(facts(**{"country": "MD", **fits})) or "countries" in named


def test_an_item_without_conditions_is_shown_at_no_site():
    assert not Conditions().hold(QUIET)
    shown = {item.code for item in applying(QUIET)}
    assert shown and "aid-cash-first" in library() and "aid-cash-first" not in shown


def test_nothing_applies_at_a_site_that_is_closed():
    assert applying(Facts(country="UA", area="RETURNED", level=3, state="OPERATING"))
    assert applying(Facts(country="UA", area="RETURNED", level=3, state="CLOSED")) == []


def test_the_library_is_found_by_words_topic_country_and_language():
    assert [item.code for item in find(q="landmine three")] == ["mines-three-nots"]
    assert all("MINES" in item.topics for item in find(topic="MINES")) and find(topic="MINES")
    polish = {item.code for item in find(country="PL")}
    assert "hire-tent" in polish and "aid-cash-first" in polish and CELLAR not in polish
    assert all("ru" in item.languages for item in find(language="ru"))


def test_the_summary_is_in_the_readers_language():
    item = library()[CELLAR]
    with translation.override("uk"):
        assert item.summary == item.summaries["uk"] != item.summaries["en"]


@pytest.fixture
def member(db):
    return an_organisation()


@pytest.fixture
def site(member):
    site = a_site(member, name="Lviv plant")
    a_status(site)
    with acting_as(a_coordinator(member)):
        change_alert_level(site=site, level=2)
        site.refresh_from_db()
    return site


def marks(site) -> list[str]:
    return [mark.mark for mark in GuidanceMark.objects.filter(site=site).latest()]


def test_a_coordinator_says_that_it_was_done_and_the_last_word_counts(member, site):
    with acting_as(a_coordinator(member)):
        mark_guidance(site=site, item=CELLAR, mark="READ")
        mark_guidance(site=site, item=CELLAR, mark="DONE")
        assert marks(site) == ["DONE"]


def test_not_applicable_needs_a_reason(member, site):
    with acting_as(a_coordinator(member)):
        for reason in ("", "   "):
            with pytest.raises(ValidationError) as refused:
                mark_guidance(site=site, item=CELLAR, mark="NOT_APPLICABLE", reason=reason)
            assert set(refused.value.message_dict) == {"reason"}
        assert marks(site) == []
        mark_guidance(site=site, item=CELLAR, mark="NOT_APPLICABLE", reason="We share the shelter of the school")
        assert marks(site) == ["NOT_APPLICABLE"]


def test_an_item_that_the_library_does_not_hold_is_refused(member, site):
    with acting_as(a_coordinator(member)), pytest.raises(ValidationError, match="no such item"):
        mark_guidance(site=site, item="invented", mark="READ")


def test_viewers_do_not_answer_and_reporters_only_at_their_own_site(member, site):
    other = a_site(member)
    with acting_as(a_viewer(member)), pytest.raises(PermissionDenied):
        mark_guidance(site=site, item=CELLAR, mark="READ")
    with acting_as(a_reporter(other)), pytest.raises(PermissionDenied):
        mark_guidance(site=site, item=CELLAR, mark="READ")
    with acting_as(a_reporter(site)):
        mark_guidance(site=site, item=CELLAR, mark="READ")


def test_the_page_of_a_site_shows_what_applies_and_leaves_out_what_is_settled(member, site):
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    page = client.get(f"/sites/{site.pk}/guidance/").content.decode()
    assert f"/support/guidance/{CELLAR}/" in page and "/support/guidance/exit-biicl/" not in page
    with acting_as(a_coordinator(member)):
        for item in applying(facts_of(site, "UNKNOWN")):
            mark_guidance(site=site, item=item.code, mark="DONE")
    page = client.get(f"/sites/{site.pk}/").content.decode()
    assert "All that applies was settled." in page


def test_a_missing_plan_brings_the_guidance_for_making_one_until_it_stands(member, site):
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    path, title = f"/sites/{site.pk}/guidance/", "Emergency and Evacuation Planning Guide for Employers"
    assert title in client.get(path).content.decode()
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(current_plan_adequate=True)
    assert title not in client.get(path).content.decode()
    today = timezone.localdate()
    for review_on, is_shown in ((today, False), (today - timedelta(days=1), True)):
        with acting_as(SYSTEM):
            Site.objects.filter(pk=site.pk).update(current_plan_review_on=review_on)
        assert (title in client.get(path).content.decode()) is is_shown, "out of date it is no plan, as in the gap list"


def test_the_form_answers_with_the_error_beside_the_reason_and_keeps_what_was_chosen(member, site):
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    path = f"/sites/{site.pk}/guidance/{CELLAR}/"
    refused = client.post(path, {"mark": "NOT_APPLICABLE", "reason": ""})
    assert refused.status_code == 422
    assert "Say why it does not apply here" in refused.content.decode()
    kept = client.post(path, {"mark": "NOT_APPLICABLE", "reason": "We share the shelter of the school"})
    assert kept.status_code == 302 and kept["Location"] == f"/sites/{site.pk}/guidance/"
    assert "We share the shelter of the school" in client.get(kept["Location"]).content.decode()


def test_the_team_reads_what_was_marked_but_never_why(member, site):
    with acting_as(a_coordinator(member)):
        mark_guidance(site=site, item=CELLAR, mark="NOT_APPLICABLE", reason="Behind the bakery")
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    page = analyst.get(f"/sites/{site.pk}/guidance/").content.decode()
    assert "Not applicable" in page and "bakery" not in page and "Lviv plant" not in page
    row = analyst.get("/api/v1/guidance-marks/").json()["results"][0]
    assert (row["mark"], row["reason"], row["item"]) == ("NOT_APPLICABLE", "", CELLAR)


def test_a_country_without_a_sourced_number_says_to_call_the_local_one(member):
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    georgian = a_site(member, admin1=an_area("GE-TB", "GE", "Tbilisi"))
    assert "Call your local emergency number first." in client.get(f"/sites/{georgian.pk}/guidance/").content.decode()
    ukrainian = a_site(member)
    assert "Call first: 101, 102, 103." in client.get(f"/sites/{ukrainian.pk}/guidance/").content.decode()


def test_the_api_answers_the_library_with_its_version(member):
    client = signed_in(a_user(member, "MEMBER_VIEWER"))
    answer = client.get("/api/v1/guidance/?topic=MINES&country=UA").json()
    assert answer["version"] >= 1
    assert {"mines-dovidka", "mines-three-nots"} <= {item["code"] for item in answer["results"]}
    assert client.get("/api/v1/guidance/?topic=WAR").status_code == 400
    assert client.get("/api/v1/guidance/?word=WAR").status_code == 400
    assert client.get("/api/v1/guidance/unknown/").status_code == 404


def test_search_finds_an_item_of_the_library(member):
    page = signed_in(a_user(member, "MEMBER_VIEWER")).get("/search/?q=landmine").content.decode()
    assert "Three Rules of Landmine Safety" in page
