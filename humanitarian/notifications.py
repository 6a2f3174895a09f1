"""What follows from facts of the floor below: a gap in an approved plan becomes an action."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from aimprogress.core.audit import AuditEvent
from aimprogress.core.events import on
from humanitarian.models import SafetyAction
from humanitarian.services.actions import action_from
from members.capacity import capacity
from members.models import EvacuationPlan

PLAN = SafetyAction.Origin.PLAN


@on("members.approve_plan", max_age=timedelta(days=30))
def open_actions_for_gaps(event: AuditEvent) -> None:
    """Too few seats, shelter places or beds, and missing critical items, become actions of the site (scenario 8)."""
    plan = EvacuationPlan.objects.select_related("site", "assessment").filter(pk=event.object_id).first()
    if plan is None:
        return
    with override("en"):
        for key, title in _gaps(plan):
            action_from(
                PLAN, plan.pk, key, site=plan.site, days=7, title=title[:160], owner_role=plan.owner_role or _("Site manager")
            )


def _gaps(plan: EvacuationPlan) -> list[tuple[str, str]]:
    found = capacity(
        seats_there=plan.seats, trips=plan.trips, expected_evacuees=plan.expected_evacuees, family_estimate=plan.family_estimate,
        shelter_capacity=plan.shelter_capacity, largest_shift=plan.site.largest_shift, beds_there=plan.beds,
    )  # fmt: skip
    words = {
        "seats": lambda n: ngettext("Find %(n)s more seat for the evacuation", "Find %(n)s more seats for the evacuation", n),
        "shelter": lambda n: ngettext("Find %(n)s more shelter place", "Find %(n)s more shelter places", n),
        "beds": lambda n: ngettext("Find %(n)s more bed at the destination", "Find %(n)s more beds at the destination", n),
    }
    gaps = [(key, words[key](n) % {"n": n}) for key, n in found.shortfalls.items()]
    missing = (plan.assessment.result or {}).get("missing_critical", []) if plan.assessment else []
    return gaps + [(f"item {code}", _("Close the gap of plan item %(item)s") % {"item": code}) for code in missing]
