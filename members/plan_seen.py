"""A plan as one Actor may see it: the same values for the panel, the page of a site's plans and the plan's own page."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import as_of, moment
from aimprogress.instruments.definition import Instrument
from aimprogress.instruments.engine import Result, load
from aimprogress.instruments.rows import GroupRows, group_rows
from aimprogress.places.crossings import crossings, standing_words
from members.call_tree import Branch, Caller, branches_of, tree_of
from members.models import CommunicationPlan, Drill, EvacuationPlan, PlanActivation, PlanStatus, Site
from members.models.plan import Plan
from members.plan_changes import LIST_TITLES
from members.planning import (
    CapacityLine,
    Sight,
    answered,
    capacity_lines,
    drill_due,
    overruled,
    result_of,
    review_date,
    short_items,
    short_of,
    sight_of,
    status_of,
)
from members.projection import held, in_force, under_way
from members.services.plans import must_be_another, plan_in_force

NAMES: dict[type[Plan], tuple[str, Any]] = {
    EvacuationPlan: ("evacuation_plan", _("Evacuation plan")),
    CommunicationPlan: ("communication_plan", _("Communication plan")),
}
MARKS = {
    PlanStatus.DRAFT: ("closed", "edit"),
    PlanStatus.APPROVED: ("ok", "ok"),
    PlanStatus.EXPIRED: ("evac", "clock"),
    PlanStatus.ACTIVATED: ("evac", "evac"),
    PlanStatus.RETIRED: ("closed", "closed"),
}


def url_of(plan: Plan, verb: str = "") -> str:
    """The address of a plan's page, or of one of its verbs: change, questions, approve, ask, changes, places, card, numbers."""
    name = NAMES[type(plan)][0]
    return reverse(f"members:{name}_{verb}" if verb else f"members:{name}", args=[plan.pk])


class SeenPlan:
    """A plan with everything its page prints, reduced to what `actor` may read."""

    def __init__(self, plan: Plan, site: Site, actor: Actor) -> None:
        self.plan, self.site, self.actor = plan, site, actor
        self.sight = sight_of(actor, site)
        self.kind, self.kind_label = NAMES[type(plan)]
        self.is_evacuation = isinstance(plan, EvacuationPlan)
        self.today = timezone.localdate(moment())

    @property
    def reads_text(self) -> bool:
        return self.sight is Sight.TEXT

    @property
    def reads_gaps(self) -> bool:
        return self.sight is not Sight.COMPLETENESS

    @property
    def title(self) -> Any:
        """The plan's own title names places, so only its readers get it."""
        return self.plan.title if self.reads_text else self.kind_label

    @property
    def status(self) -> PlanStatus:
        return status_of(self.plan, self.today, evacuating=self.is_activated)

    @cached_property
    def is_activated(self) -> bool:
        """Whether people leave by this revision."""
        if not self.is_evacuation or self.site.evacuating_since is None:
            return False
        return under_way(PlanActivation.objects.filter(site=self.site, plan=self.plan.pk), as_of()).exists()

    @property
    def mark(self) -> tuple[str, str]:
        return MARKS[self.status]

    @cached_property
    def instrument(self) -> Instrument:
        return self.plan.assessment.definition if self.plan.assessment_id else load(self.plan.instrument)

    @cached_property
    def result(self) -> Result:
        return result_of(self.plan, self.site)

    @cached_property
    def overruled(self) -> list[str]:
        """Items answered as met that the plan's own numbers contradict, for who reads the gaps."""
        short = short_items(self.plan, self.site.largest_shift) if self.reads_gaps else []
        return overruled(answered(self.plan).items, short) if short else []

    @property
    def groups(self) -> list[GroupRows]:
        """Every item with its state; notes and evidence only for those who read the text."""
        answers = self.plan.assessment.given() if self.reads_text and self.plan.assessment_id else None
        return group_rows(self.instrument, self.result, answers)

    @property
    def critical(self) -> tuple[int, int]:
        """Critical items met, and how many there are."""
        every = len(self.instrument.critical_codes)
        return every - len(self.result.missing_critical), every

    @property
    def capacity(self) -> list[CapacityLine]:
        """The three checks for who reads the text or the gaps; none for anybody else."""
        return capacity_lines(self.plan, self.site, exact=self.reads_text) if self.is_evacuation and self.reads_gaps else []

    @property
    def short(self) -> list[str]:
        """Every shortfall in words."""
        return short_of(self.plan, self.site, exact=self.reads_text) if self.is_evacuation and self.reads_gaps else []

    @property
    def written_places(self) -> list[tuple[Any, bool]]:
        """Which of the encrypted lists hold something: everybody who reads plans may know that, and nothing is decrypted."""
        return [(LIST_TITLES[kind], self.plan.__dict__.get(kind) is not None) for kind in self.plan.lists]

    @property
    def routes(self) -> list[dict[str, Any]]:
        """The routes with the labels of their border crossings. Decrypts: only after the look was logged."""
        known = crossings()
        return [
            row | {"crossing": known[row["crossing"]].label if row.get("crossing") in known else ""}
            for row in self.plan.routes or []
        ]

    @property
    def call_tree(self) -> list[Caller]:
        """The roles in the order of the calls. Decrypts: for who reads the text; the numbers only after the look was logged."""
        return tree_of(self.plan.call_tree) if self.reads_text and not self.is_evacuation else []

    @property
    def branches(self) -> list[Branch]:
        """The parts of the call tree that answer a roll call, for who reads the text."""
        return branches_of(self.plan.call_tree) if self.reads_text and not self.is_evacuation else []

    @property
    def crossing_words(self) -> str:
        """What may be said of every border crossing today."""
        return standing_words(self.today)

    @property
    def is_draft(self) -> bool:
        return self.plan.status == PlanStatus.DRAFT

    @property
    def is_in_force(self) -> bool:
        return self.plan.status == PlanStatus.APPROVED

    @property
    def may_edit(self) -> bool:
        return self.reads_text and self.actor.may(Permission.PLAN_EDIT)

    @property
    def may_approve(self) -> bool:
        return self.reads_text and self.actor.may(Permission.PLAN_APPROVE)

    @cached_property
    def needs_another(self) -> bool:
        """Whether the reader wrote this draft and somebody else has to approve it."""
        return self.is_draft and must_be_another(self.plan, self.actor.user_id)

    @property
    def may_activate(self) -> bool:
        return self.reads_text and self.is_evacuation and self.actor.may(Permission.PLAN_ACTIVATE)

    @property
    def url(self) -> str:
        return url_of(self.plan)

    @property
    def urls(self) -> dict[str, str]:
        """Addresses of what can be done with this plan."""
        verbs = ["change", "questions", "approve", "ask", "changes"] + (["places", "card"] if self.is_evacuation else ["numbers"])
        urls = {verb: url_of(self.plan, verb) for verb in verbs}
        return urls | {
            "start": reverse(f"members:{self.kind}_start", args=[self.site.pk]),
            "activate": reverse("members:plan_activate", args=[self.site.pk]),
        }


@dataclass(frozen=True, slots=True)
class Drilling:
    """The last drill of a site and when the next one is due."""

    last: Drill | None
    due_on: date | None
    is_overdue: bool


def drilling_of(site: Site) -> Drilling:
    """A site that never drilled has no due date: it is due. As of the moment that is spoken of."""
    last = held(Drill.objects.filter(site=site), as_of()).first()
    succeeded = held(Drill.objects.filter(site=site).exclude(result=Drill.Result.FAIL), as_of()).first()
    due = drill_due(site.alert_level, succeeded and succeeded.held_on, last and last.held_on)
    return Drilling(last, due, due is not None and due < timezone.localdate(moment()))


def seen_in_force(site: Site, actor: Actor) -> list[SeenPlan]:
    """Both plans of a site, those that exist: the approved one, or its newest draft. Of an earlier moment the one in force."""
    find = _in_force_then if as_of() else plan_in_force
    plans = (find(model, site) for model in NAMES)
    return [SeenPlan(plan, site, actor) for plan in plans if plan is not None]


def _in_force_then(model: type[Plan], site: Site) -> Plan | None:
    plan = in_force(model.objects.filter(site=site).select_related("assessment"), as_of()).first()
    return None if plan is None else as_it_stood(plan, site)


def as_it_stood(plan: Plan, site: Site) -> Plan:
    """A plan that was in force at the moment: what replaced it and moved its review came later. `site`: as known then."""
    plan.status = PlanStatus.APPROVED
    plan.next_review_on = review_date(site.alert_level, timezone.localdate(plan.approved_at))
    return plan
