"""Notifications: told once, mailed as chosen, without content, and read by their owner only."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.jobs.delivery import deliver
from aimprogress.jobs.models import EventPosition
from members import support_notifications
from members.access import actor_for_user
from members.guidance import library
from members.models import Bulletin, MemberAnalyst, NoticeSetting, Notification, RoleGrant, SupportCase
from members.services.bulletins import publish_bulletin
from members.services.cases import open_case, write_to_case
from members.services.notifications import keep_notice_settings
from members.support_notifications import BULLETIN, remind_of_bulletins, remind_of_old_guidance, watch_case_clocks
from members.telling import MESSAGES, mail_again, mail_digests, tell
from tests.factories import a_site, a_user, an_analyst, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
TOLD = {"key": "bulletin.1"}


@pytest.fixture
def member():
    member = an_organisation()
    a_site(member)
    return member


@pytest.fixture
def user(member):
    return a_user(member, "MEMBER_COORDINATOR", email="coordinator@example.org")


def say(user, member, key="bulletin.1", **more) -> int:
    with acting_as(SYSTEM):
        return tell([user], BULLETIN, organisation_id=member.pk, key=key, **more)


def choose(user, member, by: str) -> None:
    with acting_as(actor_for_user(user, member.pk)):
        keep_notice_settings(settings={"BULLETIN": by})


def test_the_same_thing_is_told_and_mailed_once(user, member, mailoutbox):
    assert (say(user, member), say(user, member)) == (1, 0)
    with acting_as(SYSTEM):
        assert Notification.objects.count() == 1
    assert len(mailoutbox) == 1


def test_an_event_that_arrives_twice_tells_once(user, member, mailoutbox):
    with acting_as(an_analyst()):
        publish_bulletin(level="URGENT", topic="POWER", title="Power", text="Check fuel.")
    deliver()
    with acting_as(SYSTEM):
        EventPosition.objects.filter(consumer__contains="tell_of_a_bulletin").update(seq=0)
    deliver()
    with acting_as(SYSTEM):
        assert [row.kind for row in Notification.objects.filter(user=user)] == ["bulletin"]
    assert [mail.to for mail in mailoutbox] == [["coordinator@example.org"]]


def test_a_mail_says_nothing_of_what_happened(user, member, mailoutbox):
    with acting_as(actor_for_user(user, member.pk)):
        case = open_case(
            organisation=member, category="SAFETY", urgency="P1", summary="Buses at Kharkiv", text="Two are missing."
        )
    with acting_as(an_analyst()):
        write_to_case(case_id=case.pk, text="Call Olena.")
    deliver()
    assert mailoutbox
    for mail in mailoutbox:
        for word in ("Buses", "Kharkiv", "Olena", "case", "support", member.short_name):
            assert word not in f"{mail.subject} {mail.body}"


def test_who_chose_one_mail_a_day_gets_one_mail_a_day(user, member, mailoutbox):
    choose(user, member, "DAILY")
    for n in range(3):
        say(user, member, key=f"bulletin.{n}")
    assert mailoutbox == []
    with acting_as(SYSTEM):
        assert (mail_digests(), mail_digests()) == (1, 0)
    assert len(mailoutbox) == 1 and "3 things wait" in mailoutbox[0].body


def test_who_chose_the_portal_is_never_mailed(user, member, mailoutbox):
    choose(user, member, "PORTAL")
    say(user, member)
    with acting_as(SYSTEM):
        assert mail_digests() == 0
        assert Notification.objects.filter(user=user).count() == 1
    assert mailoutbox == []


def test_the_choice_made_in_one_organisation_is_not_that_of_another(user, member, mailoutbox):
    other = an_organisation()
    RoleGrant.objects.create(user=user, organisation=other, role="MEMBER_COORDINATOR")
    choose(user, other, "PORTAL")
    assert say(user, member) == 1 and say(user, other, key="bulletin.2") == 0
    assert len(mailoutbox) == 1


def test_what_was_read_in_the_portal_is_not_mailed_any_more(user, member, mailoutbox):
    choose(user, member, "DAILY")
    say(user, member)
    client = signed_in(user)
    assert client.post("/notifications/read/").status_code == 302
    with acting_as(SYSTEM):
        assert mail_digests() == 0


def test_a_mail_that_the_server_refused_comes_with_the_next_digest(user, member, mailoutbox, settings):
    settings.EMAIL_BACKEND = "tests.members.test_telling.Refusing"
    say(user, member)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with acting_as(SYSTEM):
        assert mail_digests() == 1


def test_a_digest_that_the_server_refused_is_sent_with_the_next_and_counted_as_nothing(user, member, mailoutbox, settings):
    choose(user, member, "DAILY")
    say(user, member)
    settings.EMAIL_BACKEND = "tests.members.test_telling.Refusing"
    with acting_as(SYSTEM):
        assert mail_digests() == 0
        assert Notification.objects.get(user=user).mailed_at is None
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with acting_as(SYSTEM):
        assert (mail_digests(), mail_digests()) == (1, 0)
    assert len(mailoutbox) == 1


def test_what_was_refused_is_mailed_again_once_unless_it_was_read_or_can_wait_for_the_day(
    user, member, mailoutbox, settings, monkeypatch
):
    reader, daily = (a_user(member, "MEMBER_COORDINATOR") for _n in range(2))
    choose(daily, member, "DAILY")
    settings.EMAIL_BACKEND = "tests.members.test_telling.Refusing"
    for one in (user, reader, daily):
        say(one, member, key="bulletin.1"), say(one, member, key="bulletin.2")
    signed_in(reader).post("/notifications/read/")
    with acting_as(SYSTEM):
        assert mail_again() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with acting_as(SYSTEM):
        monkeypatch.setattr("members.telling.is_quiet", lambda now: True)
        assert mail_again() == 0, "it can wait for the morning"
        monkeypatch.setattr("members.telling.is_quiet", lambda now: False)
        assert (mail_again(), mail_again()) == (1, 0)
    assert [mail.to for mail in mailoutbox] == [["coordinator@example.org"]], "one mail for both"


class Refusing:
    """A mail server that is down."""

    def __init__(self, *args, **kwargs) -> None:
        pass

    def send_messages(self, messages) -> int:
        raise ConnectionRefusedError


def test_evacuations_and_calls_for_help_cannot_be_turned_down(user, member):
    for topic in ("EVACUATION", "HELP"):
        with acting_as(actor_for_user(user, member.pk)), pytest.raises(ValidationError):
            keep_notice_settings(settings={topic: "PORTAL"})


def test_the_settings_page_keeps_a_choice_for_each_topic(user, member):
    client = signed_in(user)
    page = client.get("/notifications/settings/").content.decode()
    assert 'name="CASE"' in page and 'name="EVACUATION"' not in page
    chosen = {"CASE": "DAILY", "BULLETIN": "PORTAL", "MEETING": "DAILY", "ACCESS": "AT_ONCE", "WORK": "AT_ONCE"}
    assert client.post("/notifications/settings/", chosen).status_code == 302
    with acting_as(SYSTEM):
        assert dict(NoticeSetting.objects.filter(user=user).values_list("topic", "by")) == chosen


def test_the_bell_counts_what_is_unread_and_opening_takes_one_away(user, member):
    with acting_as(an_analyst()):
        bulletin = publish_bulletin(level="INFO", topic="POWER", title="Power", text="Check fuel.")
    say(user, member, subject_id=bulletin.pk)
    client = signed_in(user)
    page = client.get("/notifications/").content.decode()
    assert "Notifications: 1 unread" in page and "A new bulletin of AIM-Progress" in page
    with acting_as(SYSTEM):
        row = Notification.objects.get()
    opened = client.post(f"/notifications/{row.pk}/open/")
    assert opened["Location"] == f"/support/bulletins/{bulletin.pk}/"
    assert "Notifications: 1 unread" not in client.get("/notifications/").content.decode()


def test_a_colleague_does_not_read_or_open_it(user, member):
    say(user, member)
    with acting_as(SYSTEM):
        row = Notification.objects.get()
    colleague = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    assert "A new bulletin" not in colleague.get("/notifications/").content.decode()
    assert colleague.post(f"/notifications/{row.pk}/open/").status_code == 404


def test_who_left_is_not_told(user, member):
    user.grants.update(revoked_at=timezone.now())
    assert say(user, member) == 0


def test_an_overdue_answer_is_told_to_the_team_once_for_each_time_it_is_owed(user, member, mailoutbox):
    analyst = a_user(the_secretariat(), "AIM_ANALYST")
    with acting_as(actor_for_user(user, member.pk)):
        case = open_case(organisation=member, category="SAFETY", urgency="P1", summary="Buses", text="Two.")
    with acting_as(SYSTEM):
        SupportCase.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(minutes=3))
        watch_case_clocks()
        watch_case_clocks()
        told = Notification.objects.filter(user=analyst, kind="case.overdue")
        assert told.count() == 1
        SupportCase.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(minutes=1))
        watch_case_clocks()
        assert told.count() == 2


def test_where_life_is_in_danger_the_whole_team_is_told_at_once_and_again_at_half_time(user, member):
    mine, other = a_user(the_secretariat(), "AIM_ANALYST"), a_user(the_secretariat(), "AIM_ANALYST")
    with acting_as(SYSTEM):
        MemberAnalyst.objects.create(organisation=member, analyst=mine)
    with acting_as(actor_for_user(user, member.pk)):
        case = open_case(organisation=member, category="SAFETY", urgency="P1", summary="Buses", text="Two.")
        open_case(organisation=member, category="DATA", urgency="P3", summary="Files", text="Two.")
    deliver()
    with acting_as(SYSTEM):
        opened = Notification.objects.filter(kind="case.opened")
        assert (opened.filter(user=mine).count(), opened.filter(user=other).count()) == (2, 1)
        half = Notification.objects.filter(user=other, kind="case.half")
        watch_case_clocks()
        assert half.count() == 0
        SupportCase.objects.filter(pk=case.pk).update(due_at=timezone.now() + timedelta(minutes=50))
        watch_case_clocks()
        watch_case_clocks()
        assert half.count() == 1


def test_guidance_that_should_be_read_again_is_told_to_the_team_once(monkeypatch):
    analyst = a_user(the_secretariat(), "AIM_ANALYST")
    item = next(iter(library().values()))
    old = replace(item, read_on=timezone.localdate() - timedelta(days=366))
    monkeypatch.setattr(support_notifications, "library", lambda: {item.code: old, "young": replace(item, code="young")})
    told = {"user": analyst, "kind": "guidance.old"}
    with acting_as(SYSTEM):
        remind_of_old_guidance()
        remind_of_old_guidance()
        assert Notification.objects.filter(**told).count() == 1


def test_coordinators_who_have_not_confirmed_in_time_are_reminded_once(user, member):
    with acting_as(an_analyst()):
        bulletin = publish_bulletin(level="ADVISORY", topic="POWER", title="Power", text="Check fuel.")
    reminded = {"user": user, "kind": "bulletin.late"}
    with acting_as(SYSTEM):
        remind_of_bulletins()
        assert not Notification.objects.filter(**reminded).exists()
        Bulletin.objects.filter(pk=bulletin.pk).update(issued_at=timezone.now() - timedelta(hours=73))
        remind_of_bulletins()
        remind_of_bulletins()
        assert Notification.objects.filter(**reminded).count() == 1


def test_every_kind_leads_to_a_page_that_stands():
    from uuid import uuid4

    for message in MESSAGES.values():
        assert not message.page or message.url(uuid4()) or message.url(None), message.kind
