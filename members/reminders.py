"""Reminders that somebody pressed, and sites that somebody handed over: who is told, and when."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.audit import AuditEvent
from aimprogress.core.events import on
from aimprogress.jobs.timetable import timetabled
from members.late import CHECK_IN, URGENT_LEVEL
from members.models import NoticeTopic, Reminder, SiteCare
from members.quiet import is_quiet
from members.recipients import reporters_of
from members.telling import message, tell

HANDED_OVER = message("site.handed_over", NoticeTopic.WORK, _("A site was handed over to you"), "members:site")
POINTLESS_AFTER = timedelta(days=1)


@timetabled("members.send_reminders", every=timedelta(minutes=5))
def send_reminders() -> int:
    """Send what waits: at night only about sites in danger, and nothing where a report came meanwhile. Returns how many."""
    now, sent = timezone.now(), 0
    waiting = Reminder.objects.filter(told_at=None, reminded_at__gt=now - POINTLESS_AFTER).select_related("site")
    for reminder in waiting.order_by("reminded_at", "id"):
        site, urgent = reminder.site, reminder.site.alert_level >= URGENT_LEVEL
        if site.current_status_at != reminder.since or (not urgent and is_quiet(now)):
            continue
        tell(
            reporters_of(site), CHECK_IN.in_danger if urgent else CHECK_IN, organisation_id=site.organisation_id,
            subject_id=site.pk, key=f"remind.{reminder.pk}", urgent=urgent,
        )  # fmt: skip
        sent += Reminder.objects.filter(pk=reminder.pk).update(told_at=now)
    return sent


@on("members.remind_site", max_age=POINTLESS_AFTER)
def remind_at_once(event: AuditEvent) -> None:
    """Somebody pressed "Remind": it need not wait for the clock."""
    send_reminders()


@on("members.hand_over_site", max_age=timedelta(days=2))
def tell_who_looks_after_it_now(event: AuditEvent) -> None:
    """A site was handed over, or several at once: who follows them up from now on is told, once."""
    if care := SiteCare.objects.filter(pk=event.object_id).select_related("user").first():
        tell(
            [care.user], HANDED_OVER, organisation_id=care.organisation_id, subject_id=care.site_id,
            key=f"handed-over.{care.since:%Y%m%d%H%M%S%f}",
        )  # fmt: skip
