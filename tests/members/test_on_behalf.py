"""What is entered for somebody else says who told it; one report for many sites is shown before it is made, and undone whole."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Role
from members.models import BulkCheckIn, HeadCount, Site, SiteStatus
from members.models.bulk import UNDO_WITHIN
from members.services.bulk import check_in_together, planned, undo_bulk_check_in
from members.services.sites import log_site_status
from tests.factories import (
    a_coordinator,
    a_head_count,
    a_reporter,
    a_site,
    a_status,
    a_user,
    an_area,
    an_organisation,
    the_secretariat,
)
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TOLD = {"told_by": "Shift lead, by telephone", "source_type": "WORKER_REP", "confidence": "B"}


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def silent(member):
    """Three sites of one region that fell silent as they were, and one that reported just now."""
    then = timezone.now() - 80 * DAY
    sites = [a_site(member, name=f"Mill {n}") for n in range(3)]
    for site, code in zip(sites, ("OPERATING", "REDUCED", "EVACUATED"), strict=True):
        a_status(site, code, then, control="LOST" if code == "EVACUATED" else "MEMBER")
    a_status(a_site(member, name="Talkative depot"))
    return sites


def said(site):
    with acting_as(SYSTEM):
        return Site.objects.get(pk=site.pk)


def report(sites, **fields):
    return check_in_together(
        sites=[site.pk for site in sites], **{"operational": "", "observed_at": timezone.now(), **TOLD, **fields}
    )


def test_second_hand_is_never_confirmed(member):
    site = a_site(member)
    with pytest.raises(ValidationError) as refused, acting_as(a_coordinator(member)):
        log_site_status(site=site, operational="REDUCED", source_type="WORKER_REP", told_by="Shift lead")
    assert "confidence" in refused.value.message_dict


def test_the_story_says_who_told_it_and_outsiders_do_not_read_the_role(member):
    site = a_site(member)
    client = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    form = client.get(f"/sites/{site.pk}/status/?told=1").content.decode()
    assert '<option value="B" selected>' in form
    answers = {"operational": "REDUCED", "control": "MEMBER", "damage": "9", **TOLD}
    page = client.post(f"/sites/{site.pk}/status/", answers, follow=True).content.decode()
    assert "as told by Shift lead, by telephone" in page and "Credible, second-hand" in page
    analyst = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST)).get(f"/sites/{site.pk}/").content.decode()
    assert "Credible, second-hand" in analyst and "Shift lead" not in analyst


def test_each_site_stays_as_it_was_or_becomes_what_was_said(member, silent):
    with acting_as(a_coordinator(member)):
        report(silent)
        assert [said(site).current_operational for site in silent] == ["OPERATING", "REDUCED", "EVACUATED"]
        assert all(said(site).current_confidence == "B" for site in silent)
        report(silent[:2], operational="SUSPENDED", reason="POWER", observed_at=timezone.now())
    assert [said(site).current_operational for site in silent] == ["SUSPENDED", "SUSPENDED", "EVACUATED"]
    assert said(silent[0]).current_reason == "POWER" and said(silent[2]).current_control == "LOST"


def test_no_head_count_is_renewed_by_it(member, silent):
    a_head_count(silent[0], 40, timezone.now() - 80 * DAY)
    with acting_as(a_coordinator(member)):
        report(silent)
        assert HeadCount.objects.count() == 1


def test_what_one_site_cannot_take_stops_the_whole_report(member, silent):
    """A lost site does not operate."""
    now = timezone.now()
    with acting_as(a_coordinator(member)):
        plan = planned(silent, operational="OPERATING", observed_at=now)
        assert [bool(one.refusal) for one in plan] == [False, False, True]
        with pytest.raises(ValidationError):
            report(silent, operational="OPERATING")
        assert SiteStatus.objects.filter(site__in=silent).count() == 3
        never, newer = a_site(member), a_site(member)
        a_status(newer)
        newer.refresh_from_db()
        refused = planned([never, newer], operational="", observed_at=now - DAY)
    assert all(one.refusal for one in refused)


def test_a_call_for_help_is_answered_by_itself(member, silent):
    with acting_as(SYSTEM):
        Site.objects.filter(pk=silent[0].pk).update(help_needed_since=timezone.now())
        silent[0].refresh_from_db()
    assert planned(silent, operational="REDUCED", observed_at=timezone.now())[0].refusal


def test_the_report_is_taken_back_whole_by_its_author_for_a_while(member, silent):
    coordinator = a_coordinator(member)
    with acting_as(coordinator):
        bulk = report(silent, operational="SUSPENDED", reason="POWER", observed_at=timezone.now())
    with acting_as(a_coordinator(member)), pytest.raises(PermissionDenied):
        undo_bulk_check_in(bulk=bulk)
    with acting_as(coordinator):
        undo_bulk_check_in(bulk=bulk)
        assert [said(site).current_operational for site in silent] == ["OPERATING", "REDUCED", "EVACUATED"]
        assert SiteStatus.objects.filter(bulk=bulk).exclude(retracted_at=None).count() == 3
        with pytest.raises(Conflict):
            undo_bulk_check_in(bulk=bulk)
        later = report(silent)
        later.made_at -= UNDO_WITHIN + timedelta(seconds=1)
        later.save()
        with pytest.raises(Conflict):
            undo_bulk_check_in(bulk=later)


def test_nobody_reports_for_sites_of_others(member, silent):
    with acting_as(a_coordinator(an_organisation())), pytest.raises(ValidationError):
        report(silent)
    with acting_as(a_reporter(silent[0])):
        with pytest.raises((PermissionDenied, ValidationError)):
            report(silent)
        assert report(silent[:1]).sites == 1


def test_the_page_shows_what_would_change_before_it_changes(member, silent):
    client = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    answers = {"only_late": "on", "operational": "OPERATING", **TOLD}
    page = client.post("/sites/report-together/", answers).content.decode()
    assert page.count('type="checkbox" name="site"') == 2 and "Talkative depot" not in page
    assert "A lost or seized site is not operated by the member." in page
    with acting_as(SYSTEM):
        assert not BulkCheckIn.objects.exists()
    chosen = answers | {"do": "apply", "site": [str(silent[0].pk)]}
    done = client.post("/sites/report-together/", chosen, follow=True).content.decode()
    assert "1 site was reported." in done and "/take-back/" in done
    assert said(silent[0]).current_status_at > said(silent[1]).current_status_at
    with acting_as(SYSTEM):
        bulk = BulkCheckIn.objects.get()
    client.post(f"/sites/report-together/{bulk.pk}/take-back/")
    assert said(silent[0]).current_status_at < timezone.now() - DAY


def test_the_region_narrows_the_sites_and_nothing_ticked_says_so(member, silent):
    other = a_site(member, name="Far mill", admin1=an_area("UA63", name="Kharkiv"))
    a_status(other, observed_at=timezone.now() - 80 * DAY)
    client = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    page = client.post("/sites/report-together/", {"admin1": "UA63", "only_late": "on", **TOLD}).content.decode()
    assert "Far mill" in page and "Mill 0" not in page
    refused = client.post("/sites/report-together/", {"only_late": "on", "do": "apply", "site": ["x"], **TOLD})
    assert refused.status_code == 422 and "Choose at least one site" in refused.content.decode()
    assert client.post("/sites/report-together/", {"only_late": "on"}).status_code == 422
