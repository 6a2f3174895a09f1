"""The numbers of sites, people and plans. One query a scope; every number names the list that shows its rows."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, Range
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor, current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.coverage import Coverage
from aimprogress.figures.freshness import Band, Fact, band_expression
from aimprogress.figures.percent import as_percent, rate
from aimprogress.figures.precision import counts_exactly
from aimprogress.figures.registry import Bound, Figure, FigureScope, Unit, at_least, figure, list_link
from aimprogress.figures.small_counts import below, hidden_part, largest_small, least_of
from members import roll_call_figures, support_figures  # noqa: F401 - the figures of the first are registered with these
from members.late import calls_to_make
from members.models import ENDED, HazardSeverity, Site, StatusGroup
from members.past import put_the_past_before as put_the_past_before  # registered with the figures that it makes right
from members.planning import (
    drill_overdue,
    waiting_for_approval,
    with_adequate_plan,
    without_adequate_plan,
    without_communication_plan,
    without_drill,
)
from members.returning import waiting_for_return
from members.standing import group_expression, in_totals

ON_TIME = (Band.CURRENT, Band.DUE_SOON)
NESTED = ("current_expected", "current_accounted", "current_safe", "current_displaced")
PARTS = ("accounted", "safe", "displaced")


def sites_of(scope: FigureScope) -> QuerySet:
    """The sites of a scope that the Actor sees."""
    sites = Site.objects.all()
    if scope.organisations is not None:
        sites = sites.filter(organisation_id__in=scope.organisations)
    return sites.filter(country=scope.country) if scope.country else sites


def totals(scope: FigureScope) -> dict[str, Any]:
    """Everything this module prints, from one query over `Site.current_*`."""
    return scope.once("members.totals", lambda: _query(scope))


def _query(scope: FigureScope) -> dict[str, Any]:
    now = scope.as_of
    open_sites = ~Q(current_operational__in=ENDED)
    group_now, band_now = group_expression(now=now), band_expression(Fact.STATUS, now=now)
    counted = in_totals(now=now)
    exactly = counts_exactly(current_actor())
    workers = workers_told()
    number = {f"group_{group.value}": Count("pk", filter=Exact(group_now, group.value)) for group in StatusGroup}
    bands = {f"status_{band.value}": Count("pk", filter=open_sites & Q(Exact(band_now, band.value))) for band in Band}
    return sites_of(scope).aggregate(
        sites=Count("pk"), open=Count("pk", filter=open_sites), counted=Count("pk", filter=counted),
        workers=Coalesce(Sum(workers, filter=open_sites), 0), workers_counted=Coalesce(Sum(workers, filter=counted), 0),
        evacuating=Count("pk", filter=Q(evacuating_since__isnull=False)),
        grave=Count("pk", filter=open_sites & Q(current_hazard=HazardSeverity.GRAVE)),
        help=Count("pk", filter=Q(help_needed_since__isnull=False)),
        adequate=Count("pk", filter=open_sites & with_adequate_plan(timezone.localdate(now))),
        plan_missing=Count("pk", filter=open_sites & without_adequate_plan(timezone.localdate(now))),
        unreachable=Count("pk", filter=open_sites & without_communication_plan(timezone.localdate(now))),
        drill_overdue=Count("pk", filter=open_sites & drill_overdue(timezone.localdate(now))),
        no_drill=Count("pk", filter=open_sites & without_drill()),
        review_overdue=Count("pk", filter=open_sites & Q(current_plan_review_on__lt=timezone.localdate(now))),
        plans_waiting=Count("pk", filter=open_sites & _asked_of(current_actor())),
        **number, **bands, **(_people(counted) if exactly else _people_for_outsiders(counted)),
    )  # fmt: skip


def _asked_of(actor: Actor) -> Any:
    """The drafts put forward, for those who may approve them; nobody else's query pays for them."""
    return waiting_for_approval() if actor.may(Permission.PLAN_APPROVE) else Q(pk=None)


def workers_told() -> Any:
    """The workers of a site as SQL, as the Actor may add them up: a site of 1 to 4 people is in no outsider's total."""
    workers = Coalesce("current_expected", "baseline")
    if counts_exactly(current_actor()):
        return workers
    return Case(When(Range(workers, (1, largest_small())), then=Value(0)), default=workers, output_field=IntegerField())


def _people(counted: Q) -> dict[str, Any]:
    """Sums of people in the sites whose head count is counted."""
    return {f"people_{name}": Coalesce(Sum(f"current_{name}", filter=counted), 0) for name in ("expected", *PARTS)}


def _people_for_outsiders(counted: Q) -> dict[str, Any]:
    """The least that the sums can be from what is published site by site, and how many sites publish a bound."""
    least = dict(zip(("expected", *PARTS), least_of(*NESTED), strict=True))
    sums = {f"people_{name}": Coalesce(Sum(said, filter=counted), 0) for name, said in least.items()}
    nested = {name: hidden_part(*NESTED[: place + 2]) for place, name in enumerate(PARTS)}
    return sums | {f"hidden_{name}": Count("pk", filter=counted & hidden) for name, hidden in nested.items()}


def coverage(scope: FigureScope) -> Coverage:
    """How far the totals of people reach."""
    found = totals(scope)
    return Coverage(found["counted"], found["open"], found["workers_counted"], found["workers"])


def _link(scope: FigureScope, page: str = "members:sites", **filters: Any) -> str:
    organisation = next(iter(scope.organisations)) if scope.organisations and len(scope.organisations) == 1 else ""
    return list_link(reverse(page), country=scope.country, organisation=organisation, **filters)


def _count(scope: FigureScope, key: str, evidence: str, **filters: Any) -> Figure:
    found = totals(scope)
    return Figure(
        value=found[key], text=str(found[key]), as_of=scope.as_of, denominator=found["open"], sources=found["sites"],
        evidence=evidence, link=_link(scope, **filters),
    )  # fmt: skip


def _share(scope: FigureScope, part: int, whole: int, evidence: str, **filters: Any) -> Figure:
    share: Decimal | None = rate(part, whole)
    return Figure(
        value=share, text=as_percent(part, whole), as_of=scope.as_of, numerator=part, denominator=whole,
        sources=totals(scope)["open"], evidence=evidence, link=_link(scope, **filters),
    )  # fmt: skip


def _share_of_people(scope: FigureScope, name: str, evidence: str, **filters: Any) -> Figure:
    """A part of the people expected; the least it can be where a site keeps its part back."""
    found, covered = totals(scope), coverage(scope)
    part, whole = found[f"people_{name}"], found["people_expected"]
    exact = _share(scope, part, whole, evidence, **filters)
    exact = replace(exact, coverage=covered, stale_excluded=covered.stale_sites, sources=found["counted"])
    return replace(exact, **at_least(part, whole)) if found.get(f"hidden_{name}") else exact


@figure("people.accounted_rate", title=_("People accounted for"), unit=Unit.PERCENT)
def accounted_rate(scope: FigureScope) -> Figure:
    """(expected - unaccounted - missing) / expected over sites whose head count is current enough: sum over sum."""
    return _share_of_people(scope, "accounted", "sum(current_accounted) / sum(current_expected)", counted="true")


@figure("people.safe_rate", title=_("Confirmed safe"), unit=Unit.PERCENT)
def safe_rate(scope: FigureScope) -> Figure:
    return _share_of_people(scope, "safe", "sum(current_safe) / sum(current_expected)", counted="true")


@figure("people.displaced_rate", title=_("Displaced"), unit=Unit.PERCENT)
def displaced_rate(scope: FigureScope) -> Figure:
    return _share_of_people(scope, "displaced", "sum(current_displaced) / sum(current_expected)", counted="true")


@figure("people.unaccounted", title=_("People not accounted for"), unit=Unit.PEOPLE)
def unaccounted(scope: FigureScope) -> Figure:
    """Expected less accounted for, in sites whose head count is current enough."""
    found = totals(scope)
    open_people = found["people_expected"] - found["people_accounted"]
    bound = Bound.AT_MOST if found.get("hidden_accounted") else None
    covered = coverage(scope)
    text = below(open_people + 1) if bound else str(open_people)
    return Figure(
        value=open_people if found["counted"] else None, text=text if found["counted"] else "", as_of=scope.as_of,
        coverage=covered, stale_excluded=covered.stale_sites, sources=found["counted"], bound=bound,
        evidence="sum(current_expected) - sum(current_accounted)", link=_link(scope, counted="true"),
    )  # fmt: skip


@figure("sites.checked_in", title=_("Checked in on time"), unit=Unit.PERCENT)
def checked_in(scope: FigureScope) -> Figure:
    found = totals(scope)
    on_time = sum(found[f"status_{band.value}"] for band in ON_TIME)
    return _share(scope, on_time, found["open"], "open sites whose status is CURRENT or DUE_SOON", freshness=ON_TIME)


@figure("sites.overdue", title=_("Sites overdue"), unit=Unit.SITES)
def overdue(scope: FigureScope) -> Figure:
    return _count(scope, "status_OVERDUE", "open sites whose status is OVERDUE", freshness=[Band.OVERDUE])


@figure("sites.silent", title=_("Sites out of contact"), unit=Unit.SITES)
def silent(scope: FigureScope) -> Figure:
    return _count(scope, "group_lost", "open sites whose status is STALE or NEVER, or said to be without contact", group="lost")


@figure("sites.evacuating", title=_("Evacuations under way"), unit=Unit.SITES)
def evacuating(scope: FigureScope) -> Figure:
    return _count(scope, "evacuating", "sites with an activation without stand-down", evacuating="true")


@figure("sites.awaiting_return", title=_("Sites that people left, not cleared to return"), unit=Unit.SITES)
def awaiting_return(scope: FigureScope) -> Figure:
    """Open sites that operate again only by the gates of the return to work. Asks the log of each site that does not operate, so
    it is counted for one member, not over all of them: the AIM-Progress team finds them by the filter of the list.
    """
    evidence = "open sites left for safety, or in an evacuation of everybody, and not seen operating since"
    value = None if current_actor().is_secretariat else waiting_for_return(sites_of(scope), scope.as_of).count()
    return Figure(
        value, "" if value is None else str(value), scope.as_of, denominator=totals(scope)["open"],
        sources=totals(scope)["sites"], evidence=evidence, link=_link(scope, awaiting_return="true"),
    )  # fmt: skip


@figure("help.open", title=_("Sites where someone needs help"), unit=Unit.SITES, permission=Permission.HEADCOUNT_READ)
def help_open(scope: FigureScope) -> Figure:
    """Calls for help that nobody has taken on. Of a site that is closed too: somebody asked there."""
    return _count(scope, "help", "sites with a call for help that nobody has taken on", help="true")


@figure("calls.due", title=_("Calls to make"), unit=Unit.COUNT, permission=Permission.CALL_MAKE)
def calls_due(scope: FigureScope) -> Figure:
    found = support_figures.within(scope, calls_to_make(scope.as_of)).count()
    evidence = "late sites at alert level 3 and 4 that have to be called, where nobody was reached"
    link = list_link(reverse("members:calls"), country=scope.country)
    return Figure(found, str(found), scope.as_of, evidence=evidence, link=link)


@figure("sites.grave_hazard", title=_("Sites with a grave hazard"), unit=Unit.SITES)
def grave_hazard(scope: FigureScope) -> Figure:
    return _count(scope, "grave", "open sites with a hazard of severity 3 that is not over", hazard=HazardSeverity.GRAVE.value)


@figure("plans.adequate", title=_("Adequate evacuation plans"), unit=Unit.PERCENT, permission=Permission.PLAN_READ)
def plans_adequate(scope: FigureScope) -> Figure:
    found = totals(scope)
    return _share(scope, found["adequate"], found["open"], "open sites with an adequate approved plan in date", plan="adequate")


@figure("plans.review_overdue", title=_("Plan reviews overdue"), unit=Unit.SITES, permission=Permission.PLAN_READ)
def review_overdue(scope: FigureScope) -> Figure:
    return _count(scope, "review_overdue", "open sites whose plan review date has passed", plan="overdue")


@figure("plans.missing", title=_("Sites without an adequate plan"), unit=Unit.SITES, permission=Permission.PLAN_READ)
def plans_missing(scope: FigureScope) -> Figure:
    """The gap list: no approved plan, one that is not adequate, or one whose review date has passed."""
    found = _count(scope, "plan_missing", "open sites without an adequate approved plan in date", plan="missing")
    return replace(found, link=_link(scope, "members:plan_gaps"))


@figure(
    "communication_plans.missing", title=_("Sites without a communication plan in date"), unit=Unit.SITES,
    permission=Permission.PLAN_READ,
)  # fmt: skip
def communication_plans_missing(scope: FigureScope) -> Figure:
    """No approved communication plan, or one whose review date has passed. How complete it is is no word but "n of 15"."""
    evidence = "open sites without an approved communication plan in date"
    return _count(scope, "unreachable", evidence, communication_plan="missing")


@figure("plans.waiting", title=_("Plans waiting for approval"), unit=Unit.SITES, permission=Permission.PLAN_APPROVE)
def plans_waiting(scope: FigureScope) -> Figure:
    """Sites with a draft that was put forward, for those who may approve it."""
    return _count(scope, "plans_waiting", "open sites with a draft put forward for approval", plan="waiting")


@figure("drills.overdue", title=_("Drills overdue"), unit=Unit.SITES, permission=Permission.PLAN_READ)
def drills_overdue(scope: FigureScope) -> Figure:
    return _count(scope, "drill_overdue", "open sites whose next drill was due before today", drill="overdue")


@figure("drills.none", title=_("Sites that never drilled"), unit=Unit.SITES, permission=Permission.PLAN_READ)
def never_drilled(scope: FigureScope) -> Figure:
    return _count(scope, "no_drill", "open sites below alert level 4 without any drill", drill="none")


def _register_groups() -> None:
    """One figure a display group: `sites.group.ok`, `sites.group.lost`, …"""

    def of(group: StatusGroup) -> Any:
        def count(scope: FigureScope) -> Figure:
            return _count(scope, f"group_{group.value}", f"sites in the display group {group.name}", group=group.value)

        count.__qualname__ = f"count_{group.value}"
        return count

    for group in StatusGroup:
        figure(f"sites.group.{group.value}", title=group.label, unit=Unit.SITES)(of(group))


_register_groups()
