"""Calls that somebody has to make, and the list of roles and work numbers that they are made with."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.late import call_again
from members.models import CallContact, Escalation, Organisation

NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


@service(Permission.CALL_MAKE)
def close_call(*, call: Escalation, outcome: str) -> Escalation:
    """Say what came of a call. Where nobody answers it stays, due again in half an hour; where somebody was reached and no
    report follows it comes back (members/late.py).

    Raises Conflict where somebody else has reached them already.
    """
    call = Escalation.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if call.closed_at is not None:
        raise Conflict(_("Somebody has made this call already."))
    call.outcome = outcome
    if outcome == Escalation.Outcome.NOT_REACHED:
        call_again(Escalation.objects.filter(pk=call.pk))
        call.refresh_from_db(fields=["due_at", "tried_at"])
    else:
        call.closed_at, call.closed_by_id = timezone.now(), current_actor().user_id
    call.save(update_fields=["outcome", "closed_at", "closed_by"])
    return call


@service(Permission.CALL_LIST_EDIT)
def add_contact(*, organisation: Organisation, number: str, **fields: Any) -> CallContact:
    """Put a role and its work number on the call list."""
    contact = CallContact(organisation=organisation, number=plain_number(number), **fields)
    contact.save(force_insert=True)
    return contact


@service(Permission.CALL_LIST_EDIT)
def change_contact(*, contact: CallContact, number: str, **fields: Any) -> CallContact:
    """Change a role of the call list."""
    contact.number = plain_number(number)
    for name, value in fields.items():
        setattr(contact, name, value)
    contact.save()
    return contact


@service(Permission.CALL_LIST_EDIT)
def remove_contact(*, contact: CallContact) -> None:
    """Take a role and its number off the call list; nothing of the number is kept."""
    contact.delete()


def plain_number(text: str) -> str:
    """A telephone number as a gateway takes it: plus, country, digits. Raises ValidationError."""
    found = re.sub(r"[\s().-]", "", text)
    if not NUMBER.fullmatch(found):
        raise ValidationError({"number": _("Write the number with its country, for example +380 44 123 45 67.")})
    return found
