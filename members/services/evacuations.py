"""What plans are for: activate one, stand down, and the drills before."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import announce, service
from members.models import AlertLevel, Drill, EvacuationPlan, Incident, PlanActivation, PlanStatus, RollCall, Site
from members.planning import drill_date
from members.rounds import ROUNDS
from members.services.roll_calls import begin_roll_call
from members.services.sites import add_alert_level, lock, refresh_current

EVACUATION_REASON = "An evacuation plan was activated."


@service(Permission.PLAN_ACTIVATE)
def activate_plan(
    *, plan: EvacuationPlan, who: str, reason: str, people: int | None = None, level: int = AlertLevel.EXTREME,
    activated_at: datetime | None = None, press: UUID | None = None,
) -> PlanActivation:  # fmt: skip
    """Set an evacuation going: the site shows as evacuating until somebody stands it down.

    `who` and `reason` are codes of Leaving and ActivationReason, or free text. The site's alert level rises to `level`, never
    falls. `press`: the id that the evacuation gets, so that the same press twice is known as one. An approved plan whose review
    is overdue may be activated: it is better than none. A roll call begins with it, unless one is open.

    Raises Conflict for a draft, a replaced plan, or a second evacuation.
    """
    site = lock(plan.site)
    if plan.status != PlanStatus.APPROVED:
        raise Conflict(_("Only an approved plan can be activated."))
    if PlanActivation.objects.filter(site=site, stood_down_at=None).exists():
        raise Conflict(_("An evacuation of this site is already under way."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why.")})
    if level < site.alert_level:
        raise ValidationError({"level": _("The site is at a higher level already. Lower it on its own, with a reason.")})
    activation = PlanActivation(
        organisation_id=site.organisation_id, site=site, plan=plan, level=level, who=who, reason=reason.strip(),
        people=people, activated_at=activated_at or timezone.now(), activated_by_id=current_actor().user_id,
    )  # fmt: skip
    if press is not None:
        activation.pk = press
    try:
        with transaction.atomic():
            activation.save(force_insert=True)
    except IntegrityError as error:  # the same press once more, after the evacuation that it began has ended
        raise Conflict(_("This was sent already. Open the page again to begin another evacuation.")) from error
    if site.alert_level < level:
        announce("members.change_alert_level", add_alert_level(site, level=level, reason=EVACUATION_REASON))
    recent = activation.activated_at > timezone.now() - ROUNDS[-1]
    if recent and not RollCall.objects.filter(site=site, closed_at=None).exists():
        begin_roll_call(site, incident=Incident.EVACUATION, began_at=activation.activated_at)
    refresh_current(lock(site))
    return activation


@service(Permission.PLAN_ACTIVATE)
def stand_down(
    *, activation: PlanActivation, moved: int | None = None, family_moved: int | None = None, problems: str = ""
) -> PlanActivation:
    """End an evacuation and keep what it taught."""
    site = lock(activation.site)
    activation.refresh_from_db(fields=["stood_down_at", "stood_down_by_id"])
    if activation.stood_down_at:
        raise Conflict(_("This evacuation was already stood down."))
    activation.stood_down_at, activation.stood_down_by_id = timezone.now(), current_actor().user_id
    activation.moved, activation.family_moved, activation.problems = moved, family_moved, problems.strip()
    activation.save()
    refresh_current(site)
    return activation


@service(Permission.DRILL_LOG)
def record_drill(*, site: Site, **fields: Any) -> Drill:
    """Keep a drill and say when the next one is due at the site's alert level."""
    site = lock(site)
    drill = Drill(organisation_id=site.organisation_id, site=site, **fields)
    drill.next_due_on = drill_date(site.alert_level, drill.held_on)
    drill.save(force_insert=True)
    refresh_current(site)
    return drill
