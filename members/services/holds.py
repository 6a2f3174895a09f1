"""Legal holds: nothing of an organisation is deleted while one is in force."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import LegalHold, Organisation


@service(Permission.HOLD_SET)
def set_hold(*, organisation: Organisation, reason: str) -> LegalHold:
    """Stop every deletion of the organisation's data from now on. Raises Conflict where one is in force already."""
    locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if LegalHold.objects.in_force().filter(organisation=locked).exists():
        raise Conflict(_("A legal hold is in force here already."))
    hold = LegalHold(organisation=locked, reason=reason, set_by_id=current_actor().user_id)
    hold.full_clean(exclude={"organisation", "set_by"}, validate_constraints=False)
    hold.save(force_insert=True)
    return hold


@service(Permission.HOLD_SET)
def lift_hold(*, hold: LegalHold) -> LegalHold:
    """From the next night on, what is older than its rule says is deleted again. Raises Conflict where it was lifted already."""
    locked = LegalHold.objects.select_for_update().get(pk=hold.pk)
    if locked.lifted_at is not None:
        raise Conflict(_("This legal hold was lifted already."))
    locked.lifted_at, locked.lifted_by_id = timezone.now(), current_actor().user_id
    locked.save(update_fields=["lifted_at", "lifted_by"])
    return locked
