"""Gaps of an evacuation plan as actions: opened with a revision, carried over to the next, done by the one that closes them."""

from django.db.models import QuerySet
from django.utils.translation import gettext

from humanitarian.models import SafetyAction
from humanitarian.services.actions import action_from, change_action
from humanitarian.wording import title_of
from members.capacity import Capacity, capacity
from members.models import EvacuationPlan, PlanStatus

PLAN = SafetyAction.Origin.PLAN
DAYS = 7


def follow_plan(plan: EvacuationPlan) -> None:
    """Bring the site's actions about gaps to what a newly approved revision says; acts as SYSTEM, in the language of the moment.

    A gap has one open action, whichever revision it began with. Where the new revision has no such gap, the action that the
    portal opened is done by it; one that a person worded is theirs to close, and its page says so (`closed_by_plan`).
    """
    gaps, carried = gaps_of(plan), set()
    for action in _open_about_gaps(plan).select_for_update(of=("self",)).order_by("pk"):
        before = EvacuationPlan.objects.select_related("site", "assessment").get(pk=action.origin_id)
        own_words = action.title != gaps_of(before).get(action.origin_key)
        if not _closes(plan, action.origin_key):
            carried.add(action.origin_key)
            if before.pk != plan.pk:
                title = action.title if own_words else gaps.get(action.origin_key, action.title)
                change_action(action=action, origin_id=plan.pk, title=title)
        elif not own_words:
            words = gettext("Revision %(n)s of the evacuation plan has no such gap.") % {"n": plan.revision}
            change_action(action=action, status=SafetyAction.Status.DONE, evidence=action.evidence or words)
    for key, title in gaps.items():
        if key not in carried:
            owner = plan.owner_role or gettext("Site manager")
            action_from(PLAN, plan.pk, key, site=plan.site, days=DAYS, title=title, owner_role=owner)


def gaps_of(plan: EvacuationPlan) -> dict[str, str]:
    """What the portal opens actions for, by key with its title: too few seats, shelter places or beds, missing critical items."""
    critical = (plan.assessment.result or {}).get("missing_critical", []) if plan.assessment else []
    gaps = dict(_capacity(plan).shortfalls) | {f"item {code}": 0 for code in critical}
    return {key: title_of(PLAN, key, n) for key, n in gaps.items()}


def closed_by_plan(action: SafetyAction) -> EvacuationPlan | None:
    """The approved evacuation plan that has no such gap any more, of an open action about a gap; None where it is still there."""
    if not (action.is_open and action.origin == PLAN and action.origin_key):
        return None
    plans = EvacuationPlan.objects.filter(site_id=action.site_id, status=PlanStatus.APPROVED).select_related("site", "assessment")
    plan = plans.first()
    if plan is None or not EvacuationPlan.objects.filter(pk=action.origin_id, revision__lt=plan.revision).exists():
        return None
    return plan if _closes(plan, action.origin_key) else None


def _closes(plan: EvacuationPlan, key: str) -> bool:
    """Whether the plan says that there is no such gap. What it leaves open, a number or a question, closes nothing."""
    kind, _space, code = key.partition(" ")
    if kind == "item":
        outcome = plan.assessment.outcome if plan.assessment_id else None
        return outcome is not None and code not in outcome.missing
    fit = getattr(_capacity(plan), kind, None)
    return fit is not None and fit.is_enough


def _capacity(plan: EvacuationPlan) -> Capacity:
    return capacity(
        seats_there=plan.seats, trips=plan.trips, expected_evacuees=plan.expected_evacuees, family_estimate=plan.family_estimate,
        shelter_capacity=plan.shelter_capacity, largest_shift=plan.site.largest_shift, beds_there=plan.beds,
    )  # fmt: skip


def _open_about_gaps(plan: EvacuationPlan) -> QuerySet:
    revisions = EvacuationPlan.objects.filter(site=plan.site, revision__lte=plan.revision)
    about = SafetyAction.objects.open().filter(site=plan.site, origin=PLAN, origin_id__in=revisions.values("pk"))
    return about.exclude(origin_key="")
