"""Phones: a link for one phone, the token it is exchanged for, and the end of it. A phone adds and reads nothing."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import SYSTEM, acting_as, current_actor
from aimprogress.core.audit import record
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission, Role
from aimprogress.core.services import announce, service
from members.models import CheckIn, Device, OtherAnswers, RoleGrant, Site, User
from members.returning import settle_permits
from members.services.accounts import Secret, hashed, refuse_what_is_cut_off
from members.services.follow_ups import note_help
from members.services.sites import lock, refresh_current

LINK_OPENS = timedelta(hours=24)
WORDS = (
    "ALDER", "ASPEN", "BIRCH", "CEDAR", "CLOVER", "FERN", "HAZEL", "HEATHER", "IRIS", "IVY", "JUNIPER", "LARCH", "LILAC",
    "LINDEN", "MAPLE", "MINT", "MOSS", "OAK", "OLIVE", "PINE", "POPLAR", "REED", "ROWAN", "SAGE", "SORREL", "SPRUCE", "TANSY",
    "THYME", "WILLOW", "YARROW",
)  # fmt: skip
"""What phones are called: plants, so that a name says nothing of a place, a company or a person."""


@service(Permission.PEOPLE_MANAGE)
def offer_device(
    *, site: Site, standing: str = Device.Standing.REPORTER, holder: User | None = None, language: str = "en",
    replaces: Device | None = None,
) -> Secret:  # fmt: skip
    """Open a way in for one phone, for a day. The secret goes into the link or QR code and nowhere else.

    Raises ValidationError for a site with the safety profile that nobody has opened for check-ins from inside, for a holder
    who does not report there, and where access from there is cut off.
    """
    if site.safety_profile and not site.inside_checkin_reason:
        raise ValidationError({"site": _("No phone checks in from inside this site unless you switch it on with a reason.")})
    if holder is not None and not _reports_at(holder, site):
        raise ValidationError({"holder": _("This account does not report for this site.")})
    refuse_what_is_cut_off(site.organisation, [site.pk], "site")
    text = secrets.token_urlsafe(32)
    device = Device(
        organisation_id=site.organisation_id, site=site, standing=standing, holder=holder, language=language, replaces=replaces,
        alias=_new_alias(site.organisation_id), line_key=secrets.token_hex(16), link_hash=hashed(text),
        link_ends_at=timezone.now() + LINK_OPENS, made_by_id=current_actor().user_id,
    )  # fmt: skip
    device.save(force_insert=True)
    return Secret(device, text)


@service(Permission.PEOPLE_MANAGE)
def hand_over_device(*, device: Device) -> Secret:
    """A link for the phone that takes over. The old one works until the new one is enrolled, and not a moment longer.

    An earlier link to take over from the same phone opens nothing any more: one phone follows, not two.
    """
    device = Device.objects.select_for_update(of=("self",)).select_related("site").get(pk=device.pk)
    _must_be_in_hand(device)
    Device.objects.filter(replaces=device, enrolled_at=None).end(Device.Ended.HANDED_OVER)
    return offer_device(site=device.site, standing=device.standing, language=device.language, replaces=device)


@service(Permission.PEOPLE_MANAGE)
def end_device(*, device: Device, why: str = Device.Ended.LEFT, ignore_since: datetime | None = None) -> Device:
    """End a phone now. `ignore_since`: what it sent from then on is put aside, because somebody else held it."""
    _must_be_in_hand(device)
    Device.objects.filter(pk=device.pk).end(why)
    if ignore_since is not None:
        _put_aside(device, ignore_since)
    device.refresh_from_db()
    return device


def find_offer(text: str) -> Device | None:
    """The phone that a link is for, or None: unknown, used and ended look alike. Needs no Actor that sees it."""
    with acting_as(SYSTEM):
        waiting = Device.objects.select_related("site", "organisation").filter(enrolled_at=None, revoked_at=None)
        return waiting.filter(link_hash=hashed(text), link_ends_at__gt=timezone.now()).first()


def is_taken(on: Device | None, site_id: UUID) -> bool:
    """Whether this browser is a phone of another site already: what waits on it could be sent by nobody any more."""
    return on is not None and on.site_id != site_id


def enrol_device(*, text: str, on: Device | None = None) -> Secret:
    """Exchange a link for the token of a phone, once. The secret is the permission; raises Conflict where it opens nothing.

    `on`: the phone that this browser is so far, if it is one. For the same site it goes on under the new name and sends what
    waits; for another site it stays what it is, and Conflict is raised.
    """
    if find_offer(text) is None:
        raise Conflict(_("This link was already used, or has ended. Ask your coordinator for a new one."))
    with acting_as(SYSTEM):
        waiting = Device.objects.select_related("site").select_for_update(of=("self",))
        device = waiting.filter(link_hash=hashed(text), enrolled_at=None, revoked_at=None).first()
        if device is None:
            raise Conflict(_("This link was already used, or has ended. Ask your coordinator for a new one."))
        if is_taken(on, device.site_id):
            raise Conflict(_("This phone checks in for another site already"))
        secret = secrets.token_urlsafe(32)
        now = timezone.now()
        device.link_hash, device.token_hash, device.enrolled_at, device.last_seen_at = "", hashed(secret), now, now
        device.save(update_fields=["link_hash", "token_hash", "enrolled_at", "last_seen_at"])
        before = [pk for pk in (device.replaces_id, on and on.pk) if pk]
        Device.objects.filter(pk__in=before).end(Device.Ended.HANDED_OVER)
        record("members.enrol_device", subject=device, site=device.site_id)
    return Secret(device, f"{device.pk}.{secret}")


def note_wipe(device: Device) -> None:
    """An ended phone says that it has deleted what it held; its token opens nothing any more, not even this."""
    with acting_as(SYSTEM):
        Device.objects.filter(pk=device.pk).update(wiped_at=timezone.now(), token_hash="")
        record("members.wipe_device", subject=device)


def _must_be_in_hand(device: Device) -> None:
    if device.revoked_at is not None:
        raise Conflict(_("This phone was already ended."))


def _put_aside(device: Device, since: datetime) -> None:
    """Nothing that came from the phone since then counts: no fact, no call for help, no second answer. The rows stay."""
    now, site = timezone.now(), lock(device.site)
    sent = CheckIn.objects.filter(device=device.pk, received_at__gte=since)
    for check_in in sent:
        check_in.statuses.filter(retracted_at=None).update(retracted_at=now)
        check_in.head_counts.filter(retracted_at=None).update(retracted_at=now)
        settle_permits(check_in.statuses.values_list("permit", flat=True))
        announce("members.put_aside_check_in", check_in)
    sent.update(follow_up=CheckIn.FollowUp.NONE, also_open=[], put_aside_at=now)
    others = OtherAnswers.objects.filter(device=device.pk, received_at__gte=since, settled=OtherAnswers.Settled.OPEN)
    others.update(settled=OtherAnswers.Settled.FIRST, settled_at=now, settled_by=current_actor().user_id)
    note_help(site)
    refresh_current(site)


def _reports_at(holder: User, site: Site) -> bool:
    grants = RoleGrant.objects.in_force().filter(user=holder, organisation_id=site.organisation_id)
    return grants.filter(role=Role.SITE_REPORTER, site_ids__contains=[site.pk]).exists()


def _new_alias(organisation_id: UUID) -> str:
    """A name that no phone of this organisation has or had: an old text line must not be taken for a new phone's."""
    taken = set(Device.objects.filter(organisation_id=organisation_id).values_list("alias", flat=True))
    for digits in (90, 9000):
        for _try in range(20):
            alias = f"{secrets.choice(WORDS)}{digits // 9 + secrets.randbelow(digits)}"
            if alias not in taken:
                return alias
    raise Conflict(_("No free name for a phone is left."))
