"""What a coordinator does about a site from its row: remind it, note what a call brought, hand it to a colleague."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor, current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import ROLE_PERMISSIONS, Permission, Role
from aimprogress.core.services import announce, service
from members.late import call_again
from members.models import (
    REMIND_AGAIN_AFTER,
    Confidence,
    Escalation,
    Reminder,
    RoleGrant,
    Site,
    SiteCall,
    SiteCare,
    SourceType,
    User,
)
from members.models.bulk import UNDO_WITHIN
from members.recipients import sites_with_reporters
from members.services.bulk import check_in_together, undo_bulk_check_in

Heard = SiteCall.Heard
SPOKE = {"source_type": SourceType.DIRECT, "confidence": Confidence.B}
"""Our own staff called, and it is still second-hand until the site itself reports."""


@dataclass(slots=True)
class Reminded:
    """What came of it, site by site."""

    now: list[Reminder] = field(default_factory=list)
    before: list[Reminder] = field(default_factory=list)
    """Reminded by somebody a short while ago already: nobody is mailed twice."""
    nobody: list[Site] = field(default_factory=list)
    """Sites where no reporter may be mailed: call them."""


@service(Permission.CALL_MAKE)
def remind_sites(*, sites: list[UUID]) -> Reminded:
    """Ask the reporters of these sites to check in; the mail says nothing and waits for the morning where nobody is in danger.

    Safe to repeat: a site that was reminded in the last four hours about the same report is not reminded again.
    Raises ValidationError where none of the sites can be reminded.
    """
    actor, done, now = current_actor(), Reminded(), timezone.now()
    found = list(Site.objects.open().select_for_update(of=("self",)).filter(pk__in=sites).order_by("pk"))
    if any(site.organisation_id not in actor.writes for site in found):
        raise PermissionDenied
    if not found:
        raise ValidationError(_("No site was chosen."))
    lately = (
        Reminder.objects.filter(site__in=found, reminded_at__gt=now - REMIND_AGAIN_AFTER)
        .select_related("site")
        .order_by("reminded_at", "id")
    )
    earlier = {(one.site_id, one.since): one for one in lately}
    reachable = sites_with_reporters({site.organisation_id for site in found})
    for site in found:
        if site.safety_profile or site.pk not in reachable:  # as `reporters_of` says of one
            done.nobody.append(site)
        elif before := earlier.get((site.pk, site.current_status_at)):
            done.before.append(before)
        else:
            said = {"by_id": actor.user_id, "by_role": role_of(actor), "reminded_at": now}
            done.now.append(Reminder(organisation_id=site.organisation_id, site=site, since=site.current_status_at, **said))
    Reminder.objects.bulk_create(done.now)
    for reminder in done.now:
        announce("members.remind_site", reminder)
    if not done.now and not done.before:
        raise ValidationError(_("Nobody at this site may be mailed: it has no reporter, or its safety profile forbids it. Call."))
    return done


@service(Permission.CALL_MAKE)
def remind_one_site(*, site: Site) -> Reminder:
    """The same for one site. Answers with the reminder that it got a short while ago, where it got one."""
    done = remind_sites(sites=[site.pk])
    return [*done.now, *done.before][0]


@service(Permission.CALL_MAKE)
def note_call(*, site: Site, heard: str, told_by: str = "", reason: str = "") -> SiteCall:
    """Note a call. What was heard is reported for the site as second-hand; a call that was due ends by it, or is due again soon.

    Raises ValidationError where nobody is named who told it, or where the site cannot be what was said (members/transitions.py).
    """
    now, bulk = timezone.now(), None
    call = SiteCall(organisation_id=site.organisation_id, site=site, heard=heard, told_by=told_by.strip(), called_at=now)
    call.by_id = current_actor().user_id
    call.clean()
    if heard != Heard.NOT_REACHED:
        operational = "" if heard == Heard.AS_BEFORE else heard
        said = {"operational": operational, "observed_at": now, "told_by": told_by, "reason": reason}
        bulk = check_in_together(sites=[site.pk], **said, **SPOKE)
    else:
        call_again(Escalation.objects.filter(site=site))
    call.bulk = bulk
    call.save(force_insert=True)
    return call


@service(Permission.CALL_MAKE)
def undo_site_call(*, call: SiteCall) -> SiteCall:
    """Take a noted call back with the report that it made, within a quarter of an hour and by who noted it."""
    now = timezone.now()
    if call.by_id != current_actor().user_id:
        raise PermissionDenied
    if call.undone_at or now - call.called_at > UNDO_WITHIN:
        raise Conflict(_("It is too late to take this back. Correct the report of the site instead."))
    if call.bulk_id:
        undo_bulk_check_in(bulk=call.bulk)
    call.undone_at = now
    call.save(update_fields=["undone_at"])
    return call


@service(Permission.SITE_EDIT)
def hand_over_site(*, site: Site, user: User | None = None, note: str = "", also: Collection[UUID] = ()) -> SiteCare | Site:
    """Give a site, and `also` others of the member, to a coordinator, who is told once; None gives them back to everybody.

    Raises ValidationError for anybody but a coordinator of the member.
    """
    grants = RoleGrant.objects.in_force().filter(organisation_id=site.organisation_id, role=Role.MEMBER_COORDINATOR)
    if user is not None and not grants.filter(user=user, user__is_active=True).exists():
        raise ValidationError({"user": _("Only a coordinator follows a site up.")})
    others = Site.objects.filter(organisation_id=site.organisation_id, pk__in=also).exclude(pk=site.pk).order_by("pk")
    known = {one.site_id: one for one in SiteCare.objects.select_for_update(of=("self",)).filter(site__in=[site.pk, *also])}
    now, result = timezone.now(), site
    for one in (*others, site):
        care = known.get(one.pk) or SiteCare(organisation_id=one.organisation_id, site=one)
        if user is None:
            if one.pk in known:
                care.delete()
            result = one
        else:
            care.user, care.note, care.since = user, note.strip(), now
            care.save()
            result = care
        if one.pk != site.pk:
            announce("members.hand_over_site", result)
    return result


def role_of(actor: Actor) -> str:
    """The role under which somebody reminds: the one that may; "" for a program, which has none."""
    return next((role.value for role in sorted(actor.roles) if Permission.CALL_MAKE in ROLE_PERMISSIONS[role]), "")
