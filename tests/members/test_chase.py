"""From her own desk: a coordinator reminds a site, calls it, enters what she heard, and hands it to a colleague."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Role
from members import late, reminders
from members.models import CallContact, Notification, Reminder, Site, SiteCall, SiteCare, SiteStatus
from members.models.bulk import UNDO_WITHIN
from members.models.chase import REMIND_AGAIN_AFTER
from members.services.chase import hand_over_site, note_call, remind_sites, undo_site_call
from members.services.checkins import record_check_in
from members.views.home import LATE_SHOWN
from tests.api.clients import a_program
from tests.factories import a_coordinator, a_reporter, a_site, a_status, a_user, an_area, an_organisation
from tests.members.plan_samples import a_communication_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    monkeypatch.setattr(reminders, "is_quiet", lambda now: False)


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def silent(member):
    site = a_site(member, name="Quiet mill")
    a_status(site, "REDUCED", timezone.now() - 70 * DAY)
    return site


@pytest.fixture
def her(member):
    return a_user(member, Role.MEMBER_COORDINATOR)


def said(site):
    with acting_as(SYSTEM):
        return Site.objects.get(pk=site.pk)


def send():
    with acting_as(SYSTEM):
        return reminders.send_reminders()


def test_a_reminder_asks_the_sites_own_reporters_once_and_says_nothing(member, silent):
    reporter = a_user(member, Role.SITE_REPORTER, sites=[silent])
    a_user(member, Role.SITE_REPORTER, sites=[a_site(member)])
    with acting_as(a_coordinator(member)):
        first = remind_sites(sites=[silent.pk])
        again = remind_sites(sites=[silent.pk])
    assert (len(first.now), len(again.now), len(again.before)) == (1, 0, 1)
    assert send() == 1 and send() == 0
    (message,) = mail.outbox
    assert message.to == [reporter.email] and silent.name not in message.subject + message.body
    with acting_as(SYSTEM):
        assert Notification.objects.get(user=reporter).kind == "site.remind"
        Reminder.objects.update(reminded_at=timezone.now() - REMIND_AGAIN_AFTER)
    with acting_as(a_coordinator(member)):
        assert len(remind_sites(sites=[silent.pk]).now) == 1, "hours later she may ask again"


def test_at_night_it_waits_unless_the_site_is_in_danger_and_a_report_makes_it_pointless(member, silent, monkeypatch):
    monkeypatch.setattr(reminders, "is_quiet", lambda now: True)
    grave, answered = a_site(member), a_site(member)
    a_user(member, Role.SITE_REPORTER, sites=[silent, grave, answered])
    with acting_as(SYSTEM):
        Site.objects.filter(pk__in=[grave.pk, answered.pk]).update(alert_level=3)
    with acting_as(a_coordinator(member)):
        remind_sites(sites=[silent.pk, grave.pk, answered.pk])
    a_status(answered)
    assert send() == 1 and len(mail.outbox) == 1
    monkeypatch.setattr(reminders, "is_quiet", lambda now: False)
    assert send() == 1


def test_nobody_is_mailed_at_a_site_with_the_safety_profile_or_without_a_reporter(member, silent):
    with acting_as(a_coordinator(member)), pytest.raises(ValidationError):
        remind_sites(sites=[silent.pk])
    a_user(member, Role.SITE_REPORTER, sites=[silent])
    with acting_as(SYSTEM):
        Site.objects.filter(pk=silent.pk).update(safety_profile=True)
    with acting_as(a_coordinator(member)), pytest.raises(ValidationError):
        remind_sites(sites=[silent.pk])


def test_many_sites_are_reminded_with_as_many_queries_as_one(member):
    actor = a_coordinator(member)

    def some(n):
        sites = [a_site(member) for _n in range(n)]
        a_user(member, Role.SITE_REPORTER, sites=sites)
        return [site.pk for site in sites]

    def queries(*chosen):
        with acting_as(actor), CaptureQueriesContext(connection) as made:
            done = remind_sites(sites=[pk for sites in chosen for pk in sites])
        return len(made), (len(done.now), len(done.before), len(done.nobody))

    nobody = [a_site(member, safety_profile=True).pk]
    queries(some(1))  # begins the audit trail of the member
    one, more, others = some(1), some(9), some(9)
    first = queries(one, nobody)
    assert first[1] == (1, 0, 1)
    assert queries(more, nobody) == (first[0], (9, 0, 1))
    assert queries(more, others, nobody) == (first[0], (9, 9, 1))


def test_only_the_own_coordinator_reminds(member, silent):
    a_user(member, Role.SITE_REPORTER, sites=[silent])
    for actor in (a_reporter(silent), a_coordinator(an_organisation())):
        with acting_as(actor), pytest.raises((PermissionDenied, ValidationError)):
            remind_sites(sites=[silent.pk])
    with acting_as(SYSTEM):
        assert not Reminder.objects.exists()


def test_what_a_call_brings_is_reported_as_second_hand_and_taken_back_with_it(member, silent):
    coordinator = a_coordinator(member)
    with acting_as(coordinator):
        call = note_call(site=silent, heard="SUSPENDED", told_by="Shift lead", reason="POWER")
        status = SiteStatus.objects.get(bulk=call.bulk)
    assert (status.operational, status.confidence, status.told_by) == ("SUSPENDED", "B", "Shift lead")
    assert said(silent).current_operational == "SUSPENDED"
    with acting_as(a_coordinator(member)), pytest.raises(PermissionDenied):
        undo_site_call(call=call)
    with acting_as(coordinator):
        undo_site_call(call=call)
        assert said(silent).current_operational == "REDUCED" and said(silent).current_status_at < timezone.now() - DAY
        with pytest.raises(Conflict):
            undo_site_call(call=call)
        late_call = note_call(site=silent, heard="NOT_REACHED")
        late_call.called_at -= UNDO_WITHIN + timedelta(seconds=1)
        with pytest.raises(Conflict):
            undo_site_call(call=late_call)


def test_a_call_that_nobody_answers_is_no_report_and_an_answer_names_a_role(member, silent):
    with acting_as(a_coordinator(member)):
        note_call(site=silent, heard="NOT_REACHED")
        assert SiteStatus.objects.filter(site=silent).count() == 1
        for wrong in ({"heard": "AS_BEFORE"}, {"heard": "SUSPENDED", "told_by": "Gate"}, {"heard": "SHUT", "told_by": "Gate"}):
            with pytest.raises(ValidationError):
                note_call(site=silent, **wrong)
        assert SiteCall.objects.count() == 1 and SiteStatus.objects.filter(site=silent).count() == 1


def test_the_call_page_shows_the_sites_roles_first_and_logs_the_look(member, silent, her):
    plan = a_communication_plan(silent)
    with acting_as(SYSTEM):
        CallContact(organisation=member, role="Duty manager", number="+380441234567").save(force_insert=True)
        plan.call_tree = [{"name": "Gate", "number": "+380501112233", "people": 1}]
        plan.status = "APPROVED"
        plan.save()
    page = signed_in(her).get(f"/sites/{silent.pk}/call/").content.decode()
    assert page.index("tel:+380501112233") < page.index("tel:+380441234567")
    with acting_as(SYSTEM):
        assert AuditEvent.objects.filter(action="members.read_call_list").count() == 1
        Site.objects.filter(pk=silent.pk).update(safety_profile=True)
    assert "tel:" not in signed_in(her).get(f"/sites/{silent.pk}/call/").content.decode()


def test_a_site_that_was_handed_over_leaves_her_follow_ups_and_the_colleague_is_told(member, silent, her):
    colleague = a_user(member, Role.MEMBER_COORDINATOR)
    with acting_as(a_reporter(silent)):
        record_check_in(site=silent, operational="SUSPENDED", people="all")
    assert "ask for the reason" in signed_in(her).get("/overview/").content.decode()
    page = signed_in(her).post(
        f"/sites/{silent.pk}/hand-over/", {"user": colleague.pk, "note": "Boiler repair"}, follow=True
    ).content.decode()  # fmt: skip
    assert "The site was handed over" in page and "ask for the reason" not in page
    assert "ask for the reason" in signed_in(colleague).get("/overview/").content.decode()
    with acting_as(SYSTEM):
        event = AuditEvent.objects.get(action="members.hand_over_site")
        reminders.tell_who_looks_after_it_now(event)
        assert Notification.objects.get(user=colleague).kind == "site.handed_over"
    with acting_as(a_reporter(silent)):
        record_check_in(site=silent, people="help")
    assert "Someone needs help" in signed_in(her).get("/overview/").content.decode(), "a call for help is everybody's"
    with acting_as(SYSTEM):
        type(colleague).objects.filter(pk=colleague.pk).update(is_active=False)
    assert "ask for the reason" in signed_in(her).get("/overview/").content.decode(), "who left looks after nothing"


def test_several_sites_are_handed_over_at_once_found_by_who_follows_them_up_and_given_back_to_everybody(member, her):
    colleague = a_user(member, Role.MEMBER_COORDINATOR)
    sites = [a_site(member, name=f"Mill {n}") for n in range(4)]
    client, others = signed_in(her), signed_in(colleague)

    def listed(of, whom):
        return {row["name"] for row in of.get(f"/sites/?care={whom}").context["rows"]}

    with acting_as(a_coordinator(member)):
        hand_over_site(site=sites[0], user=her, also=[site.pk for site in sites[1:3]])
    assert listed(client, "me") == {"Mill 0", "Mill 1", "Mill 2"} and listed(client, "all") == {"Mill 3"}
    said = {"user": colleague.pk, "note": "Leave", "also": [sites[1].pk]}
    foreign = client.post(f"/sites/{sites[0].pk}/hand-over/", said | {"also": [sites[3].pk]})
    assert foreign.status_code == 422, "only what is hers goes along"
    assert client.post(f"/sites/{sites[0].pk}/hand-over/", said).status_code == 302
    assert listed(others, "me") == listed(client, "other") == {"Mill 0", "Mill 1"} and listed(client, "me") == {"Mill 2"}
    with acting_as(SYSTEM):
        events = AuditEvent.objects.filter(action="members.hand_over_site").order_by("seq")
        assert events.count() == 5, "each stands in the trail"
        for event in events:
            reminders.tell_who_looks_after_it_now(event)
        assert Notification.objects.filter(user=colleague).count() == 1, "and is told once"
    for wrong in ({}, {"user": colleague.pk, "to_everybody": "on"}):
        assert client.post(f"/sites/{sites[2].pk}/hand-over/", wrong).status_code == 422
    done = client.post(f"/sites/{sites[2].pk}/hand-over/", {"to_everybody": "on"}, follow=True).content.decode()
    assert "Every coordinator follows the site up again." in done and listed(client, "all") == {"Mill 2", "Mill 3"}


@pytest.fixture
def listed_by_two(monkeypatch):
    """A list of sites with two on a page."""
    monkeypatch.setattr("members.views.sites.SiteList.page_size", 2)


def offered(page):
    """The sites that the page hands over, unless a box is emptied."""
    return set(re.findall(r'name="sites" value="([^"]+)"[^>]* checked', page.content.decode()))


def test_sites_ticked_in_the_list_are_reminded_and_handed_over_and_no_other(member, her, listed_by_two):
    colleague, client = a_user(member, Role.MEMBER_COORDINATOR), signed_in(her)
    sites = [a_site(member, name=f"Mill {n}") for n in range(3)]
    a_user(member, Role.SITE_REPORTER, sites=sites)
    page = client.get("/sites/").content.decode()
    assert f'value="{sites[0].pk}" form="bulk"' in page and "Choose Mill 1" in page and 'name="all"' in page
    asked = {"row": [sites[0].pk, sites[2].pk], "next": "/sites/?country=UA"}
    look = client.get("/sites/remind/", asked)
    assert [site["name"] for site in look.context["sites"]] == ["Mill 0", "Mill 2"] and ">2 sites<" in look.content.decode()
    with acting_as(SYSTEM):
        assert not Reminder.objects.exists(), "to look asks nobody"
    done = client.post("/sites/remind/?next=/sites/", {"site": [sites[0].pk, sites[2].pk]}, follow=True)
    assert "The reporters of 2 sites are asked to check in." in done.content.decode() and done.request["PATH_INFO"] == "/sites/"
    assert offered(client.get("/sites/hand-over/", asked)) == {str(sites[0].pk), str(sites[2].pk)}
    given = {"sites": [sites[0].pk, sites[2].pk], "user": colleague.pk}
    done = client.post("/sites/hand-over/?next=/sites/%3Fcountry%3DUA", given, follow=True)
    assert "The sites were handed over." in done.content.decode() and done.request["QUERY_STRING"] == "country=UA"
    with acting_as(SYSTEM):
        assert set(SiteCare.objects.values_list("site__name", "user")) == {("Mill 0", colleague.pk), ("Mill 2", colleague.pk)}


def test_the_whole_list_is_what_its_filters_show_on_all_of_its_pages(member, her, listed_by_two):
    client = signed_in(her)
    mills = [a_site(member, name=f"Mill {n}") for n in range(5)]
    a_site(member, name="Depot"), a_site(an_organisation(), name="Mill of others")
    a_status(mills[4], "CLOSED", timezone.now())
    whole = {"all": "1", "query": "q=Mill", "row": [mills[0].pk]}
    reminded = client.get("/sites/remind/", whole).context["sites"]
    assert {site["name"] for site in reminded} == {f"Mill {n}" for n in range(4)}
    assert offered(client.get("/sites/hand-over/", whole)) == {str(site.pk) for site in mills[:4]}


def test_more_sites_than_can_be_looked_at_are_refused_with_words(member, her, monkeypatch):
    monkeypatch.setattr("aimprogress.web.chosen.MOST_CHOSEN", 1)
    client = signed_in(her)
    for n in range(2):
        a_site(member, name=f"Mill {n}")
    remind = client.get("/sites/remind/", {"all": "1", "query": ""})
    assert "These are more than 1." in remind.content.decode() and 'name="site"' not in remind.content.decode()
    assert "These are more than 1." in client.get("/sites/hand-over/", {"all": "1"}, follow=True).content.decode()


def test_without_a_chosen_site_of_ones_own_nothing_is_handed_over(member, her):
    client, foreign = signed_in(her), a_site(an_organisation())
    for chosen in ({}, {"row": "nothing"}, {"row": str(foreign.pk)}, {"all": "1", "query": "country=nowhere"}):
        assert "Choose at least one site." in client.get("/sites/hand-over/", chosen, follow=True).content.decode()
    assert client.post("/sites/hand-over/", {"sites": [str(foreign.pk)], "user": her.pk}).status_code == 422
    own = a_site(member)
    refused = client.post("/sites/hand-over/", {"sites": [str(own.pk)]})
    assert refused.status_code == 422 and "give the sites back to everybody" in refused.content.decode()
    done = client.post("/sites/hand-over/", {"sites": [str(own.pk)], "to_everybody": "on"}, follow=True).content.decode()
    assert "Every coordinator follows these sites up again." in done


def test_only_who_works_at_the_desk_finds_boxes_in_the_list_of_sites(member, silent, her):
    assert 'id="bulk"' in signed_in(her).get("/sites/").content.decode()
    for role in (Role.MEMBER_VIEWER, Role.SITE_REPORTER):
        sites = [silent] if role == Role.SITE_REPORTER else []
        page = signed_in(a_user(member, role, sites=sites)).get("/sites/").content.decode()
        assert "Quiet mill" in page and 'id="bulk"' not in page and 'name="row"' not in page
    a_status(silent, "REDUCED", timezone.now() - 2 * DAY, recorded_at=timezone.now() - 2 * DAY)
    page = signed_in(her).get("/sites/", {"as_of": (timezone.now() - DAY).isoformat()}).content.decode()
    assert "Quiet mill" in page and 'id="bulk"' not in page, "nothing is done in the past"


def test_a_site_is_handed_to_a_coordinator_of_the_member_only(member, silent):
    for stranger in (a_user(member, Role.MEMBER_VIEWER), a_user(an_organisation(), Role.MEMBER_COORDINATOR)):
        with acting_as(a_coordinator(member)), pytest.raises(ValidationError):
            hand_over_site(site=silent, user=stranger)
    with acting_as(SYSTEM):
        assert not SiteCare.objects.exists()


def test_every_deed_is_two_presses_from_the_row_and_absent_for_who_may_not(member, silent, her):
    a_user(member, Role.SITE_REPORTER, sites=[silent])
    client = signed_in(her)
    page = client.get("/overview/").content.decode()
    row = page.split("Overdue check-ins")[1].split("</details>")[0]
    for target in ("/sites/remind/", f"/sites/{silent.pk}/call/", f"/sites/{silent.pk}/status/?told=1",
                   f"/actions/add/?site={silent.pk}", f"/sites/{silent.pk}/hand-over/"):  # fmt: skip
        assert target in row
    done = client.post("/sites/remind/", {"site": str(silent.pk)}, follow=True).content.decode()
    assert "The reporters of 1 site are asked to check in." in done
    assert "last reminded:" in done and "Coordinator" in done.split("last reminded:")[1][:200]
    viewer = signed_in(a_user(member, Role.MEMBER_VIEWER)).get("/overview/").content.decode()
    assert "Quiet mill" in viewer and "/sites/remind/" not in viewer and "/call/" not in viewer


@pytest.mark.parametrize("chosen", ["", "?site=nothing", "?site=0198f2f0-0000-7000-8000-000000000000"])
def test_reminding_without_a_site_says_so_and_leads_back(her, chosen):
    client = signed_in(her)
    page = client.get(f"/sites/remind/{chosen}")
    text = page.content.decode().split("<main")[1]
    assert page.status_code == 200 and "No site was chosen" in text and "<button" not in text
    assert 'href="/overview/"' in text
    refused = client.post(f"/sites/remind/{chosen}")
    assert refused.status_code == 422 and "No site was chosen." in refused.content.decode()


def test_all_that_are_late_are_reminded_with_one_press(member, her):
    sites = [a_site(member, name=f"Mill {n}") for n in range(LATE_SHOWN + 4)]
    polish = an_area("PL06", country="PL", name="Lublin")
    in_time, protected = a_site(member), a_site(member, safety_profile=True)
    elsewhere = a_site(member, country="PL", admin1=polish)
    a_status(in_time)
    for site in (*sites, protected, elsewhere):
        a_status(site, observed_at=timezone.now() - 40 * DAY)
    a_user(member, Role.SITE_REPORTER, sites=[*sites[:-1], in_time, protected, elsewhere])
    client = signed_in(her)
    page = client.get("/overview/?country=UA").content.decode()
    assert f"Remind all {LATE_SHOWN + 3} late sites" in page, "not only those that are shown"
    done = client.post("/sites/remind/", {"late": "1", "country": "UA"}, follow=True).content.decode()
    assert f"The reporters of {LATE_SHOWN + 3} sites are asked" in done
    with acting_as(SYSTEM):
        assert set(Reminder.objects.values_list("site_id", flat=True)) == {site.pk for site in sites[:-1]}
    refused = client.post("/sites/remind/", {"site": ["x"]})
    assert refused.status_code == 422


def test_the_portals_own_reminder_is_shown_as_one(member, silent, her, monkeypatch):
    monkeypatch.setattr(late, "is_quiet", lambda now: False)
    a_user(member, Role.SITE_REPORTER, sites=[silent])
    with acting_as(SYSTEM):
        late.escalate_late()
    assert "the portal" in signed_in(her).get("/overview/").content.decode().split("last reminded:")[1][:200]


def test_the_worst_of_the_late_stand_first_whatever_their_age(member, her):
    old, grave = a_site(member, name="Old and calm"), a_site(member, name="Grave")
    a_status(old, observed_at=timezone.now() - 31 * DAY)
    a_status(grave, observed_at=timezone.now() - 5 * DAY)
    never = a_site(member, name="Never heard of")
    with acting_as(SYSTEM):
        Site.objects.filter(pk=grave.pk).update(alert_level=4)
    page = signed_in(her).get("/overview/").content.decode().split("Overdue check-ins")[1]
    assert page.index("Grave") < page.index("Old and calm") < page.index(never.name)


def test_a_program_reminds_and_notes_calls_as_a_coordinator_does(member, silent):
    a_reporter(silent)
    program, body = a_program(member), {"site": str(silent.pk)}
    made = program.post("/api/v1/reminders/", body)
    assert made.status_code == 201, made.content
    again = program.post("/api/v1/reminders/", body)
    assert again.json()["id"] == made.json()["id"], "nobody is mailed twice"
    page = signed_in(a_user(member, Role.MEMBER_COORDINATOR)).get("/overview/").content.decode()
    assert "a program" in page
    refused = program.post("/api/v1/site-calls/", body | {"heard": "AS_BEFORE"})
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/told_by"]
    heard = {"heard": "SUSPENDED", "told_by": "Gatekeeper", "reason": "POWER"}
    call = program.post("/api/v1/site-calls/", body | heard)
    assert call.status_code == 201, call.content
    assert said(silent).current_operational == "SUSPENDED" and call.json()["told_by"] == "Gatekeeper"
    assert [row["id"] for row in program.get(f"/api/v1/site-calls/?site={silent.pk}").json()["results"]] == [call.json()["id"]]
    with acting_as(SYSTEM):
        SiteCall.objects.update(undone_at=timezone.now())
    assert program.get("/api/v1/site-calls/").json()["results"] == [], "what was taken back is not there"


def test_a_program_that_may_not_call_reads_and_reminds_nothing(member, silent):
    a_reporter(silent)
    program = a_program(member, scopes=["site:read"])
    assert program.post("/api/v1/reminders/", {"site": str(silent.pk)}).status_code == 403
    assert program.get("/api/v1/reminders/").status_code == program.get("/api/v1/site-calls/").status_code == 403
    nobody = a_program(member).post("/api/v1/reminders/", {"site": str(a_site(member, safety_profile=True).pk)})
    assert nobody.status_code == 400 and "Call." in nobody.json()["errors"][0]["message"]
