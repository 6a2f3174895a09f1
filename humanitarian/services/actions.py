"""Safety actions: open, change, close. Numbers count up within the member."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from humanitarian.models import SafetyAction
from members.models import Organisation, Site


@service(Permission.ACTION_OPEN)
def open_action(*, site: Site, title: str, owner_role: str, due_on: date, **fields: Any) -> SafetyAction:
    """Add an action to a site."""
    return add_action(site, title=title, owner_role=owner_role, due_on=due_on, **fields)


@service(Permission.ACTION_EDIT)
def change_action(*, action: SafetyAction, **fields: Any) -> SafetyAction:
    """Change an action. Done sets the day; leaving Done clears it."""
    for name, value in fields.items():
        setattr(action, name, value)
    if action.status == SafetyAction.Status.DONE and action.done_on is None:
        action.done_on = timezone.localdate()
    elif action.status != SafetyAction.Status.DONE:
        action.done_on = None
    action.save()
    return action


@service(Permission.ACTION_EDIT)
def change_actions(*, actions: list[SafetyAction], **fields: Any) -> list[SafetyAction]:
    """Change several actions alike, all or none. Raises ValidationError where nothing is chosen."""
    if not actions:
        raise ValidationError(_("Choose at least one action."))
    return [change_action(action=action, **fields) for action in actions]


def add_action(site: Site, **fields: Any) -> SafetyAction:
    """The rule of a new action, for the service and for subscribers that act as SYSTEM.

    Numbers count over the whole organisation, also where a reporter sees one site only; its row's lock orders them.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=site.organisation_id)
    taken = SafetyAction.unscoped.filter(organisation_id=site.organisation_id).aggregate(last=Max("number"))["last"] or 0
    action = SafetyAction(organisation_id=site.organisation_id, site=site, number=taken + 1, **fields)
    action.save(force_insert=True)
    return action


def action_from(origin: str, origin_id: UUID, key: str, *, site: Site, days: int, **fields: Any) -> SafetyAction | None:
    """An action that follows from a fact, once: the same origin and key make none again."""
    if SafetyAction.objects.filter(origin=origin, origin_id=origin_id, origin_key=key).exists():
        return None
    due_on = timezone.localdate() + timedelta(days=days)
    return add_action(site, origin=origin, origin_id=origin_id, origin_key=key, due_on=due_on, **fields)
