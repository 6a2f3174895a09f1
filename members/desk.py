"""What a coordinator's row of a site offers: whether it can be reminded and when it last was, and who follows it up."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from aimprogress.core.actor import Actor
from aimprogress.core.audit import record
from aimprogress.core.permissions import Permission
from members.call_tree import tree_of
from members.models import (
    CallContact,
    CommunicationPlan,
    Escalation,
    Organisation,
    PlanStatus,
    Reminder,
    Site,
    SiteCare,
)
from members.recipients import sites_with_reporters


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
    reported = sites_with_reporters([actor.organisation_id])
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


def late_to_remind(late: QuerySet, actor: Actor) -> list[UUID]:
    """Of these sites the own ones whose reporters may be mailed; none for who does not work there. Two queries."""
    if not works_at_desk(actor):
        return []
    own = late.filter(organisation_id=actor.organisation_id, safety_profile=False)
    reported = sites_with_reporters([actor.organisation_id])
    return [pk for pk in own.order_by("pk").values_list("pk", flat=True) if pk in reported]


def with_others(actor: Actor) -> QuerySet:
    """The sites that a colleague follows up."""
    cares = SiteCare.objects.filter(organisation_id=actor.organisation_id).in_force()
    return cares.exclude(user_id=actor.user_id).values("site_id")


def followed_up_by(whom: str, actor: Actor) -> Q:
    """The own sites that the reader follows up ("me"), that a colleague does ("other"), or nobody alone ("all"). A condition."""
    cares = SiteCare.objects.filter(organisation_id=actor.organisation_id).in_force()
    own = Q(organisation_id=actor.organisation_id)
    if whom == "all":
        return own & ~Q(pk__in=cares.values("site_id"))
    hers = cares.filter(user_id=actor.user_id) if whom == "me" else cares.exclude(user_id=actor.user_id)
    return own & Q(pk__in=hers.values("site_id"))


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
    trees = _trees(sites, [actor.organisation_id])
    contacts = CallContact.objects.filter(organisation_id=actor.organisation_id)
    listed = [Number(one.role, one.number, one.hours) for one in contacts]
    if listed or any(trees.values()):
        organisation = Organisation.objects.get(pk=actor.organisation_id)
        record("members.read_call_list", subject=organisation, sites=len(sites), trees=len(trees))
    return trees, listed


def numbers_to_call(sites: Mapping[UUID, UUID], actor: Actor) -> dict[UUID, list[Number]]:
    """For each site (with its member) the roles of its own call tree in force, then its member's call list, for who may call.

    The member itself calls, and who looks after it (`Actor.writes`). The look is logged for each member. Four queries at most.
    """
    members = set(sites.values()) & actor.writes
    mine = {site: member for site, member in sites.items() if member in members}
    trees, listed = _trees(mine, members), defaultdict(list)
    for one in CallContact.objects.filter(organisation_id__in=members):
        listed[one.organisation_id].append(Number(one.role, one.number, one.hours))
    found = {site: [*trees.get(site, []), *listed[member]] for site, member in mine.items()}
    for organisation in Organisation.objects.filter(pk__in={mine[site] for site, numbers in found.items() if numbers}):
        record("members.read_call_list", subject=organisation)
    return found


def _trees(sites: Collection[UUID], members: Collection[UUID | None]) -> dict[UUID, list[Number]]:
    """The roles with a number of each site's call tree in force; nobody calls into a site with the safety profile."""
    plans = CommunicationPlan.objects.filter(
        site__in=list(sites), organisation_id__in=members, status=PlanStatus.APPROVED, site__safety_profile=False
    )
    return {
        plan.site_id: [Number(one.role, one.number) for one in tree_of(plan.call_tree) if one.number]
        for plan in plans.order_by("site_id", "revision")
    }


def _last_reminders(sites: Collection[UUID]) -> dict[UUID, tuple[datetime, str]]:
    """When each site was last reminded and by which role, or by the portal itself."""
    by_clock = Escalation.objects.filter(site__in=sites, step=Escalation.Step.REPORTER).order_by("site_id", "-raised_at")
    found = {pk: (at, _("the portal")) for pk, at in by_clock.distinct("site_id").values_list("site_id", "raised_at")}
    by_hand = Reminder.objects.filter(site__in=sites).order_by("site_id", "-reminded_at").distinct("site_id")
    for reminder in by_hand:
        if reminder.site_id not in found or reminder.reminded_at > found[reminder.site_id][0]:
            found[reminder.site_id] = (reminder.reminded_at, reminder.who)
    return found
