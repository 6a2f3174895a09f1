"""Who is told at once that a site is in danger: its level rose, a grave hazard, people who left, people who are not reached.

Told to all coordinators of the member and, but for people not reached, to its analysts (domain.md 3.2, 3.3); whoever reported it
knows. Each is told once, however often it is confirmed.
"""

from collections.abc import Iterable
from datetime import timedelta
from itertools import takewhile
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.audit import AuditEvent
from aimprogress.core.events import on
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.staging import WRITTEN
from members.late import URGENT_LEVEL
from members.models import (
    AlertLevelChange,
    CheckIn,
    HazardReport,
    HazardSeverity,
    NoticeTopic,
    Operational,
    PlanActivation,
    Site,
    SiteStatus,
)
from members.projection import newest
from members.recipients import analysts_of, coordinators_of
from members.telling import Message, message, tell

LEVEL = message("site.level", NoticeTopic.DANGER, _("The alert level of a site rose to severe or extreme"), "members:site")
HAZARD = message("site.hazard", NoticeTopic.DANGER, _("A grave hazard was reported at a site"), "members:site")
EVACUATED = message("site.evacuated", NoticeTopic.DANGER, _("A site reports that its people have left"), "members:site")
MANY_EVACUATED = message(
    "sites.evacuated", NoticeTopic.DANGER, _("Several sites report that their people have left"), "members:sites"
)
NOT_REACHED = message(
    "site.not_reached", NoticeTopic.DANGER, _("A site reports people who are not reached"), "members:follow_ups"
)
NEWS_FOR = timedelta(hours=6)


@on("members.change_alert_level", max_age=NEWS_FOR)
def tell_that_a_level_rose(event: AuditEvent) -> None:
    """To severe or extreme, and it stands so. With an evacuation it rises of itself: that is told as an evacuation."""
    rose = AlertLevelChange.objects.filter(
        pk=event.object_id, level__gte=URGENT_LEVEL, retracted_at=None, site__alert_level__gte=URGENT_LEVEL
    )
    change = rose.first()
    if change is None or (change.previous or 0) >= change.level:
        return
    leaving = PlanActivation.objects.filter(site_id=change.site_id, stood_down_at=None, level=change.level)
    if not leaving.exists():
        _tell(event, LEVEL, change.site_id, key=f"level.{change.pk}")


@on("members.report_hazard", max_age=NEWS_FOR)
def tell_of_a_grave_hazard(event: AuditEvent) -> None:
    """A hazard is grave; the key is the report with which it became so, and a second one of it tells nothing."""
    report = HazardReport.objects.filter(pk=event.object_id, severity=HazardSeverity.GRAVE).first()
    if report is None:
        return
    of_it = newest(HazardReport.objects.filter(site_id=report.site_id, hazard=report.hazard))
    grave = list(takewhile(lambda one: one.severity == HazardSeverity.GRAVE, of_it))
    if grave:
        _tell(event, HAZARD, report.site_id, key=f"hazard.{grave[-1].pk}")


@on(
    "members.log_site_status", "members.correct_site_status", "members.record_check_in", "members.check_in_together",
    "exchange.apply_import", max_age=NEWS_FOR,
)  # fmt: skip
def tell_that_people_have_left(event: AuditEvent) -> None:
    """Sites read evacuated since a short while ago; the key is when that began, so that a second report of it tells nothing.

    Of many sites, of a check-in or of a list, there is one notice.
    """
    said = (
        _said_by_a_list(event)
        if event.action == "exchange.apply_import"
        else SiteStatus.objects.filter(Q(pk=event.object_id) | Q(check_in=event.object_id) | Q(bulk=event.object_id))
    )
    sites = Site.objects.filter(
        pk__in=said.filter(operational=Operational.EVACUATED).values("site_id"), current_operational=Operational.EVACUATED,
        current_changed_at__gt=timezone.now() - NEWS_FOR,
    )  # fmt: skip
    left = list(sites.order_by("pk")[:2])
    if len(left) == 1:
        _tell(event, EVACUATED, left[0].pk, key=f"evacuated.{left[0].pk}.{left[0].current_status_since:%Y%m%d%H%M%S}")
    elif left:
        _tell(event, MANY_EVACUATED, None, key=f"evacuated.{event.object_id}")


def _said_by_a_list(event: AuditEvent) -> QuerySet[SiteStatus]:
    """Reports of the sites of an imported list by which the portal first knew how they are, from whoever imported it."""
    rows = ImportRow.objects.filter(batch=event.object_id, target_id__isnull=False, outcome__in=WRITTEN)
    first = SiteStatus.objects.filter(reported_by=event.actor_id, recorded_at=F("site__current_changed_at"))
    return first.filter(site__in=rows.order_by().values("target_id"))


@on("members.record_check_in", max_age=NEWS_FOR)
def tell_that_people_are_not_reached(event: AuditEvent) -> None:
    """A check-in says that people are not reached, and nobody has taken it on."""
    check_in = CheckIn.objects.filter(pk=event.object_id).first()
    if check_in and CheckIn.FollowUp.NOT_REACHED in check_in.left_open:
        _tell(event, NOT_REACHED, None, key=f"not-reached.{check_in.pk}", analysts=False)


def _tell(event: AuditEvent, what: Message, site_id: UUID | None, *, key: str, analysts: bool = True) -> None:
    member = event.organisation_id
    told: Iterable = {*coordinators_of(member), *(analysts_of(member) if analysts else ())}
    others = sorted((user for user in told if user.pk != event.actor_id), key=lambda user: str(user.pk))
    tell(others, what, organisation_id=member, subject_id=site_id, key=key, urgent=True)
