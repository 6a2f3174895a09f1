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
from members.models import (
    ENDED,
    AlertLevel,
    Drill,
    EvacuationPlan,
    Incident,
    Operational,
    PlanActivation,
    PlanStatus,
    RollCall,
    Site,
    SiteStatus,
)
from members.planning import drill_due
from members.projection import held, standing
from members.rounds import ROUNDS
from members.services.roll_calls import begin_roll_call
from members.services.sites import add_alert_level, add_status, lock, refresh_current

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
    """End an evacuation and keep what it taught.

    Where everybody left and nobody has reported since, the site is logged as evacuated: it reads so until somebody reports
    otherwise, and operates again by the gates of the return alone. `moved` of 0 says that nobody left after all.
    """
    site = lock(activation.site)
    activation.refresh_from_db(fields=["stood_down_at", "stood_down_by_id"])
    if activation.stood_down_at:
        raise Conflict(_("This evacuation was already stood down."))
    activation.stood_down_at, activation.stood_down_by_id = timezone.now(), current_actor().user_id
    activation.moved, activation.family_moved, activation.problems = moved, family_moved, problems.strip()
    activation.save()
    if left_empty(activation) and site.current_operational not in (*ENDED, Operational.RELOCATED):
        add_status(site, operational=Operational.EVACUATED, observed_at=activation.stood_down_at)
    refresh_current(site)
    return activation


def left_empty(activation: PlanActivation) -> bool:
    """Whether an evacuation leaves a site empty of which nobody has said since how it is."""
    reported = standing(SiteStatus.objects.filter(site=activation.site_id, observed_at__gt=activation.activated_at))
    return activation.is_of_everybody and activation.moved != 0 and not reported.exists()


@service(Permission.DRILL_LOG)
def record_drill(*, site: Site, **fields: Any) -> Drill:
    """Keep a drill and say when the next one is due at the site's alert level; one that failed moves no date."""
    site = lock(site)
    drill = Drill(organisation_id=site.organisation_id, site=site, **fields)
    others = held(Drill.objects.filter(site=site, held_on__lte=drill.held_on).exclude(result=Drill.Result.FAIL), None).first()
    succeeded = others and others.held_on if drill.result == Drill.Result.FAIL else drill.held_on
    drill.next_due_on = drill_due(site.alert_level, succeeded, drill.held_on)
    drill.save(force_insert=True)
    refresh_current(site)
    return drill
