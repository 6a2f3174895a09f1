"""Plans: write, judge by their instrument, approve. What is done with them stands in evacuations.py."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import ROLE_PERMISSIONS, Permission
from aimprogress.core.services import service
from aimprogress.instruments.engine import AnswerValue
from aimprogress.instruments.services import answer_items, open_assessment
from members.models import CommunicationPlan, EvacuationPlan, PlanStatus, RoleGrant, Site, User
from members.models.plan import Plan
from members.planning import review_date
from members.services.sites import lock, refresh_current

CHANGED_MEANWHILE = _("Somebody changed this plan while you were writing. Open it again in another tab and compare.")
AnyPlan = TypeVar("AnyPlan", EvacuationPlan, CommunicationPlan)
COPIED = {
    EvacuationPlan: (
        "title", "owner_role", "deputy_role", "destination", "seats", "trips", "expected_evacuees", "family_estimate",
        "shelter_capacity", "beds", "routes", "shelters", "assembly_points",
    ),
    CommunicationPlan: (
        "title", "owner_role", "deputy_role", "primary_channel", "fallback_channel", "silent_hours", "tested_on", "reached",
        "attempted", "call_tree",
    ),
}  # fmt: skip


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
    seen = plan.version
    _hold(plan)
    if plan.status != PlanStatus.DRAFT:
        raise Conflict(_("This revision is approved. Start a new one to change it."))
    if plan.version != seen:
        raise Conflict(CHANGED_MEANWHILE)
    for name, value in fields.items():
        setattr(plan, name, value)
    _signed(plan).save()
    return plan


@service(Permission.PLAN_EDIT)
def answer_plan(
    *, plan: EvacuationPlan | CommunicationPlan, answers: Mapping[str, AnswerValue | None]
) -> EvacuationPlan | CommunicationPlan:
    """Answer items of the plan's instrument; the score follows at once."""
    _hold(plan)
    if plan.status != PlanStatus.DRAFT:
        raise Conflict(_("This revision is approved. Start a new one to change it."))
    plan.assessment = answer_items(assessment=plan.assessment, answers=answers)
    _signed(plan).save()
    return plan


@service(Permission.PLAN_EDIT)
def ask_for_approval(*, plan: EvacuationPlan | CommunicationPlan) -> EvacuationPlan | CommunicationPlan:
    """Say that a draft is ready; those who may approve it are asked to sign in."""
    _hold(plan)
    if plan.status != PlanStatus.DRAFT:
        raise Conflict(_("This revision is already approved."))
    plan.approval_asked_at = timezone.now()
    plan.save()
    return plan


@service(Permission.PLAN_APPROVE)
def approve_plan(*, plan: EvacuationPlan | CommunicationPlan) -> EvacuationPlan | CommunicationPlan:
    """Make a draft the plan in force; the one before it is retired. Gaps do not stop an approval: they are shown.

    Raises Conflict where its author approves it although somebody else in the organisation could.
    """
    site = lock(plan.site)
    _hold(plan)
    if plan.status != PlanStatus.DRAFT:
        raise Conflict(_("This revision is already approved."))
    if must_be_another(plan, current_actor().user_id):
        raise Conflict(_("You wrote this revision: another coordinator approves it."))
    type(plan).objects.filter(site=site, status=PlanStatus.APPROVED).update(status=PlanStatus.RETIRED)
    now = timezone.now()
    plan.status, plan.approved_at, plan.approved_by_id = PlanStatus.APPROVED, now, current_actor().user_id
    plan.next_review_on = review_date(site.alert_level, timezone.localdate())
    plan.approval_asked_at = None
    plan.save()
    refresh_current(site)
    return plan


def approvers_besides(plan: EvacuationPlan | CommunicationPlan, user_id: Any) -> QuerySet[User]:
    """The people of the plan's organisation who may approve it, without one of them."""
    roles = [role for role, held in ROLE_PERMISSIONS.items() if Permission.PLAN_APPROVE in held]
    grants = RoleGrant.objects.in_force().filter(organisation_id=plan.organisation_id, role__in=roles)
    return User.objects.filter(pk__in=grants.values("user_id"), is_active=True).exclude(pk=user_id)


def must_be_another(plan: EvacuationPlan | CommunicationPlan, user_id: Any) -> bool:
    """Whether `user_id` wrote the plan and somebody else could approve it. Who is alone approves the own plan."""
    return user_id is not None and plan.written_by_id == user_id and approvers_besides(plan, user_id).exists()


def plan_in_force(model: type[AnyPlan], site: Site) -> AnyPlan | None:
    """The approved plan of a site, or its newest draft where none was ever approved."""
    plans = model.objects.filter(site=site).select_related("assessment").order_by("-revision")
    return plans.filter(status=PlanStatus.APPROVED).first() or plans.first()


def _draft(model: type[AnyPlan], site: Site, fields: dict[str, Any]) -> AnyPlan:
    site = lock(site)
    last = model.objects.filter(site=site).order_by("-revision").first()
    if last and last.status == PlanStatus.DRAFT:
        raise Conflict(_("There is already a draft of this plan."))
    taken_over = {name: getattr(last, name) for name in COPIED[model]} if last else {}
    plan = model(
        organisation_id=site.organisation_id, site=site, revision=(last.revision if last else 0) + 1, **{**taken_over, **fields}
    )
    _signed(plan).save(force_insert=True)
    plan.assessment = open_assessment(subject=plan, instrument=model.instrument, copy_from=last.assessment if last else None)
    plan.save()
    return plan


def _hold(plan: Plan) -> None:
    """Bring a plan up to date and hold its row: what two people press at once happens one after the other."""
    plan.refresh_from_db(from_queryset=type(plan).objects.select_for_update(of=("self",)))


def _signed(plan: AnyPlan) -> AnyPlan:
    """The plan with the name of who changed it last, and no longer put forward for approval."""
    plan.written_by_id = current_actor().user_id or plan.written_by_id
    plan.approval_asked_at = None
    return plan
