"""A text line that somebody received: second-hand until a person, or the phone itself, confirms it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from uuid import uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import CheckIn, Confidence, Device, Organisation
from members.projection import standing
from members.services.checkins import record_check_in
from members.services.sites import add_head_count, add_status, lock, refresh_current
from members.textline import read_line

A_MINUTE = timedelta(minutes=1)
"""A line tells the minute. A phone that lost what it held counts from one again: the number alone is no proof."""


@service(Permission.SITE_STATUS_LOG)
def receive_text_line(*, organisation: Organisation, text: str) -> CheckIn:
    """Enter a line of one of the own phones. Entered twice, or sent by the phone meanwhile, it is the same check-in.

    Raises ValidationError for a line with a slip in it, of an unknown or ended phone, or with a code that does not fit.
    """
    line = read_line(text)
    device = Device.objects.filter(organisation=organisation, alias=line.alias).select_related("site").first()
    if device is None:
        raise ValidationError({"text": _("None of your phones has this name.")})
    if not line.fits(device.line_key):
        raise ValidationError({"text": _("The code does not fit this phone. Ask for the line again, and who sends it.")})
    if device.revoked_at is not None:
        raise ValidationError({"text": _("This phone was ended. Whoever sends this line should call you.")})
    same_minute = {"claimed_at__gte": line.at, "claimed_at__lt": line.at + A_MINUTE}
    if sent := CheckIn.objects.filter(device=device.pk, seq=line.seq, **same_minute).first():
        sent.heard_before = True
        return sent
    return record_check_in(
        site=device.site, **line.answers, id=uuid5(device.pk, line.said), claimed_at=line.at, seq=line.seq,
        channel=CheckIn.Channel.LINE, device=device,
    )  # fmt: skip


@service(Permission.SITE_STATUS_LOG)
def confirm_text_line(*, check_in: CheckIn) -> CheckIn:
    """A person has asked, and it is so: what the line said counts as confirmed from now on."""
    if check_in.channel != CheckIn.Channel.LINE or check_in.confirmed_at is not None:
        raise Conflict(_("This was already confirmed."))
    if check_in.put_aside_at is not None:
        raise Conflict(_("What this phone sent was put aside: somebody else held it."))
    check_in.confirmed_at, check_in.confirmed_by_id = timezone.now(), current_actor().user_id
    check_in.save(update_fields=["confirmed_at", "confirmed_by"])
    site, why = lock(check_in.site), _("Text line, confirmed by a person")
    for status in standing(check_in.statuses.filter(confidence=Confidence.B)):  # what was corrected meanwhile stays corrected
        with _as_far_as_allowed():
            add_status(
                site, operational=status.operational, reason=status.reason, note=status.note, observed_at=status.observed_at,
                check_in=check_in, supersedes=status, correction_reason=why, reason_follows=True,
            )  # fmt: skip
    for count in standing(check_in.head_counts.filter(confidence=Confidence.B)):
        with _as_far_as_allowed():
            add_head_count(
                site, expected=count.expected, safe_local=count.safe_local, safe_idp=count.safe_idp,
                safe_abroad=count.safe_abroad, injured=count.injured, unaccounted=count.unaccounted, strict=count.strict,
                overlays=count.overlays, by_contract=count.by_contract, by_gender=count.by_gender,
                observed_at=count.observed_at, check_in=check_in, supersedes=count, reason=why,
            )  # fmt: skip
    refresh_current(site)
    return check_in


@contextmanager
def _as_far_as_allowed() -> Iterator[None]:
    """What may not be said again, as under a safety profile that came since, stays second-hand; the rest is confirmed."""
    with suppress(ValidationError), transaction.atomic():
        yield
