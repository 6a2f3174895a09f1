"""Bulletins: published by the AIM-Progress team, confirmed by the coordinators of members."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import Bulletin, BulletinReceipt


@service(Permission.BULLETIN_PUBLISH)
def publish_bulletin(**fields: Any) -> Bulletin:
    """Tell all members something, or those with open sites in the countries that are named."""
    bulletin = Bulletin(**fields, issued_by_id=current_actor().user_id)
    bulletin.full_clean()
    bulletin.save(force_insert=True)
    return bulletin


@service(Permission.BULLETIN_PUBLISH)
def withdraw_bulletin(*, bulletin: Bulletin) -> Bulletin:
    """Take a bulletin back: it stays readable as withdrawn, and nobody is asked to confirm it any more."""
    if bulletin.withdrawn_at is None:
        bulletin.withdrawn_at = timezone.now()
        bulletin.save(update_fields=["withdrawn_at"])
    return bulletin


@service(Permission.BULLETIN_CONFIRM)
def confirm_bulletin(*, bulletin: Bulletin) -> BulletinReceipt:
    """Say, for the own organisation, that a bulletin was read. Saying it twice is saying it once."""
    actor = current_actor()
    if actor.user_id is None:
        raise ValidationError(_("Only a person can confirm having read something."))
    known = BulletinReceipt.objects.filter(
        bulletin=bulletin, organisation_id=actor.organisation_id, user_id=actor.user_id
    ).first()
    if known is None:
        known = BulletinReceipt(bulletin=bulletin, organisation_id=actor.organisation_id, user_id=actor.user_id)
        known.save(force_insert=True)
    return known
