"""Plans: write, judge by their instrument, approve, activate, stand down, drill."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.instruments.engine import AnswerValue
from aimprogress.instruments.services import answer_items, open_assessment
from members.models import AlertLevel, CommunicationPlan, Drill, EvacuationPlan, PlanActivation, PlanStatus, Site
from members.planning import drill_date, review_date
from members.services.sites import change_alert_level, lock, refresh_current

AnyPlan = TypeVar("AnyPlan", EvacuationPlan, CommunicationPlan)
COPIED = {
    EvacuationPlan: (
        "title", "owner_role", "deputy_role", "destination", "seats", "trips", "expected_evacuees", "family_estimate",
        "shelter_capacity", "beds", "routes", "shelters", "assembly_points",
    ),
    CommunicationPlan: (
        "title", "owner_role", "deputy_role", "primary_channel", "fallback_channel", "silent_hours", "tested_on", "reached",
        "attempted",
    ),
}  # fmt: skip
EVACUATION_REASON = "An evacuation plan was activated."


@service(Permission.PLAN_EDIT)
def draft_evacuation_plan(*, site: Site, **fields: Any) -> EvacuationPlan:
    """Start a new revision. What the last revision said is taken over where `fields` says nothing else."""
    return _draft(EvacuationPlan, site, fields)


@service(Permission.PLAN_EDIT)
def draft_communication_plan(*, site: Site, **fields: Any) -> CommunicationPlan:
    """Start a new revision of how people are reached."""
    return _draft(CommunicationPlan, site, fields)


@service(Permission.PLAN_EDIT)
def change_plan(*, plan: EvacuationPlan | CommunicationPlan, **fields: Any) -> EvacuationPlan | CommunicationPlan:
    """Change a draft. An approved plan is never changed: start a new revision."""
    if plan.status != PlanStatus.DRAFT:
        raise Conflict(_("This revision is approved. Start a new one to change it."))
    for name, value in fields.items():
        setattr(plan, name, value)
    plan.save()
    return plan


@service(Permission.PLAN_EDIT)
def answer_plan(
    *, plan: EvacuationPlan | CommunicationPlan, answers: Mapping[str, AnswerValue | None]
) -> EvacuationPlan | CommunicationPlan:
    """Answer items of the plan's instrument; the score follows at once."""
    if plan.status != PlanStatus.DRAFT:
        raise Conflict(_("This revision is approved. Start a new one to change it."))
    plan.assessment = answer_items(assessment=plan.assessment, answers=answers)
    plan.save()
    return plan


@service(Permission.PLAN_APPROVE)
def approve_plan(*, plan: EvacuationPlan | CommunicationPlan) -> EvacuationPlan | CommunicationPlan:
    """Make a draft the plan in force; the one before it is retired. Gaps do not stop an approval: they are shown."""
    if plan.status != PlanStatus.DRAFT:
        raise Conflict(_("This revision is already approved."))
    site = lock(plan.site)
    type(plan).objects.filter(site=site, status=PlanStatus.APPROVED).update(status=PlanStatus.RETIRED)
    now = timezone.now()
    plan.status, plan.approved_at, plan.approved_by_id = PlanStatus.APPROVED, now, current_actor().user_id
    plan.next_review_on = review_date(site.alert_level, timezone.localdate())
    plan.save()
    refresh_current(site)
    return plan


@service(Permission.PLAN_ACTIVATE)
def activate_plan(*, plan: EvacuationPlan, who: str, reason: str, people: int | None = None) -> PlanActivation:
    """Set an evacuation going: the site shows as evacuating until somebody stands it down, at alert level 4.

    `who` and `reason` are codes of Leaving and ActivationReason, or free text. An approved plan whose review is overdue may be
    activated: it is better than none. Raises Conflict for a draft, a replaced plan, or a second evacuation.
    """
    site = lock(plan.site)
    if plan.status != PlanStatus.APPROVED:
        raise Conflict(_("Only an approved plan can be activated."))
    if PlanActivation.objects.filter(site=site, stood_down_at=None).exists():
        raise Conflict(_("An evacuation of this site is already under way."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why.")})
    activation = PlanActivation(
        organisation_id=site.organisation_id, site=site, plan=plan, level=AlertLevel.EXTREME, who=who, reason=reason.strip(),
        people=people, activated_by_id=current_actor().user_id,
    )  # fmt: skip
    activation.save(force_insert=True)
    if site.alert_level < AlertLevel.EXTREME:
        change_alert_level(site=site, level=AlertLevel.EXTREME, reason=EVACUATION_REASON)
    refresh_current(lock(site))
    return activation


@service(Permission.PLAN_ACTIVATE)
def stand_down(
    *, activation: PlanActivation, moved: int | None = None, family_moved: int | None = None, problems: str = ""
) -> PlanActivation:
    """End an evacuation and keep what it taught."""
    if activation.stood_down_at:
        raise Conflict(_("This evacuation was already stood down."))
    activation.stood_down_at, activation.stood_down_by_id = timezone.now(), current_actor().user_id
    activation.moved, activation.family_moved, activation.problems = moved, family_moved, problems.strip()
    activation.save()
    refresh_current(lock(activation.site))
    return activation


@service(Permission.DRILL_LOG)
def record_drill(*, site: Site, **fields: Any) -> Drill:
    """Keep a drill and say when the next one is due at the site's alert level."""
    drill = Drill(organisation_id=site.organisation_id, site=site, **fields)
    drill.next_due_on = drill_date(site.alert_level, drill.held_on)
    drill.save(force_insert=True)
    return drill


def plan_in_force(model: type[AnyPlan], site: Site) -> AnyPlan | None:
    """The approved plan of a site, or its newest draft where none was ever approved."""
    plans = model.objects.filter(site=site).select_related("assessment").order_by("-revision")
    return plans.filter(status=PlanStatus.APPROVED).first() or plans.first()


def _draft(model: type[AnyPlan], site: Site, fields: dict[str, Any]) -> AnyPlan:
    last = model.objects.filter(site=site).order_by("-revision").first()
    if last and last.status == PlanStatus.DRAFT:
        raise Conflict(_("There is already a draft of this plan."))
    taken_over = {name: getattr(last, name) for name in COPIED[model]} if last else {}
    plan = model(
        organisation_id=site.organisation_id, site=site, revision=(last.revision if last else 0) + 1, **{**taken_over, **fields}
    )
    plan.save(force_insert=True)
    plan.assessment = open_assessment(subject=plan, instrument=model.instrument, copy_from=last.assessment if last else None)
    plan.save()
    return plan
