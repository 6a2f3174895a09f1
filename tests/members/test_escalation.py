"""Silence is asked about step by step, once each; at night only what is urgent; and a call that somebody makes."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from aimprogress.core import sms
from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.core.ids import made_at
from aimprogress.core.permissions import Role
from aimprogress.figures.freshness import Fact
from members import late, telling
from members.call_tree import tree_of
from members.models import CallContact, CommunicationPlan, Escalation, MemberAnalyst, Notification, Site, User
from members.quiet import is_quiet
from members.services.calls import add_contact, close_call
from members.services.chase import note_call
from tests.api.clients import a_token
from tests.factories import a_coordinator, a_head_count, a_site, a_status, a_user, an_organisation, the_secretariat
from tests.members.plan_samples import a_communication_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAYTIME = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    monkeypatch.setattr(late, "is_quiet", lambda now: False)


@pytest.fixture
def member():
    return an_organisation()


def a_silent_site(member, hours, level=2):
    site = a_site(member)
    with acting_as(SYSTEM):
        from members.models import AlertLevelChange

        AlertLevelChange(
            organisation=member, site=site, level=level, previous=0, observed_at=timezone.now() - timedelta(days=99),
        ).save(force_insert=True)  # fmt: skip
    a_status(site, observed_at=timezone.now() - hours * HOUR)
    return site


def run():
    with acting_as(SYSTEM):
        return late.escalate_late()


def steps(site, fact="STATUS"):
    with acting_as(SYSTEM):
        return set(Escalation.objects.filter(site=site, fact=fact).values_list("step", flat=True))


def registered(member, hours, level):
    """A site whose id was made some hours ago and that never reported."""
    made = int((timezone.now() - hours * HOUR).timestamp() * 1000)
    site = a_site(member, id=UUID(int=made << 80 | 7 << 76 | 2 << 62 | member.pk.int % 2**60), alert_level=level)
    assert made_at(site.pk).timestamp() * 1000 == pytest.approx(made, abs=1)
    return site


@pytest.mark.parametrize(
    ("hours", "level", "due"),
    [
        (168, 2, []), (169, 2, ["REPORTER"]), (211, 2, ["REPORTER", "COORDINATOR"]), (336, 2, ["REPORTER", "COORDINATOR"]),
        (337, 2, ["REPORTER", "COORDINATOR", "ANALYST"]), (25, 3, ["REPORTER", "COORDINATOR"]),
        (13, 4, ["REPORTER", "COORDINATOR", "ANALYST", "CALL"]), (12, 4, ["REPORTER", "COORDINATOR"]),
    ],
)  # fmt: skip
def test_the_steps_follow_from_age_and_level(hours, level, due):
    assert late.steps_due(Fact.STATUS, hours * HOUR, level) == due


@pytest.mark.parametrize(("hour", "quiet"), [(22, True), (3, True), (6, True), (7, False), (12, False), (21, False)])
def test_the_night_is_that_of_kyiv(hour, quiet):
    assert is_quiet(timezone.localtime(DAYTIME).replace(hour=hour)) == quiet


def test_each_step_is_taken_once_and_a_newer_report_begins_anew(member):
    site = a_silent_site(member, 200)
    a_user(member, Role.SITE_REPORTER, sites=[site])
    assert run() == 1 and run() == 0 and steps(site) == {"REPORTER"}
    a_status(site, observed_at=timezone.now() - 180 * HOUR)
    assert run() == 1
    with acting_as(SYSTEM):
        assert Escalation.objects.filter(site=site, step="REPORTER").count() == 2


def test_mail_goes_to_who_is_next_and_says_nothing(member):
    site = a_silent_site(member, 200)
    reporter = a_user(member, Role.SITE_REPORTER, sites=[site])
    coordinator, analyst = a_user(member, Role.MEMBER_COORDINATOR), a_user(the_secretariat(), Role.AIM_ANALYST)
    run()
    assert [message.to for message in mail.outbox] == [[reporter.email]]
    a_silent_site(member, 220), a_silent_site(member, 400)
    mail.outbox.clear()
    run()
    told = [message.to[0] for message in mail.outbox]
    assert sorted(told) == sorted([coordinator.email, analyst.email]), "one mail each, however many sites"
    assert all(
        site.name not in message.body + message.subject and member.short_name not in message.body for message in mail.outbox
    )


def test_at_night_only_the_urgent_is_sent_and_the_rest_waits(member, monkeypatch):
    monkeypatch.setattr(late, "is_quiet", lambda now: True)
    calm, urgent = a_silent_site(member, 400, level=2), a_silent_site(member, 30, level=3)
    coordinator = a_user(member, Role.MEMBER_COORDINATOR)
    run()
    assert steps(calm) == set() and steps(urgent) == {"COORDINATOR"}
    assert [(message.to[0], message.subject) for message in mail.outbox] == [(coordinator.email, "Please sign in now")]
    monkeypatch.setattr(late, "is_quiet", lambda now: False)
    run()
    assert steps(calm) == {"COORDINATOR", "ANALYST"}


def test_nobody_writes_to_people_at_a_safety_profile_site(member):
    site = a_site(member, safety_profile=True)
    a_status(site, observed_at=timezone.now() - timedelta(days=31))
    a_user(member, Role.SITE_REPORTER, sites=[site])
    coordinator = a_user(member, Role.MEMBER_COORDINATOR)
    run()
    assert steps(site) == {"COORDINATOR"}, "nobody was asked there, so no step says so"
    assert [message.to for message in mail.outbox] == [[coordinator.email]]


def test_without_a_reporter_who_may_be_asked_the_coordinators_are_asked_at_once(member):
    coordinator, left = a_user(member, Role.MEMBER_COORDINATOR), a_user(member, Role.SITE_REPORTER)
    theirs = a_silent_site(member, 169)
    reporter = a_user(member, Role.SITE_REPORTER, sites=[theirs])
    run()
    assert [message.to for message in mail.outbox] == [[reporter.email]] and steps(theirs) == {"REPORTER"}
    mail.outbox.clear()
    nobodys = a_silent_site(member, 169)
    left.grants.update(site_ids=[nobodys.pk])
    User.objects.filter(pk=left.pk).update(is_active=False)
    run()
    assert [message.to for message in mail.outbox] == [[coordinator.email]] and steps(nobodys) == {"COORDINATOR"}


def test_a_head_count_that_is_late_is_asked_for_and_never_called_about(member):
    site = a_silent_site(member, 1, level=4)
    a_head_count(site, 10, timezone.now() - 20 * HOUR)
    run()
    assert steps(site) == set() and steps(site, "HEAD_COUNT") == {"COORDINATOR", "ANALYST"}


def test_a_closed_site_is_left_alone(member):
    site = a_silent_site(member, 300)
    a_status(site, "CLOSED", observed_at=timezone.now() - 290 * HOUR)
    assert run() == 0


def test_a_call_is_due_in_an_hour_until_it_is_made_or_the_site_reports(member):
    site = a_silent_site(member, 13, level=4)
    run()
    coordinator = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    assert site.name in coordinator.get("/calls/").content.decode()
    with acting_as(SYSTEM):
        call = Escalation.objects.get(step="CALL")
        assert call.due_at - call.raised_at == HOUR
    done = coordinator.post(f"/calls/{call.pk}/made/", {"outcome": "REACHED"}, follow=True).content.decode()
    assert site.name not in done and "No call is due" in done
    with acting_as(a_coordinator(member)), pytest.raises(Conflict):
        close_call(call=Escalation.objects.get(pk=call.pk), outcome="REACHED")
    again = a_silent_site(member, 14, level=4)
    run()
    assert again.name in coordinator.get("/calls/").content.decode()
    a_status(again)
    assert again.name not in coordinator.get("/calls/").content.decode()


def told(user):
    with acting_as(SYSTEM):
        return list(Notification.objects.filter(user=user).order_by("told_at").values_list("kind", "topic"))


def on_the_list(user):
    return [row["call"].pk for row in signed_in(user).get("/calls/").context["rows"]]


def test_whoever_is_asked_reads_it_in_the_portal_too_and_what_is_urgent_cannot_be_turned_down(member):
    calm, grave = a_silent_site(member, 169), a_silent_site(member, 25, level=3)
    reporters = [a_user(member, Role.SITE_REPORTER, sites=[site]) for site in (calm, grave)]
    run()
    assert [told(reporter) for reporter in reporters] == [[("site.remind", "WORK")], [("site.remind", "DANGER")]]
    coordinator, analyst = a_user(member, Role.MEMBER_COORDINATOR), a_user(the_secretariat(), Role.AIM_ANALYST)
    a_silent_site(member, 400)
    run()
    assert (told(coordinator), told(analyst)) == ([("site.late", "WORK")], [("site.stale", "WORK")])
    a_silent_site(member, 13, level=4)
    run()
    assert told(coordinator)[1:] == told(analyst)[1:] == [("call.due", "DANGER")], "of several the call"


def test_a_mail_server_that_was_down_at_three_in_the_night_has_lost_nobody(member, settings, monkeypatch):
    monkeypatch.setattr(late, "is_quiet", lambda now: True)
    monkeypatch.setattr(telling, "is_quiet", lambda now: True)
    coordinator = a_user(member, Role.MEMBER_COORDINATOR)
    a_silent_site(member, 13, level=4)
    settings.EMAIL_BACKEND = "tests.members.test_telling.Refusing"
    run()
    assert mail.outbox == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with acting_as(SYSTEM):
        assert (telling.mail_again(), telling.mail_again()) == (1, 0)
    assert [(message.to[0], message.subject) for message in mail.outbox] == [(coordinator.email, "Please sign in now")]


def test_a_call_that_nobody_answers_stays_and_is_due_again_in_half_an_hour(member):
    a_silent_site(member, 13, level=4)
    run()
    user = a_user(member, Role.MEMBER_COORDINATOR)
    (pk,) = on_the_list(user)
    page = signed_in(user).post(f"/calls/{pk}/made/", {"outcome": "NOT_REACHED"}, follow=True).content.decode()
    assert "due again in half an hour" in page and "nobody answered" in page and on_the_list(user) == [pk]
    with acting_as(SYSTEM):
        call = Escalation.objects.get(pk=pk)
    assert call.closed_at is None and call.due_at - call.tried_at == HOUR / 2
    with acting_as(a_coordinator(member)):
        close_call(call=call, outcome="REACHED")
    assert on_the_list(user) == []


def test_a_call_noted_in_the_round_as_unanswered_is_the_same(member):
    site = a_silent_site(member, 13, level=4)
    run()
    with acting_as(a_coordinator(member)):
        note_call(site=site, heard="NOT_REACHED")
        call = Escalation.objects.get(step="CALL")
    assert call.closed_at is None and call.due_at - call.tried_at == HOUR / 2


@pytest.mark.parametrize(("level", "hours"), [(4, 6), (3, 24)])
def test_a_call_that_heard_of_a_site_comes_back_once_where_no_report_follows_in_time(member, level, hours):
    site = a_silent_site(member, 60, level=level)
    run()
    user, analyst = a_user(member, Role.MEMBER_COORDINATOR), a_user(the_secretariat(), Role.AIM_ANALYST)
    (pk,) = on_the_list(user)
    page = signed_in(user).post(f"/calls/{pk}/made/", {"outcome": "REACHED"}, follow=True).content.decode()
    assert "If no report follows in time, the call comes back." in page and on_the_list(user) == []

    def closed(hours_ago, **also):
        with acting_as(SYSTEM):
            Escalation.objects.filter(pk=pk).update(closed_at=timezone.now() - hours_ago * HOUR, **also)

    closed(hours - 0.1)
    assert run() == 0 and on_the_list(user) == []
    closed(hours + 0.1, contacts_asked=2, alerted_at=timezone.now())
    assert (run(), run()) == (1, 0) and on_the_list(user) == [pk]
    with acting_as(SYSTEM):
        call = Escalation.objects.get(pk=pk)
    assert (call.closed_by_id, call.alerted_at, call.contacts_asked) == (None, None, 0)
    assert abs(call.due_at - timezone.now() - HOUR) < timedelta(minutes=1)
    assert told(user) == told(analyst) == [("call.due", "DANGER")]
    assert "heard of already, but no report followed" in signed_in(user).get("/calls/").content.decode()
    closed(hours + 0.1, outcome="OTHER_WAY")
    assert run() == 1 and on_the_list(user) == [pk], "what was heard another way ages as well"
    closed(hours + 0.1, outcome="REACHED")
    a_status(site, observed_at=timezone.now())
    assert run() == 0 and on_the_list(user) == [], "the report came"


def overdue(call, minutes=1):
    with acting_as(SYSTEM):
        Escalation.objects.filter(pk=call.pk).update(due_at=timezone.now() - timedelta(minutes=minutes))


def test_an_overdue_call_is_told_to_coordinators_and_analysts_once_for_each_time_it_is_due(member):
    a_silent_site(member, 13, level=4)
    run()
    people = [a_user(member, Role.MEMBER_COORDINATOR), a_user(the_secretariat(), Role.AIM_ANALYST)]
    with acting_as(SYSTEM):
        call = Escalation.objects.get(step="CALL")
    run()
    assert [told(user) for user in people] == [[], []], "not due yet"
    overdue(call)
    run(), run()
    assert [told(user) for user in people] == [[("call.late", "DANGER")]] * 2
    with acting_as(a_coordinator(member)):
        close_call(call=call, outcome="NOT_REACHED")
    run()
    assert [len(told(user)) for user in people] == [1, 1]
    with acting_as(SYSTEM):
        Escalation.objects.update(alerted_at=timezone.now() - HOUR)
    overdue(call)
    run(), run()
    assert [len(told(user)) for user in people] == [2, 2]


def test_while_a_call_is_overdue_the_next_of_the_list_is_asked_in_the_members_language(member, gateway, settings):
    settings.SMS_URL = f"http://me:secret@127.0.0.1:{gateway}/send"
    for language in ("uk", "uk", "uk", "en"):
        a_user(member, Role.MEMBER_COORDINATOR, language=language)
    with acting_as(a_coordinator(member)):
        for place in (1, 2):
            add_contact(organisation=member, role=f"Role {place}", number=f"+38044000000{place}", place=place)
    a_silent_site(member, 13, level=4), a_silent_site(member, 14, level=4)
    run(), run()
    asked = [json.loads(body) for _authorization, body in Gateway.received]
    assert [one["to"] for one in asked] == ["+380440000001"], "once, however many sites"
    assert asked[0]["text"] == "Будь ласка, увійдіть на портал зараз."
    with acting_as(SYSTEM):
        calls = list(Escalation.objects.filter(step="CALL"))
    for call in calls:
        overdue(call)
    run(), run()
    assert [json.loads(body)["to"] for _a, body in Gateway.received] == ["+380440000001", "+380440000002"]


def test_a_gateway_that_did_not_take_the_message_is_asked_again(member, gateway, settings):
    with acting_as(a_coordinator(member)):
        add_contact(organisation=member, role="First", number="+380442222222")
    a_silent_site(member, 13, level=4)
    settings.SMS_URL = f"http://127.0.0.1:{gateway}/moved"
    run()
    settings.SMS_URL = f"http://127.0.0.1:{gateway}/send"
    run(), run()
    assert len(Gateway.received) == 2


def test_a_site_out_of_danger_needs_no_call(member):
    site = a_silent_site(member, 13, level=4)
    run()
    user = a_user(member, Role.MEMBER_COORDINATOR)
    assert len(on_the_list(user)) == 1
    for level, left in ((3, 0), (4, 1), (1, 0)):  # 13 hours are in time at level 3
        with acting_as(SYSTEM):
            Site.objects.filter(pk=site.pk).update(alert_level=level)
        assert len(on_the_list(user)) == left


def test_a_program_reads_which_calls_are_due_and_no_number(member):
    site = a_silent_site(member, 13, level=4)
    run()
    with acting_as(a_coordinator(member)):
        add_contact(organisation=member, role="Duty manager", number="+380441234567")
    program = Client(headers={"Authorization": f"Bearer {a_token(member)}"})
    answer = program.get("/api/v1/due-calls/?country=UA")
    (row,) = answer.json()["results"]
    assert (row["site_id"], row["alert_level"], row["tried_at"]) == (str(site.pk), 4, None)
    assert row == program.get(f"/api/v1/due-calls/{row['id']}/").json() and row["since"] < row["due_at"]
    assert "380441234567" not in answer.content.decode() and "Duty manager" not in answer.content.decode()
    assert program.post("/api/v1/due-calls/", {}, content_type="application/json").status_code == 405
    heard = {"site": str(site.pk), "heard": "AS_BEFORE", "told_by": "Gatekeeper"}
    assert program.post("/api/v1/site-calls/", heard, content_type="application/json").status_code == 201
    assert program.get("/api/v1/due-calls/").json()["results"] == [], "somebody was reached"


def test_an_analyst_reads_the_number_under_a_reduced_name_and_closes_what_they_look_after(member):
    site = a_silent_site(member, 13, level=4)
    run()
    with acting_as(a_coordinator(member)):
        add_contact(organisation=member, role="Duty manager", number="+380 44 123-45-67", hours="nights")
    user, other = (a_user(the_secretariat(), Role.AIM_ANALYST) for _n in range(2))
    page = signed_in(user).get("/calls/").content.decode()  # nobody looks after the member: everybody does
    assert "+380441234567" in page and site.name not in page and "/made/" in page
    with acting_as(SYSTEM):
        MemberAnalyst.objects.create(analyst=user, organisation=member)
        assert AuditEvent.objects.filter(action="members.read_call_list").exists()
        made = f"/calls/{Escalation.objects.get(step=Escalation.Step.CALL).pk}/made/"
    assert made in signed_in(user).get("/calls/").content.decode()
    assert made not in signed_in(other).get("/calls/").content.decode()
    assert signed_in(other).post(made, {"outcome": "REACHED"}).status_code == 404
    assert signed_in(user).post(made, {"outcome": "REACHED"}).status_code == 302


def test_the_analyst_on_duty_reads_the_numbers_of_the_sites_own_call_tree_and_another_reads_none(member):
    site = a_silent_site(member, 13, level=4)
    a_communication_plan(site)
    with acting_as(SYSTEM):
        number = next(one.number for one in tree_of(CommunicationPlan.objects.get(site=site).call_tree) if one.number)
    with acting_as(a_coordinator(member)):
        add_contact(organisation=member, role="Duty manager", number="+380441234567")
    run()
    on_duty, other = (a_user(the_secretariat(), Role.AIM_ANALYST) for _n in range(2))
    for user in (on_duty, other):  # nobody looks after the member yet: whoever looks is on duty
        page = signed_in(user).get("/calls/").content.decode()
        assert page.index(number) < page.index("+380441234567")
    with acting_as(SYSTEM):
        MemberAnalyst.objects.create(analyst=on_duty, organisation=member)
    assert number in signed_in(on_duty).get("/calls/").content.decode()
    page = signed_in(other).get("/calls/").content.decode()
    assert number not in page and "+380441234567" not in page and "another analyst looks after this member" in page
    assert number in signed_in(a_user(member, Role.MEMBER_COORDINATOR)).get("/calls/").content.decode()


def test_nobody_gets_a_number_to_call_into_a_site_with_the_safety_profile(member):
    site = a_silent_site(member, 13, level=4)
    a_communication_plan(site)
    run()
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(safety_profile=True)
        number = next(one.number for one in tree_of(CommunicationPlan.objects.get(site=site).call_tree) if one.number)
    for user in (a_user(the_secretariat(), Role.AIM_ANALYST), a_user(member, Role.MEMBER_COORDINATOR)):
        assert number not in signed_in(user).get("/calls/").content.decode()


def test_numbers_are_encrypted_and_removed_without_a_trace(member):
    client = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    answers = {"role": "Duty manager", "number": "+380 (44) 123 45 67", "hours": "", "place": "1"}
    assert "+380441234567" in client.post("/call-list/add/", answers, follow=True).content.decode()
    with connection.cursor() as cursor, acting_as(SYSTEM):
        cursor.execute("SELECT number FROM members_callcontact")
        assert "44123" not in cursor.fetchone()[0]
        contact = CallContact.objects.get()
    assert client.post("/call-list/add/", answers | {"number": "112"}).status_code == 422
    client.post(f"/call-list/{contact.pk}/remove/")
    with acting_as(SYSTEM):
        assert not CallContact.objects.exists()


def test_a_number_needs_its_country(member):
    with pytest.raises(ValidationError), acting_as(a_coordinator(member)):
        add_contact(organisation=member, role="Duty manager", number="044 123 45 67")


class Gateway(BaseHTTPRequestHandler):
    received: list[tuple[str, bytes]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.headers["Authorization"], body))
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def gateway():
    Gateway.received = []
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_the_gateway_gets_a_number_and_words_without_content(member, gateway, settings):
    settings.SMS_URL = f"http://me:secret@127.0.0.1:{gateway}/send"
    site = a_silent_site(member, 13, level=4)
    with acting_as(a_coordinator(member)):
        add_contact(organisation=member, role="Second", number="+380441111111", place=2)
        add_contact(organisation=member, role="First", number="+380442222222", place=1)
    run()
    assert Gateway.received == [("Basic bWU6c2VjcmV0", b'{"to": "+380442222222", "text": "Please sign in to the portal now."}')]
    assert site.name.encode() not in Gateway.received[0][1]


def test_without_a_gateway_or_over_plain_http_nobody_is_asked(gateway, settings):
    settings.SMS_URL = ""
    assert sms.ask_by_sms("+380441111111") is False
    settings.SMS_URL = "http://gateway.example/send"
    assert sms.ask_by_sms("+380441111111") is False
    settings.SMS_URL = f"http://127.0.0.1:{gateway}/moved"
    assert sms.ask_by_sms("+380441111111") is False and len(Gateway.received) == 1, "a redirect is not followed"


def test_a_site_that_never_reported_is_asked_about_from_the_day_it_was_registered(member):
    young, old, urgent = registered(member, 100, 2), registered(member, 400, 2), registered(member, 60, 3)
    run()
    assert steps(young) == set()
    assert steps(old) == {"COORDINATOR", "ANALYST"}
    assert "CALL" in steps(urgent)
    assert run() == 0
    coordinator = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    assert [row["call"].site_id for row in coordinator.get("/calls/").context["rows"]] == [urgent.pk]
    a_status(urgent)
    assert coordinator.get("/calls/").context["rows"] == []


def test_an_id_that_does_not_say_when_it_was_made_asks_about_nothing(member):
    site = a_site(member, id=uuid4(), alert_level=4)
    run()
    assert steps(site) == set()
