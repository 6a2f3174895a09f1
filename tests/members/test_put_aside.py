"""What a phone sent while somebody else held it: nothing of it counts, asks or waits any longer, and every row stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Role
from members.access import actor_for_user
from members.models import CheckIn, Device, Notification, OtherAnswers, Site
from members.notifications import ask_next, calling_for_help, tell_that_help_is_not_needed
from members.projection import projections
from members.roll_call_seen import SeenRollCall
from members.services.devices import end_device
from members.services.lines import confirm_text_line, receive_text_line
from members.services.roll_calls import open_roll_call
from members.views.home import with_something_open
from tests.factories import a_head_count, a_site, a_status, a_user
from tests.members.test_batches import an_event, send, statuses
from tests.members.test_devices import a_phone
from tests.members.test_text_lines import a_line

pytestmark = pytest.mark.django_db
AN_HOUR = timedelta(hours=1)


def test_what_a_lost_phone_asked_for_and_said_otherwise_ends_with_it_and_who_was_asked_is_told():
    site, now = a_site(), timezone.now()
    a_status(site, "REDUCED", now - 9 * AN_HOUR)
    a_head_count(site, 100, now - 9 * AN_HOUR)
    phone, device = a_phone(site)
    her = a_user(site.organisation, Role.MEMBER_COORDINATOR)
    before = an_event(site, at=now - 4 * AN_HOUR)
    assert statuses(send(phone, before)) == ["stored"]
    with acting_as(SYSTEM):
        CheckIn.objects.update(received_at=now - 3 * AN_HOUR)
    call = an_event(site, operational="SUSPENDED", people="help", seq=2)
    with acting_as(actor_for_user(her, site.organisation_id)):
        roll_call = open_roll_call(site=site, incident="SHELLING", began_at=now - 2 * AN_HOUR)
    assert statuses(send(phone, {**before, "operational": "EVACUATED"}, call)) == ["conflict", "stored"]
    with acting_as(actor_for_user(her, site.organisation_id)) as actor:
        line = receive_text_line(organisation=site.organisation, text=a_line(device, "C", "U12", seq=3))
        sent = CheckIn.objects.get(pk=call["id"])
        ask_next(sent)
        assert with_something_open(CheckIn.objects.all()).count() == 3
        assert len(SeenRollCall(roll_call, actor).from_phones) == 2
        then = timezone.now()
        end_device(device=device, why=Device.Ended.LOST, ignore_since=now - AN_HOUR)
        assert not with_something_open(CheckIn.objects.all())
        assert not SeenRollCall(roll_call, actor).from_phones
        assert set(CheckIn.objects.exclude(put_aside_at=None)) == {sent, line}
        here = Site.objects.get(pk=site.pk)
        assert here.help_needed_since is None and here.current_operational == "OPERATING"
        assert here.last_contact_at == now - 3 * AN_HOUR, "what a stranger sent is no sign of life"
        assert projections([here], then)[site.pk]["last_contact_at"] > now, "and then it was taken for one"
        line.refresh_from_db()
        with pytest.raises(Conflict, match="put aside"):
            confirm_text_line(check_in=line)
    with acting_as(SYSTEM):
        assert OtherAnswers.objects.get().settled == OtherAnswers.Settled.FIRST
        assert not calling_for_help().exists()
        for event in AuditEvent.objects.filter(action="members.put_aside_check_in"):
            tell_that_help_is_not_needed(event)
        assert Notification.objects.filter(kind="help.over", user=her).count() == 1


def test_a_call_for_help_of_another_phone_stays_open():
    site = a_site()
    (lost, device), (other, _other) = a_phone(site), a_phone(site)
    assert statuses(send(lost, an_event(site, people="help"))) == ["stored"]
    theirs = an_event(site, people="help")
    assert statuses(send(other, theirs)) == ["stored"]
    with acting_as(actor_for_user(a_user(site.organisation, Role.MEMBER_COORDINATOR), site.organisation_id)):
        end_device(device=device, why=Device.Ended.LOST, ignore_since=timezone.now() - AN_HOUR)
        still = CheckIn.objects.get(pk=theirs["id"])
        assert list(calling_for_help()) == [still]
        assert Site.objects.get(pk=site.pk).help_needed_since == still.received_at
