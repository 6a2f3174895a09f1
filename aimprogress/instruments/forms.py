"""A Django form made from an instrument: one group of radio buttons and a note for each item, nothing preselected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .definition import Instrument, Item, Text
from .engine import AnswerValue

NOTE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """An item with the fields that answer it."""

    item: Item
    value: forms.BoundField
    note: forms.BoundField
    evidence: forms.BoundField
    value_id: str
    """The id of the first radio button: where an error summary points to."""

    @property
    def has_errors(self) -> bool:
        return bool(self.value.errors or self.note.errors or self.evidence.errors)

    @property
    def is_noted(self) -> bool:
        """True where note or evidence carry text or an error, so that they are shown open."""
        return bool(self.note.value() or self.evidence.value() or self.note.errors or self.evidence.errors)


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """The questions under one heading."""

    code: str
    title: Text
    questions: tuple[Question, ...]


class InstrumentForm(forms.Form):
    """Answers to an instrument. Nothing is required and nothing is preselected: what is left open is not met.

    `answers` fills in what was answered before. After `is_valid()`, `given_answers()` goes to `answer_items`.
    Field names are `<item>`, `<item>-note`, `<item>-evidence`, behind the form's prefix.
    Renders by `templates/instruments/_form.html`, over `groups()`.
    """

    template_name = "instruments/_form.html"

    def __init__(
        self,
        instrument: Instrument,
        data: Mapping[str, Any] | None = None,
        *,
        answers: Mapping[str, AnswerValue] | None = None,
        repeats: Sequence[str] = (),
        prefix: str = "item",
    ) -> None:
        self.instrument = instrument
        self.slots = list(instrument.slots(repeats))
        super().__init__(data, prefix=prefix, initial=_initial(answers or {}))
        choices = [(value.code, value.label) for value in instrument.scale.values()]
        for slot in self.slots:
            self.fields[slot.key] = forms.ChoiceField(
                label=slot.item.question, choices=choices, required=False, widget=forms.RadioSelect(attrs={"class": "cb"})
            )
            self.fields[f"{slot.key}-note"] = _text(_("Note"), rows=2)
            self.fields[f"{slot.key}-evidence"] = _text(_("Evidence: document, date or link"), rows=1)

    def groups(self) -> Iterator[QuestionGroup]:
        """The questions under their headings, for the template."""
        for group in self.instrument.groups:
            questions = tuple(self._question(slot.key, slot.item) for slot in self.slots if slot.group is group)
            yield QuestionGroup(group.code, group.title, questions)

    def _question(self, key: str, item: Item) -> Question:
        value = self[key]
        return Question(item, value, self[f"{key}-note"], self[f"{key}-evidence"], f"{value.auto_id}_0")

    def clean(self) -> dict[str, Any]:
        """A note needs its answer; an answer that requires a note or evidence needs that."""
        cleaned = super().clean() or self.cleaned_data
        for slot in self.slots:
            note, evidence = cleaned.get(f"{slot.key}-note"), cleaned.get(f"{slot.key}-evidence")
            value = self.instrument.scale.get(cleaned.get(slot.key) or "")
            if value is None:
                if (note or evidence) and slot.key not in self.errors:
                    self.add_error(slot.key, ValidationError(_("Choose an answer to go with the note."), code="no_answer"))
                continue
            if value.note_required and not note:
                self.add_error(f"{slot.key}-note", ValidationError(_("This answer needs a reason."), code="no_note"))
            if value.evidence_required and not evidence:
                self.add_error(f"{slot.key}-evidence", ValidationError(_("This answer needs its evidence."), code="no_evidence"))
        return cleaned

    def given_answers(self) -> dict[str, AnswerValue | None]:
        """Every item's answer; None where none was chosen. Only after `is_valid()`."""
        cleaned = self.cleaned_data
        return {
            slot.key: AnswerValue(cleaned[slot.key], cleaned[f"{slot.key}-note"], cleaned[f"{slot.key}-evidence"])
            if cleaned[slot.key]
            else None
            for slot in self.slots
        }


def _text(label: Any, *, rows: int) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": rows}))


def _initial(answers: Mapping[str, AnswerValue]) -> dict[str, str]:
    initial = {}
    for key, answer in answers.items():
        initial.update({key: answer.value, f"{key}-note": answer.note, f"{key}-evidence": answer.evidence})
    return initial
