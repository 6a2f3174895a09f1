"""The demo breathes: by the clock its sites report, its levels move and its plans are approved again (decisions 6.2)."""

from datetime import datetime, timedelta

from django.utils import timezone

from aimprogress.figures.freshness import Band, Fact, cadence, freshness
from members.models import (
    AlertLevelChange,
    CommunicationPlan,
    EvacuationPlan,
    HeadCount,
    PlanActivation,
    PlanStatus,
    RollCall,
    Site,
    SiteStatus,
)
from members.planning import review_date
from members.rounds import ROUNDS
from members.services.roll_calls import begin_roll_call
from members.services.sites import change_alert_level, lock, newest, refresh_current

LEFT_SILENT = timedelta(days=3)  # a demo site that is silent stays silent, unless the whole portal slept
LEFT_OVERDUE = timedelta(days=10)  # some plans are overdue, none for long
RAISED, LOWERED = "More air alerts than usual", "Quiet for a day"


def pulse_of_the_demo() -> int:
    """What people would have done since: reports, approvals, a level up and one down. Returns how many sites reported."""
    now = timezone.now()
    PlanActivation.objects.filter(stood_down_at=None, activated_at__lt=now - timedelta(days=1)).update(
        activated_at=now - timedelta(hours=6)
    )
    _call_again(now)
    move_a_level(now)
    _approve_again(now)
    return _report_again(now)


def _report_again(now: datetime) -> int:
    """Repeat the last report of every site that is soon due; the silent ones stay silent."""
    reported = 0
    latest = Site.objects.order_by("-current_status_at").exclude(current_status_at=None).first()
    asleep = latest is not None and now - latest.current_status_at > LEFT_SILENT
    for site in Site.objects.exclude(current_status_at=None).order_by("pk"):
        age = freshness(Fact.STATUS, observed_at=site.current_status_at, alert_level=site.alert_level, now=now)
        if age.band == Band.CURRENT or (age.band == Band.STALE and not asleep):
            continue
        for model in (SiteStatus, HeadCount):
            if last := newest(model.objects.filter(site=site)).first():
                copy = model.objects.get(pk=last.pk)
                copy.pk, copy._state.adding = None, True
                copy.id, copy.check_in, copy.supersedes = model._meta.pk.get_default(), None, None
                copy.observed_at, copy.recorded_at = now - cadence(Fact.STATUS, site.alert_level) * 0.1, now
                copy.strict = last.strict if model is HeadCount else None
                copy.save(force_insert=True)
        refresh_current(lock(site))
        reported += 1
    return reported


def _call_again(now: datetime) -> None:
    """The open roll calls of the demo are never older than their last round."""
    for roll_call in RollCall.objects.filter(closed_at=None, began_at__lt=now - ROUNDS[-1]).select_related("site"):
        roll_call.closed_at, roll_call.due_at, roll_call.closing_reason = now, None, "Everybody was found"
        roll_call.save()
        begin_roll_call(roll_call.site, incident=roll_call.incident, began_at=now - ROUNDS[0])


def _approve_again(now: datetime) -> None:
    """Whoever owns a plan has looked at it again, a few days late."""
    today = timezone.localdate(now)
    for model in (EvacuationPlan, CommunicationPlan):
        late = model.objects.filter(status=PlanStatus.APPROVED, next_review_on__lt=today - LEFT_OVERDUE)
        for plan in late.select_related("site").select_for_update(of=("self",)).order_by("site"):
            plan.approved_at, plan.next_review_on = now, review_date(plan.site.alert_level, today)
            plan.save(update_fields=["approved_at", "next_review_on"])
            refresh_current(lock(plan.site))


def move_a_level(now: datetime) -> None:
    """Each day one site has a worse day than usual, and the one of the day before a quiet one."""
    last = AlertLevelChange.objects.filter(reason=RAISED).order_by("-observed_at").select_related("site").first()
    if last is not None and now - last.observed_at < timedelta(days=1):
        return
    if last is not None and last.site.alert_level == last.level:
        change_alert_level(site=last.site, level=last.previous, reason=LOWERED, observed_at=now)
    calm = list(Site.objects.filter(alert_level__in=(1, 2), safety_profile=False).order_by("pk"))
    if calm:
        site = calm[now.toordinal() % len(calm)]
        change_alert_level(site=site, level=site.alert_level + 1, reason=RAISED, observed_at=now)
