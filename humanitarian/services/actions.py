"""Safety actions: open, change, show the proof, close; several at once, and back. Numbers count up within the member."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.files import store_file
from aimprogress.core.permissions import Permission
from aimprogress.core.services import announce, service
from aimprogress.core.uploads import Evidence
from humanitarian.models import ActionBatch, SafetyAction
from humanitarian.origins import find_source
from members.models import Organisation, Site

UNDO_WITHIN = timedelta(hours=24)
KEPT = ("status", "owner_role", "due_on", "blocked_by", "done_on", "escalated")
"""What a bulk change may touch, itself or by what follows from it."""
DAYS = ("due_on", "done_on")


@service(Permission.ACTION_OPEN)
def open_action(*, site: Site, title: str, owner_role: str, due_on: date, **fields: Any) -> SafetyAction:
    """Add an action to a site; `origin`, `origin_id` and `origin_key` say what it is about (humanitarian/origins.py).

    Raises ValidationError where that is not there to be read, or belongs to another site.
    """
    if fields.get("origin"):
        _check_origin(site, fields["origin"], fields.get("origin_id"))
    return add_action(site, title=title, owner_role=owner_role, due_on=due_on, **fields)


@service(Permission.ACTION_EDIT)
def change_action(*, action: SafetyAction, **fields: Any) -> SafetyAction:
    """Change an action. Done sets the day, leaving Done clears it; another due day begins the escalation anew.

    Only what is named, and what follows from it, is written: that the portal told somebody meanwhile stays.
    """
    return _change(action, fields)


@service(Permission.ACTION_EDIT)
def attach_evidence(*, action: SafetyAction, file: Evidence) -> SafetyAction:
    """Keep a file that shows that the action is done, in place of an earlier one."""
    action.evidence_file = store_file(
        file.data, name=f"A-{action.number}.{file.ending}", content_type=file.content_type, kind="evidence",
        organisation_id=action.organisation_id,
    )  # fmt: skip
    action.save(update_fields=["evidence_file"])
    return action


@service(Permission.ACTION_EDIT)
def change_actions(*, actions: list[SafetyAction], seen: dict[str, int] | None = None, **fields: Any) -> ActionBatch:
    """Change several actions alike, all or none, and keep what they were.

    `seen`: the versions that whoever decided had before them. Raises ValidationError where nothing is chosen or said, Conflict
    where one was changed meanwhile.
    """
    if not actions:
        raise ValidationError(_("Choose at least one action."))
    if not fields:
        raise ValidationError(_("Say what should change."))
    chosen = [action.pk for action in actions]
    actions = list(SafetyAction.objects.select_for_update(of=("self",)).filter(pk__in=chosen).order_by("pk"))
    for action in actions:
        if seen is not None and seen.get(str(action.pk)) != action.version:
            raise Conflict(_("Somebody changed A-%(number)s meanwhile. Look again, then decide.") % {"number": action.number})
    before = {str(action.pk): {"values": _values(action)} for action in actions}
    for action in actions:
        before[str(action.pk)]["version"] = change_action(action=action, **fields).version
    batch = ActionBatch(organisation_id=actions[0].organisation_id, changed_by_id=current_actor().user_id, before=before)
    batch.save(force_insert=True)
    return batch


@service(Permission.ACTION_EDIT)
def undo_action_batch(*, batch: ActionBatch) -> list[SafetyAction]:
    """Give the actions of a bulk change back what they were, within 24 hours; those changed since stay as they are.

    Raises Conflict where it was taken back already, or too late.
    """
    batch = ActionBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.undone_at or timezone.now() - batch.changed_at > UNDO_WITHIN:
        raise Conflict(_("This change cannot be taken back any more."))
    returned = []
    for action in SafetyAction.objects.select_for_update(of=("self",)).filter(pk__in=batch.before):
        kept = batch.before[str(action.pk)]
        if action.version != kept["version"]:
            continue
        for name, value in kept["values"].items():
            setattr(action, name, date.fromisoformat(value) if name in DAYS and value else value)
        action.save()
        announce("humanitarian.change_action", action)
        returned.append(action)
    batch.undone_at = timezone.now()
    batch.save(update_fields=["undone_at"])
    return returned


@service(Permission.ACTION_EDIT)
def remind_owners(*, actions: list[SafetyAction]) -> list[Site]:
    """Ask the people at the sites of these open actions to look at them; returns the sites. One mail a person and site."""
    sites = {action.site_id: action.site for action in actions if action.is_open}
    if not sites:
        raise ValidationError(_("None of these actions is open."))
    for site in sites.values():
        announce("humanitarian.remind_at_site", site)
    return list(sites.values())


def add_action(site: Site, **fields: Any) -> SafetyAction:
    """The rule of a new action, for the service and for subscribers that act as SYSTEM.

    Numbers count over the whole organisation, also where a reporter sees one site only; its row's lock orders them.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=site.organisation_id)
    taken = SafetyAction.unscoped.filter(organisation_id=site.organisation_id).aggregate(last=Max("number"))["last"] or 0
    action = SafetyAction(organisation_id=site.organisation_id, site=site, number=taken + 1, **fields)
    _date(action)
    action.save(force_insert=True)
    return action


def action_from(origin: str, origin_id: UUID, key: str, *, site: Site, days: int, **fields: Any) -> SafetyAction | None:
    """An action that follows from a fact, once: the same origin and key make none again."""
    if SafetyAction.objects.filter(origin=origin, origin_id=origin_id, origin_key=key).exists():
        return None
    due_on = timezone.localdate() + timedelta(days=days)
    return add_action(site, origin=origin, origin_id=origin_id, origin_key=key, due_on=due_on, **fields)


def _change(action: SafetyAction, fields: dict[str, Any]) -> SafetyAction:
    stored = SafetyAction.objects.values("due_on", "effect").get(pk=action.pk)  # a form has written on the object already
    for name, value in fields.items():
        setattr(action, name, value)
    written = {*fields, "done_on", "effect_on"}
    if action.due_on != stored["due_on"]:
        action.escalated = 0
        written.add("escalated")
    _date(action, effect_before=stored["effect"])
    action.save(update_fields=written)
    return action


def _date(action: SafetyAction, effect_before: str = SafetyAction.Effect.NOT_YET) -> None:
    """The day on which it was done, and the one on which its effect was judged, follow from what was said."""
    if action.status != SafetyAction.Status.DONE:
        action.done_on = None
    elif action.done_on is None:
        action.done_on = timezone.localdate()
    if action.effect != effect_before:
        action.effect_on = timezone.localdate() if action.effect != SafetyAction.Effect.NOT_YET else None


def _values(action: SafetyAction) -> dict[str, Any]:
    values = {name: getattr(action, name) for name in KEPT}
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in values.items()}


def _check_origin(site: Site, origin: str, origin_id: UUID | None) -> None:
    found = find_source(origin, origin_id)
    if found is None:
        raise ValidationError({"origin": _("What the action is about was not found.")})
    record = found[1]
    if record.organisation_id != site.organisation_id or getattr(record, "site_id", None) not in (None, site.pk):
        raise ValidationError({"origin": _("What the action is about belongs to another site.")})
