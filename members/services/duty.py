"""The duty roster: who is asked first when somebody needs help, and who next."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import DutyTurn, Organisation, RoleGrant, User
from members.models.duty import ANSWERING


@service(Permission.PEOPLE_MANAGE)
def add_duty_turn(
    *, organisation: Organisation, user: User, label: str, from_on: date | None = None, until_on: date | None = None
) -> DutyTurn:
    """Put somebody at the end of the roster. Raises ValidationError for who could not acknowledge a call."""
    if not RoleGrant.objects.in_force().filter(user=user, organisation=organisation, role__in=ANSWERING).exists():
        raise ValidationError({"user": _("This account cannot acknowledge a call: it needs to be a coordinator.")})
    last = DutyTurn.objects.filter(organisation=organisation).aggregate(last=Max("position"))["last"] or 0
    turn = DutyTurn(
        organisation=organisation, user=user, label=label.strip(), position=last + 1, from_on=from_on, until_on=until_on
    )
    turn.save(force_insert=True)
    return turn


@service(Permission.PEOPLE_MANAGE)
def raise_duty_turn(*, turn: DutyTurn) -> DutyTurn:
    """Ask this one before the one above, on the roster as it stands now."""
    roster = list(
        DutyTurn.objects.select_for_update(of=("self",)).filter(organisation_id=turn.organisation_id).order_by("position", "id")
    )
    place = next((place for place, one in enumerate(roster) if one.pk == turn.pk), 0)
    if place > 0:
        above, turn = roster[place - 1], roster[place]
        turn.position, above.position = above.position, turn.position
        above.save(update_fields=["position"])
        turn.save(update_fields=["position"])
    return turn


@service(Permission.PEOPLE_MANAGE)
def remove_duty_turn(*, turn: DutyTurn) -> Organisation:
    """Take a turn off the roster. Whom it was asked already stays written."""
    organisation = turn.organisation
    turn.delete()
    return organisation
