"""Silence is asked about, step by step: reporter, coordinator, analyst, and a call (domain.md 3.3).

Every step about one late report is taken once. At night only what is urgent wakes people; the rest waits for the morning.
Whoever is asked gets one mail a run, however many sites are late, and it says nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from aimprogress.core.ids import made_at
from aimprogress.core.notify import ask_to_sign_in
from aimprogress.core.sms import ask_by_sms
from aimprogress.figures.freshness import Band, Fact, cadence, in_bands
from aimprogress.figures.numbers import number
from aimprogress.jobs.timetable import timetabled
from members.models import CallContact, Escalation, Site, User
from members.recipients import analysts_of, coordinators_of, reporters_of

EVERY = timedelta(minutes=5)
CALL_WITHIN = timedelta(hours=1)
URGENT_LEVEL = 3
OBSERVED = {Fact.STATUS: "current_status_at", Fact.HEAD_COUNT: "current_headcount_at"}
Step = Escalation.Step


def steps_due(fact: Fact, age: timedelta, alert_level: int) -> list[str]:
    """The steps that a report of this age calls for at an alert level, in their order. Pure."""
    ratio = Decimal(age // timedelta.resolution) / Decimal(cadence(fact, alert_level) // timedelta.resolution)
    urgent = alert_level >= URGENT_LEVEL
    from_ratio = {step: Decimal(text) for step, text in zip(Step, number("ESCALATION_RATIOS"), strict=True)}
    if urgent:  # nobody waits for the reporter where people are in danger
        from_ratio[Step.COORDINATOR] = from_ratio[Step.REPORTER]
    if not urgent or fact is not Fact.STATUS:
        del from_ratio[Step.CALL]
    return [step for step, least in from_ratio.items() if ratio > least]


def is_quiet(now: datetime) -> bool:
    """Whether it is night in Kyiv, when only what is urgent is sent."""
    begins, ends = number("QUIET_HOURS")
    hour = timezone.localtime(now).hour
    return hour >= begins or hour < ends if begins > ends else begins <= hour < ends


class Late(NamedTuple):
    """A site whose report is late."""

    site: UUID
    organisation: UUID
    level: int
    since: datetime
    has_safety_profile: bool


@timetabled("members.escalate_late", every=EVERY)
def escalate_late() -> int:
    """Take the steps that are due and were not taken yet; returns how many. Acts as SYSTEM."""
    now = timezone.now()
    new = [escalation for fact in Fact for escalation in _new(fact, now)]
    Escalation.objects.bulk_create((escalation for escalation, _late in new), ignore_conflicts=True)
    _tell(new, now)
    return len(new)


def _new(fact: Fact, now: datetime) -> Iterator[tuple[Escalation, Late]]:
    """The steps about late reports of one kind that nobody has taken, but for those that wait for the morning."""
    late = list(_late(fact, now))
    taken = set(
        Escalation.objects.filter(fact=fact, site_id__in=[one.site for one in late]).values_list("site_id", "since", "step")
    )
    for one in late:
        if one.level < URGENT_LEVEL and is_quiet(now):
            continue
        for step in steps_due(fact, now - one.since, one.level):
            if (one.site, one.since, step) not in taken:
                yield Escalation(
                    organisation_id=one.organisation, site_id=one.site, fact=fact, since=one.since, step=step, raised_at=now,
                    due_at=now + CALL_WITHIN if step == Step.CALL else None,
                ), one  # fmt: skip


def _late(fact: Fact, now: datetime) -> Iterator[Late]:
    observed = OBSERVED[fact]
    sites = Site.objects.open().filter(in_bands([Band.OVERDUE, Band.STALE], fact, now=now, observed=observed)).order_by("pk")
    yield from map(Late._make, sites.values_list("pk", "organisation_id", "alert_level", observed, "safety_profile"))
    never = Site.objects.open().filter(**{observed: None}).order_by("pk")
    for pk, *about, profile in never.values_list("pk", "organisation_id", "alert_level", "safety_profile"):
        if since := made_at(pk):  # a site that never reported is late since it was registered
            yield Late(pk, *about, since, profile)


def _tell(new: Iterable[tuple[Escalation, Late]], now: datetime) -> None:
    """One mail for each person, urgent where any of the sites is; for a call also a message to the first of the call list."""
    coordinators, analysts = cache(coordinators_of), cache(analysts_of)
    urgent_of: dict[User, bool] = {}
    calls: set[UUID] = set()
    for escalation, late in new:
        told: Any = {
            Step.REPORTER: lambda late=late: reporters_of(Site(pk=late.site, safety_profile=late.has_safety_profile)),
            Step.COORDINATOR: lambda late=late: coordinators(late.organisation),
            Step.ANALYST: lambda late=late: analysts(late.organisation),
            Step.CALL: lambda late=late: [*coordinators(late.organisation), *analysts(late.organisation)],
        }[escalation.step]()
        for user in told:
            urgent_of[user] = urgent_of.get(user, False) or late.level >= URGENT_LEVEL
        if escalation.step == Step.CALL:
            calls.add(late.organisation)
    for user, urgent in sorted(urgent_of.items(), key=lambda one: str(one[0].pk)):
        ask_to_sign_in([user], urgent=urgent, key=f"late.{now:%Y%m%d%H%M}")
    for organisation in sorted(calls):
        if first := CallContact.objects.filter(organisation_id=organisation).order_by("place", "id").first():
            ask_by_sms(first.number)
