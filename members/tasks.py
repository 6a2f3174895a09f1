"""What runs by the clock in this app. The demo breathes: a portal opened a month later is not all stale."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from aimprogress.figures.freshness import Band, Fact, cadence, freshness
from aimprogress.jobs.timetable import timetabled
from members.models import HeadCount, PlanActivation, Site, SiteStatus
from members.services.sites import newest, refresh_current
from members.weeks import count_next_week

LEFT_SILENT = timedelta(days=3)  # a demo site that is silent stays silent, unless the whole portal slept


def pulse_of_the_demo() -> int:
    """Repeat the last report of every demo site that is soon due; the silent ones stay silent. Returns how many reported."""
    now, reported = timezone.now(), 0
    PlanActivation.objects.filter(stood_down_at=None, activated_at__lt=now - timedelta(days=1)).update(
        activated_at=now - timedelta(hours=6)
    )
    latest = Site.objects.order_by("-current_status_at").exclude(current_status_at=None).first()
    asleep = latest is not None and now - latest.current_status_at > LEFT_SILENT
    for site in Site.objects.exclude(current_status_at=None):
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
        refresh_current(site)
        reported += 1
    return reported


@timetabled("members.count_weeks", every=timedelta(hours=1))
def count_weeks() -> None:
    """Count the week that ended, or one of those that were missed."""
    count_next_week(now=timezone.now())


if settings.DEMO:
    timetabled("members.pulse_of_the_demo", every=timedelta(hours=1))(pulse_of_the_demo)
