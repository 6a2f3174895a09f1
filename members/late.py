"""Silence is asked about, step by step: reporter, coordinator, analyst, and a call (domain.md 3.3, docs/decisions/0009).

Every step about one late report is taken once. At night only what is urgent wakes people; the rest waits for the morning.
Whoever is asked is told once a run, however many sites are late, and the mail says nothing. A call stays until somebody was
reached, the site reports, or it is out of danger: while it is overdue the next of the call list is asked. One that heard of
the site, by telephone or another way, comes back where no report follows within the cadence of the site.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from aimprogress.core.ids import made_at
from aimprogress.core.sms import ask_by_sms
from aimprogress.figures.freshness import LEVELS, Band, Fact, cadence, in_bands
from aimprogress.figures.numbers import number
from aimprogress.jobs.timetable import timetabled
from members.models import CallContact, Escalation, NoticeTopic, Site, User
from members.quiet import is_quiet
from members.recipients import analysts_of, coordinators_of, language_at, reporters_of, sites_with_reporters
from members.telling import Message, message, tell

EVERY = timedelta(minutes=5)
CALL_WITHIN = timedelta(hours=1)
CALL_AGAIN_AFTER = timedelta(minutes=30)
URGENT_LEVEL = 3
OBSERVED = {Fact.STATUS: "current_status_at", Fact.HEAD_COUNT: "current_headcount_at"}
Step = Escalation.Step

CHECK_IN = message("site.remind", NoticeTopic.WORK, _("You are asked to check in"), "members:site")
SITES_LATE = message("site.late", NoticeTopic.WORK, _("Sites are late with a report"), "members:overview")
MEMBERS_LATE = message("site.stale", NoticeTopic.WORK, _("Sites of a member have not reported for long"), "members:dashboard")
CALL_DUE = message("call.due", NoticeTopic.DANGER, _("A site has to be called within an hour"), "members:calls")
CALL_LATE = message("call.late", NoticeTopic.DANGER, _("Nobody has reached a site that has to be called"), "members:calls")
TOLD = {Step.REPORTER: CHECK_IN, Step.COORDINATOR: SITES_LATE, Step.ANALYST: MEMBERS_LATE, Step.CALL: CALL_DUE}
"""What each step says; somebody whom several concern is told the last of them."""


def steps_due(fact: Fact, age: timedelta, alert_level: int, *, reporter: bool = True) -> list[str]:
    """The steps that a report of this age calls for at an alert level, in their order. Pure.

    reporter: whether the site has a reporter who may be asked; where it has none, its coordinators are asked in their place.
    """
    ratio = Decimal(age // timedelta.resolution) / Decimal(cadence(fact, alert_level) // timedelta.resolution)
    urgent = alert_level >= URGENT_LEVEL
    from_ratio = {step: Decimal(text) for step, text in zip(Step, number("ESCALATION_RATIOS"), strict=True)}
    if urgent or not reporter:  # nobody waits for the reporter where people are in danger, or for one who is not there
        from_ratio[Step.COORDINATOR] = from_ratio[Step.REPORTER]
    if not reporter:
        del from_ratio[Step.REPORTER]
    if not urgent or fact is not Fact.STATUS:
        del from_ratio[Step.CALL]
    return [step for step, least in from_ratio.items() if ratio > least]


HEARD_OF = (Escalation.Outcome.REACHED, Escalation.Outcome.OTHER_WAY)


class Late(NamedTuple):
    """A site whose report is late."""

    site: UUID
    organisation: UUID
    level: int
    since: datetime
    has_safety_profile: bool


def calls_to_make(now: datetime | None = None) -> QuerySet[Escalation]:
    """Calls that reached nobody yet, about sites that are in danger and have not reported since."""
    return _still_late(now or timezone.now()).filter(closed_at=None)


def _still_late(now: datetime) -> QuerySet[Escalation]:
    """Calls about sites that are in danger and have not reported since, whatever came of them."""
    heard, level = "site__current_status_at", "site__alert_level"
    still_late = Q(**{heard: None, f"{level}__gte": URGENT_LEVEL})
    for at_level in range(URGENT_LEVEL, LEVELS.stop):
        still_late |= Q(**{heard: F("since"), f"{heard}__lt": now - cadence(Fact.STATUS, at_level), level: at_level})
    return Escalation.objects.filter(still_late, step=Step.CALL)


def call_again(calls: QuerySet[Escalation]) -> None:
    """Nobody answered: those of these calls that are open are due again soon."""
    now = timezone.now()
    still_open = calls.filter(step=Step.CALL, closed_at=None)
    still_open.update(tried_at=now, due_at=now + CALL_AGAIN_AFTER, outcome=Escalation.Outcome.NOT_REACHED)


@timetabled("members.escalate_late", every=EVERY)
def escalate_late() -> int:
    """Take the steps that are due and were not taken yet; returns how many. Acts as SYSTEM."""
    now = timezone.now()
    new = [escalation for fact in Fact for escalation in _new(fact, now)]
    Escalation.objects.bulk_create((escalation for escalation, _late in new), ignore_conflicts=True)
    new += _come_back(now)
    _tell(new, now)
    _chase_calls(now)
    return len(new)


def _new(fact: Fact, now: datetime) -> Iterator[tuple[Escalation, Late]]:
    """The steps about late reports of one kind that nobody has taken, but for those that wait for the morning."""
    late, reported = list(_late(fact, now)), sites_with_reporters()
    taken = set(
        Escalation.objects.filter(fact=fact, site_id__in=[one.site for one in late]).values_list("site_id", "since", "step")
    )
    for one in late:
        if one.level < URGENT_LEVEL and is_quiet(now):
            continue
        reporter = one.site in reported and not one.has_safety_profile
        for step in steps_due(fact, now - one.since, one.level, reporter=reporter):
            if (one.site, one.since, step) not in taken:
                yield Escalation(
                    organisation_id=one.organisation, site_id=one.site, fact=fact, since=one.since, step=step, raised_at=now,
                    due_at=now + CALL_WITHIN if step == Step.CALL else None,
                ), one  # fmt: skip


def _come_back(now: datetime) -> list[tuple[Escalation, Late]]:
    """Calls that heard of a site, and no report followed within its cadence: each is due again as a new one is."""
    waited = Q()
    for level in range(URGENT_LEVEL, LEVELS.stop):
        waited |= Q(site__alert_level=level, closed_at__lt=now - cadence(Fact.STATUS, level))
    unkept = _still_late(now).filter(waited, outcome__in=HEARD_OF, site__in=Site.objects.open())
    found = []
    for call in unkept.select_related("site").select_for_update(of=("self",)).order_by("pk"):
        call.closed_at = call.closed_by_id = call.alerted_at = None
        call.due_at, call.contacts_asked = now + CALL_WITHIN, 0
        call.save(update_fields=["closed_at", "closed_by", "alerted_at", "due_at", "contacts_asked"])
        site = call.site
        found.append((call, Late(site.pk, site.organisation_id, site.alert_level, call.since, site.safety_profile)))
    return found


def _late(fact: Fact, now: datetime) -> Iterator[Late]:
    observed = OBSERVED[fact]
    sites = Site.objects.open().filter(in_bands([Band.OVERDUE, Band.STALE], fact, now=now, observed=observed)).order_by("pk")
    yield from map(Late._make, sites.values_list("pk", "organisation_id", "alert_level", observed, "safety_profile"))
    never = Site.objects.open().filter(**{observed: None}).order_by("pk")
    for pk, *about, profile in never.values_list("pk", "organisation_id", "alert_level", "safety_profile"):
        if since := made_at(pk):  # a site that never reported is late since it was registered
            yield Late(pk, *about, since, profile)


class Asked(NamedTuple):
    """What one person is told in a run: the last of the steps that concern them, and about which site."""

    place: int
    site: UUID
    urgent: bool


def _tell(new: Iterable[tuple[Escalation, Late]], now: datetime) -> None:
    """Each person once for each member of theirs, urgent where any of the sites is."""
    coordinators, analysts = cache(coordinators_of), cache(analysts_of)
    asked: dict[tuple[User, UUID | None], Asked] = {}
    for escalation, late in new:
        step, member = Step(escalation.step), late.organisation
        told: list[tuple[User, UUID | None]] = []
        if step == Step.REPORTER:
            told += [(user, member) for user in reporters_of(Site(pk=late.site, safety_profile=late.has_safety_profile))]
        if step in (Step.COORDINATOR, Step.CALL):
            told += [(user, member) for user in coordinators(member)]
        if step in (Step.ANALYST, Step.CALL):
            told += [(user, None) for user in analysts(member)]
        one = Asked(list(Step).index(step), late.site, late.level >= URGENT_LEVEL)
        for key in told:
            before = asked.get(key, one)
            gravest = max(before, one, key=lambda asked: asked.place)
            asked[key] = gravest._replace(urgent=before.urgent or one.urgent)
    for (user, member), one in sorted(asked.items(), key=lambda item: str(item[0][0].pk)):
        what: Message = TOLD[list(Step)[one.place]]
        tell(
            [user], what.in_danger if one.urgent else what, organisation_id=member, key=f"late.{now:%Y%m%d%H%M%S%f}",
            subject_id=one.site if what is CHECK_IN else None, urgent=one.urgent,
        )  # fmt: skip


def _chase_calls(now: datetime) -> None:
    """A call that was raised: the first of the call list is asked by short message. One that is overdue: coordinators and
    analysts are told, once for each time it was due, and the next of the list is asked, every half an hour until it ends.
    """
    of_member: dict[UUID, list[Escalation]] = {}
    for call in calls_to_make(now).select_for_update(of=("self",)).order_by("raised_at", "id"):
        of_member.setdefault(call.organisation_id, []).append(call)
    for member, calls in sorted(of_member.items()):
        contacts = list(CallContact.objects.filter(organisation_id=member).order_by("place", "id"))
        late = [call for call in calls if call.due_at and call.due_at <= now]
        untold = [call for call in late if call.alerted_at is None or call.alerted_at < call.due_at]
        if untold:
            told = sorted({*coordinators_of(member), *analysts_of(member)}, key=lambda user: str(user.pk))
            tell(told, CALL_LATE, organisation_id=member, key=f"call.late.{member}.{now:%Y%m%d%H%M%S%f}", urgent=True)
        fresh = [call for call in calls if not call.contacts_asked]
        again = [
            call for call in late
            if call in untold or (call.contacts_asked < len(contacts) and now - call.alerted_at >= CALL_AGAIN_AFTER)
        ]  # fmt: skip
        chased = {call.pk: call for call in (*fresh, *again)}
        if not chased:
            continue
        place = max(call.contacts_asked for call in chased.values())
        taken = bool(contacts) and _ask(contacts[place % len(contacts)], member)
        for call in chased.values():
            call.contacts_asked = place + 1 if taken else call.contacts_asked
            call.alerted_at = now if call in again else call.alerted_at
            call.save(update_fields=["contacts_asked", "alerted_at"])


def _ask(contact: CallContact, member: UUID) -> bool:
    with translation.override(language_at(member)):
        return ask_by_sms(contact.number)
