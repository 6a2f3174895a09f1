"""What a coordinator's row of a site offers: whether it can be reminded and when it last was, and who follows it up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aimprogress.core.actor import Actor
from aimprogress.core.audit import record
from aimprogress.core.permissions import Permission, Role
from members.call_tree import tree_of
from members.models import (
    CallContact,
    CommunicationPlan,
    Escalation,
    Organisation,
    PlanStatus,
    Reminder,
    RoleGrant,
    Site,
    SiteCare,
)


@dataclass(frozen=True, slots=True)
class Desk:
    """One site on the desk. `with_you` is None where the site is everybody's."""

    site_id: UUID
    has_safety_profile: bool
    can_be_reminded: bool
    reminded_at: datetime | None = None
    reminded_by: str = ""
    with_you: bool | None = None
    note: str = ""


def works_at_desk(actor: Actor) -> bool:
    """Whether somebody calls and reminds the sites of an own organisation."""
    return actor.may(Permission.CALL_MAKE) and actor.may(Permission.SITE_STATUS_LOG) and not actor.is_secretariat


def desks_of(sites: Collection[UUID], actor: Actor) -> dict[UUID, Desk]:
    """The rows of these sites of the own organisation, by site; empty for who does not work there. Five queries."""
    if not works_at_desk(actor):
        return {}
    own = Site.objects.filter(pk__in=sites, organisation_id=actor.organisation_id)
    reported = _reported(actor.organisation_id)
    reminded = _last_reminders(sites)
    cares = {care.site_id: care for care in SiteCare.objects.filter(site__in=sites).in_force()}
    found = {}
    for pk, profile in own.order_by().values_list("pk", "safety_profile"):
        at, by = reminded.get(pk, (None, ""))
        care = cares.get(pk)
        found[pk] = Desk(
            pk, profile, pk in reported and not profile, at, by, care.user_id == actor.user_id if care else None,
            care.note if care else "",
        )  # fmt: skip
    return found


def with_others(actor: Actor) -> QuerySet:
    """The sites that a colleague follows up."""
    cares = SiteCare.objects.filter(organisation_id=actor.organisation_id).in_force()
    return cares.exclude(user_id=actor.user_id).values("site_id")


@dataclass(frozen=True, slots=True)
class Number:
    """A role that answers the telephone. No name."""

    role: str
    number: str
    hours: str = ""


def numbers_of(sites: Collection[UUID], actor: Actor) -> tuple[dict[UUID, list[Number]], list[Number]]:
    """The roles of each site's own call tree in force, and the call list of the member for all of them. The look is logged.

    Nobody calls into a site with the safety profile: its numbers stay closed. Four queries and one entry in the audit trail.
    """
    plans = CommunicationPlan.objects.filter(
        site__in=sites, organisation_id=actor.organisation_id, status=PlanStatus.APPROVED, site__safety_profile=False
    )
    trees = {
        plan.site_id: [Number(one.role, one.number) for one in tree_of(plan.call_tree) if one.number]
        for plan in plans.order_by("site_id", "revision")
    }
    contacts = CallContact.objects.filter(organisation_id=actor.organisation_id)
    listed = [Number(one.role, one.number, one.hours) for one in contacts]
    if listed or any(trees.values()):
        organisation = Organisation.objects.get(pk=actor.organisation_id)
        record("members.read_call_list", subject=organisation, sites=len(sites), trees=len(trees))
    return trees, listed


def _reported(organisation_id: UUID | None) -> set[UUID]:
    """The sites that have a reporter."""
    grants = RoleGrant.objects.in_force().filter(organisation_id=organisation_id, role=Role.SITE_REPORTER, user__is_active=True)
    return {pk for site_ids in grants.values_list("site_ids", flat=True) for pk in site_ids}


def _last_reminders(sites: Collection[UUID]) -> dict[UUID, tuple[datetime, str]]:
    """When each site was last reminded and by which role, or by the portal itself."""
    by_clock = Escalation.objects.filter(site__in=sites, step=Escalation.Step.REPORTER).order_by("site_id", "-raised_at")
    found = {pk: (at, _("the portal")) for pk, at in by_clock.distinct("site_id").values_list("site_id", "raised_at")}
    by_hand = Reminder.objects.filter(site__in=sites).order_by("site_id", "-reminded_at").distinct("site_id")
    for reminder in by_hand:
        if reminder.site_id not in found or reminder.reminded_at > found[reminder.site_id][0]:
            found[reminder.site_id] = (reminder.reminded_at, reminder.who)
    return found
