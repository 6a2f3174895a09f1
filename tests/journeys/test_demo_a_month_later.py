"""A demo that was loaded a month ago and opened now: alive, and not all stale (decisions 6.2)."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.freshness import Band, Fact, freshness
from aimprogress.figures.registry import FigureScope, measure_all
from aimprogress.places.reference import load_reference
from aimprogress.web.demo import LOADERS, Demo
from humanitarian.tasks import pulse_of_the_demo as pulse_of_actions
from members.demo import MEMBERS
from members.models import AlertLevelChange, Operational, Site
from members.pulse import LOWERED, RAISED, move_a_level, pulse_of_the_demo
from members.services.sites import change_alert_level
from tests.factories import a_site, an_organisation

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)


@pytest.fixture
def slept(db, monkeypatch):
    """The demo as it was loaded thirty days ago; since then nobody started the portal."""
    monkeypatch.setattr("members.demo.MEMBERS", MEMBERS[:2])  # two of the fourteen: sixty sites do as well
    load_reference()
    autodiscover_modules("demo")
    demo = Demo()
    demo.now -= MONTH
    for _order, _name, load in sorted(LOADERS, key=lambda entry: entry[:2]):
        with acting_as(SYSTEM):
            load(demo)
    return demo


def bands() -> Counter:
    now = timezone.now()
    sites = Site.objects.exclude(current_operational__in=(Operational.CLOSED, Operational.DIVESTED))
    return Counter(
        freshness(Fact.STATUS, observed_at=site.current_status_at, alert_level=site.alert_level, now=now).band for site in sites
    )


def figures() -> dict[str, int]:
    return {name: figure.value for name, figure in measure_all(FigureScope()).items()}


def test_a_portal_opened_a_month_later_is_alive(slept):
    with acting_as(SYSTEM):
        assert AlertLevelChange.objects.exclude(reason="").count() > 5, "the ninety days before the demo are not all alike"
        before, asleep = bands(), figures()
        assert before[Band.STALE] > before.total() / 2, "nobody reported for a month"
        pulse_of_the_demo()
        pulse_of_actions()
        after, awake = bands(), figures()
    assert after[Band.CURRENT] > 0.9 * after.total()
    assert after[Band.NEVER] == before[Band.NEVER] > 0, "what never reported stays a hard case"
    assert awake["people.accounted_rate"] is not None
    for name in ("plans.review_overdue", "actions.overdue"):
        assert 0 <= awake[name] < asleep[name] / 2, name
    assert awake["sites.evacuating"] == asleep["sites.evacuating"]


def test_a_level_rises_each_day_and_falls_the_day_after():
    now, member = timezone.now(), an_organisation()
    for _number in range(3):
        site = a_site(member)
        with acting_as(SYSTEM):
            change_alert_level(site=site, level=1, observed_at=now - timedelta(days=9))
    with acting_as(SYSTEM):
        for hours_ago in (50, 49, 3, 2):  # twice on each of two days
            move_a_level(now - timedelta(hours=hours_ago))
        first, fall, second = AlertLevelChange.objects.exclude(reason="").order_by("observed_at", "id")
        assert [first.reason, fall.reason, second.reason] == [RAISED, LOWERED, RAISED]
        assert (fall.site_id, fall.level, fall.previous) == (first.site_id, first.previous, first.level)
        assert second.site_id != first.site_id
        assert Site.objects.get(pk=second.site_id).alert_level == second.level == second.previous + 1
        assert Site.objects.get(pk=first.site_id).alert_level == first.previous
