"""What changed between two revisions of a plan, in words. What the encrypted lists say is never told, only that."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models.plan import Plan
from members.planning import answered

LIST_TITLES: dict[str, str | Promise] = {
    "routes": gettext_lazy("Routes"),
    "shelters": gettext_lazy("Shelters"),
    "assembly_points": gettext_lazy("Meeting points"),
    "call_tree": gettext_lazy("Call tree"),
}
NOT_SAID = ("id", "organisation", "site", "revision", "status", "approved_at", "approved_by", "next_review_on", "assessment")
SIGNATURES = ("written_by", "approval_asked_at")
BOOKKEEPING = frozenset({*NOT_SAID, *SIGNATURES, "version", "updated_at", "created_at"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what, how it was, how it is. For items of the questionnaire `item` is the item's number."""

    what: str | Promise
    before: str
    after: str
    item: str = ""


def changes(before: Plan, after: Plan, *, notes: bool = False) -> list[Change]:
    """Everything that differs between two revisions of the same kind of plan, in the order of the page.

    `notes`: also what was written beside the answers; for the page of who reads the text.
    """
    return [*_of_fields(before, after), *_of_lists(before, after), *_of_items(before, after, notes)]


def _of_fields(before: Plan, after: Plan) -> Iterator[Change]:
    for field in after._meta.fields:
        if field.name in BOOKKEEPING or field.name in after.lists:
            continue
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new:
            yield Change(_capitalised(field.verbose_name), _said(old), _said(new))


def _of_lists(before: Plan, after: Plan) -> Iterator[Change]:
    for kind in after.lists:
        title, old, new = LIST_TITLES[kind], getattr(before, kind) or [], getattr(after, kind) or []
        if old != new:
            told = str(len(new)) if len(old) != len(new) else _("%(n)s, changed") % {"n": len(new)}
            yield Change(title, str(len(old)), told)


def _of_items(before: Plan, after: Plan, notes: bool) -> Iterator[Change]:
    if not after.assessment_id or not before.assessment_id:
        return
    instrument, was = after.assessment.definition, before.assessment.definition
    old, new = answered(before).items, answered(after).items
    noted = [_notes(plan) if notes else {} for plan in (before, after)]
    for item in instrument.items:
        told = (
            _answer(was, old.get(item.code), noted[0].get(item.code, "")),
            _answer(instrument, new.get(item.code), noted[1].get(item.code, "")),
        )
        if told[0] != told[1]:
            yield Change(item.title, *told, item.code)


def _notes(plan: Plan) -> dict[str, str]:
    return {code: answer.note for code, answer in plan.assessment.given().items()}


def _answer(instrument: Any, code: str | None, note: str) -> str:
    said = str(instrument.scale[code].label) if code in instrument.scale else _("Not answered")
    return f"{said}: {note}" if note else said


def _said(value: Any) -> str:
    return _("nothing") if value in (None, "") else str(value)


def _capitalised(words: str | Promise) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]
