"""What is true of a plan today: who reads how much of it, whether it is in date, whether everybody fits.

Derived when it is read and never stored: EXPIRED from the review date, ACTIVATED from an evacuation under way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any

from django.db.models import Case, DateField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from aimprogress.charts.plots import capacity_bar
from aimprogress.core.actor import Actor
from aimprogress.figures.moment import as_of
from aimprogress.figures.numbers import number
from aimprogress.figures.precision import Precision, precision_for
from aimprogress.figures.small_counts import small_count
from aimprogress.instruments.engine import AnswerValue, Result, load, score
from members.capacity import Capacity, Fit, capacity
from members.models import CommunicationPlan, EvacuationPlan, PlanStatus, Site
from members.models.plan import Plan

JUDGED = {"seats": "10", "shelter": "5"}
"""What the numbers of an evacuation plan tell -> the item that asks for it."""
JUDGING = ("seats", "trips", "expected_evacuees", "family_estimate", "shelter_capacity")
MET, NOT_MET = "MET", "NOT_MET"
COUNTED = "-"  # an answer that counted had the note and the evidence that its value asks for


class Sight(Enum):
    """How much of a plan somebody reads (domain 8.2)."""

    TEXT = "text"
    """All of it: the site's own reporter and coordinator. Routes, shelters and meeting points only when asked for."""
    GAPS = "gaps"
    """How complete it is and what is missing, without a name, a note or a place: the secretariat."""
    COMPLETENESS = "completeness"
    """How complete it is, and nothing else: viewers and auditors."""


def sight_of(actor: Actor, site: Site) -> Sight:
    """How much `actor` reads of the plans of a site that is in scope."""
    needs = ("id", "organisation_id", "country", "safety_profile", "current_control")
    if precision_for(actor, {name: getattr(site, name) for name in needs}) is Precision.EXACT:
        return Sight.TEXT
    if actor.owns(site.organisation_id) or not (actor.is_secretariat or actor.kind == "system"):
        return Sight.COMPLETENESS
    return Sight.GAPS


def review_date(alert_level: int, on: date) -> date:
    """When a plan approved on a day must be looked at again at this alert level (domain 3.2)."""
    return on + timedelta(days=number("PLAN_REVIEW_DAYS")[alert_level])


def drill_date(alert_level: int, on: date) -> date | None:
    """When the next drill is due after one held on a day; None at a level where nobody drills."""
    days = number("DRILL_DAYS")[alert_level]
    return on + timedelta(days=days) if days else None


def status_of(plan: Plan, today: date, *, evacuating: bool = False) -> PlanStatus:
    """The status of a plan on a day. `evacuating`: an evacuation by this revision is under way, whatever replaced it since."""
    if plan.status != PlanStatus.DRAFT and evacuating:
        return PlanStatus.ACTIVATED
    if plan.status == PlanStatus.APPROVED and plan.next_review_on and plan.next_review_on < today:
        return PlanStatus.EXPIRED
    return PlanStatus(plan.status)


def status_known(model: type[Plan]) -> Combinable:
    """The status of a plan as stored; of an earlier moment, of those approved by then the last one was in force."""
    return F("status") if as_of() is None else Case(
        When(_replaced(model), then=Value(PlanStatus.RETIRED)), default=Value(PlanStatus.APPROVED)
    )  # fmt: skip


def review_known(model: type[Plan]) -> Combinable:
    """When a plan must be looked at again; of an earlier moment, by the alert level of then where it was in force."""
    if as_of() is None:
        return F("next_review_on")
    by_level = [
        When(site__alert_level=level, then=Cast(TruncDate("approved_at") + Value(timedelta(days=days)), DateField()))
        for level, days in enumerate(number("PLAN_REVIEW_DAYS"))
    ]
    return Case(When(_replaced(model), then=F("next_review_on")), *by_level)  # a replaced one keeps the date that it had


def _replaced(model: type[Plan]) -> Exists:
    return Exists(model.objects.filter(site=OuterRef("site"), revision__gt=OuterRef("revision"), approved_at__lte=as_of()))


def answered(plan: Plan) -> Result:
    """What the answers come to by themselves; a plan that nobody answered for has met nothing."""
    found = plan.assessment.outcome if plan.assessment_id else None
    return found or score(plan.assessment.definition if plan.assessment_id else load(plan.instrument), {})


def drill_due(alert_level: int, succeeded: date | None, last: date | None) -> date | None:
    """When the next drill is due, counted from the last one that did not fail: a failed one moves no date, and where there is no
    other the next is due at once. None where nobody drilled yet, or nobody drills at this level."""
    if succeeded is not None:
        return drill_date(alert_level, succeeded)
    return last if number("DRILL_DAYS")[alert_level] else None


def result_of(plan: Plan, site: Site) -> Result:
    """What a plan comes to. Where the numbers of an evacuation plan are known they decide over the answers: short of seats or
    shelter, the item that asks for them is not met whatever was answered, and the plan is not adequate (domain 3.5).
    """
    result, short = answered(plan), short_items(plan, site.largest_shift)
    if not short:
        return result
    definition = plan.assessment.definition if plan.assessment_id else load(plan.instrument)
    kept = {key: AnswerValue(value, COUNTED, COUNTED) for key, value in result.items.items()}
    against = {key: AnswerValue(NOT_MET, COUNTED, COUNTED) for key in overruled(result.items, short)}
    return replace(score(definition, kept | against), adequate=False)


def short_items(plan: Plan, largest_shift: int | None) -> list[str]:
    """The items of an evacuation plan that its numbers contradict, whatever was answered."""
    numbers = {name: getattr(plan, name) for name in JUDGING} if isinstance(plan, EvacuationPlan) else {}
    return contradicted(numbers, largest_shift) if numbers else []


def contradicted(numbers: Mapping[str, Any], largest_shift: int | None) -> list[str]:
    """The same from JUDGING by name."""
    seats, trips, evacuees, families, shelter = (numbers[name] for name in JUDGING)
    found = capacity(
        seats_there=seats, trips=trips, expected_evacuees=evacuees, family_estimate=families, shelter_capacity=shelter,
        largest_shift=largest_shift,
    )  # fmt: skip
    return [JUDGED[key] for key in found.shortfalls]


def overruled(items: Mapping[str, str], short: Iterable[str]) -> list[str]:
    """Of the items that the numbers contradict those that were answered as met."""
    return [key for key in short if items.get(key) == MET]


def with_adequate_plan(today: date) -> Q:
    """Sites whose approved plan is adequate and in date."""
    return Q(current_plan_adequate=True) & (Q(current_plan_review_on__gte=today) | Q(current_plan_review_on=None))


def without_adequate_plan(today: date) -> Q:
    """The others: no approved plan, one that is not adequate, or one whose review is overdue."""
    return ~Q(current_plan_adequate=True) | Q(current_plan_review_on__lt=today)


def has_adequate_plan(site: Site, today: date) -> bool:
    """The same of a site that was read."""
    review_on = site.current_plan_review_on
    return bool(site.current_plan_adequate) and (review_on is None or review_on >= today)


def with_communication_plan(today: date) -> Q:
    """Sites with a communication plan in force whose review is in date at the site's alert level; now, or then."""
    in_date, plans = Q(), _communication_plans()
    for level, days in enumerate(number("PLAN_REVIEW_DAYS")):
        begin = timezone.make_aware(datetime.combine(today - timedelta(days=days), time()))
        in_date |= Q(alert_level=level, pk__in=plans.filter(approved_at__gte=begin).values("site_id"))
    return in_date


def without_communication_plan(today: date) -> Q:
    """The others: no communication plan in force, or one whose review is overdue."""
    return ~with_communication_plan(today)


def communication_plan_overdue(today: date) -> Q:
    """Of these the sites that have one."""
    return Q(pk__in=_communication_plans().values("site_id")) & without_communication_plan(today)


def _communication_plans() -> QuerySet[CommunicationPlan]:
    then = as_of()
    return CommunicationPlan.objects.filter(Q(approved_at__lte=then) if then else Q(status=PlanStatus.APPROVED)).order_by()


def drill_overdue(today: date) -> Q:
    """Sites whose next drill was due before today."""
    return Q(current_drill_due_on__lt=today)


def without_drill() -> Q:
    """Sites that never drilled, at an alert level where people do."""
    levels = [level for level, days in enumerate(number("DRILL_DAYS")) if days]
    return Q(current_drill_due_on=None, alert_level__in=levels)


def waiting_for_approval() -> Combinable:
    """Sites with a draft that was put forward."""
    here = {"site": OuterRef("pk"), "approval_asked_at__isnull": False}
    return Exists(EvacuationPlan.objects.filter(**here)) | Exists(CommunicationPlan.objects.filter(**here))


def capacity_of(plan: EvacuationPlan, site: Site) -> Capacity:
    """Seats, shelter and beds of a plan against the people of its site."""
    return capacity(
        seats_there=plan.seats, trips=plan.trips, expected_evacuees=plan.expected_evacuees, family_estimate=plan.family_estimate,
        shelter_capacity=plan.shelter_capacity, largest_shift=site.largest_shift, beds_there=plan.beds,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CapacityLine:
    """One check in words; colour and bar only repeat them. Without `fit` no figure may follow the words."""

    key: str
    title: str | Promise
    css: str
    icon: str
    words: str | Promise
    fit: Fit | None
    bar: SafeString | str = ""


TITLES: dict[str, Any] = {"seats": _("Seats"), "shelter": _("Shelter"), "beds": _("Beds")}


def capacity_lines(plan: EvacuationPlan, site: Site, *, exact: bool) -> list[CapacityLine]:
    """The three checks in the order of the page. Without `exact` small shortfalls read "<5" and no figures follow."""
    found = capacity_of(plan, site)
    return [_line(key, fit, exact) for key, fit in (("seats", found.seats), ("shelter", found.shelter), ("beds", found.beds))]


def _line(key: str, fit: Fit | None, exact: bool) -> CapacityLine:
    if fit is None:
        return CapacityLine(key, TITLES[key], "closed", "ask", _("Not known yet"), None)
    css, icon = ("ok", "ok") if fit.is_enough else ("evac", "miss")
    line = CapacityLine(key, TITLES[key], css, icon, _words(key, fit, exact), None)
    if not exact:
        return line
    title = gettext("%(there)s there, %(needed)s needed") % {"there": fit.there, "needed": fit.needed}
    return replace(line, fit=fit, bar=capacity_bar(fit.there, fit.needed, title=title))


def _words(key: str, fit: Fit, exact: bool) -> str | Promise:
    if not fit.is_enough:
        return short_words(key, fit.shortfall, exact=exact)
    if not fit.spare or not exact:
        return pgettext_lazy("everybody has a place", "Enough")
    return ngettext("Enough, %(n)s spare", "Enough, %(n)s spare", fit.spare) % {"n": fit.spare}


def short_words(key: str, people: int, *, exact: bool = True) -> str:
    """ "36 seats short"; outsiders read "<5 seats short" for one to four, in the plural, which tells no number."""
    shown = people if exact else small_count(people)
    n, people = {"n": shown}, people if shown == people else number("MINIMUM_CELL")
    if key == "seats":
        return ngettext("%(n)s seat short", "%(n)s seats short", people) % n
    if key == "beds":
        return ngettext("%(n)s bed short", "%(n)s beds short", people) % n
    return ngettext("%(n)s shelter place short", "%(n)s shelter places short", people) % n


def short_of(plan: EvacuationPlan, site: Site, *, exact: bool = True) -> list[str]:
    """Every shortfall in words; empty where nothing is known to be short."""
    return [short_words(key, people, exact=exact) for key, people in capacity_of(plan, site).shortfalls.items()]
