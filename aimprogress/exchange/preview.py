"""What the check page says of a staged list: counts, one block per problem row, changes, new records, and what was left out."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.columns import Field
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.records import CHECK, ERROR, NOTE
from aimprogress.exchange.staging import KEPT
from aimprogress.exchange.targets import ImportTarget
from aimprogress.exchange.wording import ACCEPTED, SENTENCES, sentence

MOST_SHOWN = 50
EMPTIED = "leave-empty"
"""What a select says whose cell is to be emptied: that nothing is chosen in it says nothing."""
BESIDE = ("code", "month", "country", "settlement", "workers")
"""Right fields of a problem row that tell a person which row it is."""
HOW = {
    "exact": (_("Exact"), "ok"),
    "meaning": (_("Same meaning"), "ok"),
    "values": (_("Our guess, please check"), "reduced"),
    "chosen": (_("Your choice"), "ok"),
}


@dataclass(slots=True)
class Cell:
    """A wrong cell, or one that may be it (no reasons): what stands there, why it is wrong, what is accepted, what mends it."""

    name: str
    field: str
    label: str | Promise
    value: str
    reasons: list[str]
    accepted: str | Promise
    choices: list[tuple[str, Any]] = field(default_factory=list)
    suggestion: str = ""
    is_needed: bool = False

    def typed(self, text: str) -> str | None:
        """What a person put in the place of the cell, "" for nothing at all; None where it stays as it is."""
        text = text.strip()
        if self.choices:
            return {EMPTIED: "", "": None}.get(text, text)
        return None if text == self.value.strip() else text


@dataclass(slots=True)
class ProblemRow:
    """A row that waits for a person. `may_be_own`: the portal has something like it, and a person may say that it is another."""

    row: ImportRow
    title: str
    cells: list[Cell]
    others: list[tuple[Any, Any]]
    may_be_own: bool = False


@dataclass(slots=True)
class Preview:
    """The page's content. Lists speak of MOST_SHOWN rows at most; the counts are whole, and so is the workbook of all rows."""

    problems: list[ProblemRow]
    changed: list[dict[str, Any]]
    new: list[tuple[ImportRow, list[Any]]]
    same: list[ImportRow]
    checks: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    repeated: list[dict[str, Any]]
    left_out: list[tuple[str, int]]
    many_sheets: bool
    of_places: bool


def preview(batch: ImportBatch, target: ImportTarget) -> Preview:
    """Everything the check page shows of a batch."""
    rows = ImportRow.objects.filter(batch=batch)
    fields = {wanted.name: wanted for wanted in target.spec.fields}
    ignored = Counter(why[0] for why in rows.filter(outcome="ignored").values_list("why", flat=True) if why)
    duplicates = rows.filter(outcome="duplicate")[:MOST_SHOWN]
    kept = rows.filter(outcome__in=KEPT)
    return Preview(
        problems=[_problem(row, fields) for row in rows.filter(outcome="problem")[:MOST_SHOWN]],
        changed=[change for row in rows.filter(outcome="changed")[:MOST_SHOWN] for change in changes_of(row, fields)],
        new=[(row, _words(row, target)) for row in rows.filter(outcome="new")[:MOST_SHOWN]],
        same=list(rows.filter(outcome="same")[:MOST_SHOWN]),
        checks=_said(kept.filter(has_checks=True)[:MOST_SHOWN], fields, CHECK),
        notes=_said(kept.filter(number__in=batch.counts.get("first_notes", [])), fields, NOTE),
        repeated=[{"row": row, "why": sentence(*row.why), "may_be_own": target.spec.of_places} for row in duplicates],
        left_out=[(str(SENTENCES.get(code, code)), count) for code, count in ignored.most_common()],
        many_sheets=len({column["sheet"] for column in batch.columns}) > 1,
        of_places=target.spec.of_places,
    )


def label_of(name: str, fields: dict[str, Field]) -> Any:
    """The label of a field; a technical name only where there is none."""
    return fields[name].label if name in fields else name


def _problem(row: ImportRow, fields: dict[str, Field]) -> ProblemRow:
    by_field: dict[str, Cell] = {}
    for problem in row.problems:
        if problem["level"] != ERROR:
            continue
        name = problem["field"]
        cell = by_field.get(name) or _cell(row, name, fields, problem["value"], problem["suggestion"])
        cell.reasons.append(sentence(problem["code"], problem["params"]))
        by_field[name] = cell
        for other in problem["params"].get("also", ()):
            by_field.setdefault(other, _cell(row, other, fields, str(row.fields.get(other, ""))))
    others = [(label_of(name, fields), row.fields[name]) for name in BESIDE if row.fields.get(name) and name not in by_field]
    may_be_own = any(problem["params"].get("own") for problem in row.problems)
    return ProblemRow(row, str(row.fields.get("name", "")), list(by_field.values()), others[:3], may_be_own)


def _words(row: ImportRow, target: ImportTarget) -> list[Any]:
    """What the needed choices of a row mean, in words."""
    wanted = [each for each in target.spec.fields if each.required and each.choices]
    return [each.labels.get(row.fields[each.name], "") for each in wanted if each.name in row.fields]


def _cell(row: ImportRow, name: str, fields: dict[str, Field], value: str, suggestion: str = "") -> Cell:
    wanted = fields.get(name)
    return Cell(
        name=f"cell-{row.number}-{name}", field=name, label=label_of(name, fields), value=value, reasons=[],
        accepted=ACCEPTED.get(_accepted_key(wanted), ACCEPTED["text"]), choices=_choices(wanted), suggestion=suggestion,
        is_needed=wanted is None or wanted.required,
    )  # fmt: skip


def _accepted_key(wanted: Field | None) -> str:
    if wanted is None:
        return "text"
    if wanted.name == "code":
        return "code"
    if wanted.choices:
        return "choice"
    return {"past_date": "date", "bound": "count"}.get(wanted.kind, wanted.kind)


def _choices(wanted: Field | None) -> list[tuple[str, Any]]:
    return [(code, wanted.labels.get(code, code)) for code in wanted.choices] if wanted else []


def changes_of(row: ImportRow, fields: dict[str, Field]) -> list[dict[str, Any]]:
    """What a row changes: the label of each field, the old value and the new one in words."""
    return [
        {"row": row, "what": label_of(name, fields), "old": in_words(name, old, fields), "new": in_words(name, new, fields)}
        for name, (old, new) in row.changes.items()
    ]


def in_words(name: str, value: Any, fields: dict[str, Field]) -> Any:
    """The label of a choice, with whatever stands behind it."""
    labels = fields[name].labels if name in fields else {}
    code, comma, rest = str(value).partition(", ")
    return f"{labels[code]}{comma}{rest}" if code in labels else value


def _said(rows: Any, fields: dict[str, Field], level: str) -> list[dict[str, Any]]:
    return [
        {"row": row, "what": label_of(problem["field"], fields), "said": sentence(problem["code"], problem["params"])}
        for row in rows
        for problem in row.problems
        if problem["level"] == level
    ]


def columns_by_sheet(batch: ImportBatch, target: ImportTarget) -> list[dict[str, Any]]:
    """The columns page: per sheet the columns that are read or could be, and those that never are."""
    fields = {wanted.name: wanted for wanted in target.spec.fields}
    options = [("", _("Leave this column out")), *((name, wanted.label) for name, wanted in fields.items())]
    sheets: dict[str, dict[str, Any]] = {}
    for at, column in enumerate(batch.columns):
        sheet = sheets.setdefault(column["sheet"], {"name": column["sheet"], "columns": [], "never": []})
        how = column["how"]
        if how in ("contact", "military"):
            sheet["never"].append(column | {"reason": SENTENCES[how]})
            continue
        known, mark = HOW.get(how, (SENTENCES.get(how, how), "paused"))
        stored = not column["field"] or fields[column["field"]].stored
        sheet["columns"].append(
            column | {"name": f"column-{at}", "known": known, "mark": mark, "stored": stored, "options": options}
        )
    for sheet in sheets.values():
        sheet["columns"].sort(key=lambda column: {"values": 0, "no_field": 2}.get(column["how"], 1))
    return list(sheets.values())
