"""Chapter 6, second part: evacuation plans that would hold, seats, drills, communication plans, safety actions."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aimprogress.charts.bars import Part, Stack, stacked_bars
from aimprogress.charts.svg import HATCH, PRINT
from risks.reports import marks, printing
from risks.reports.chapters.slice import Chart, Slice
from risks.reports.tables import Column, Row, Table, first_of
from risks.reports.words import ACTION_STATUSES, ALERTS, PLANS, word

LETTERS = {"ADEQUATE": "✓", "APPROVED": "!", "DRAFT": "…", "EXPIRED": "×", "NONE": "–"}
SERIES = (
    ("ADEQUATE", "meter", True),
    ("APPROVED", "#8fb3b4", False),
    ("EXPIRED", "h1", False),
    ("DRAFT", "surface", False),
    ("NONE", HATCH, False),
)


def letter(state: str | None) -> object:
    """The state of an evacuation plan as one sign; its word stands in the legend of the table."""
    return LETTERS.get(state or "", "–")


def context(part: Slice) -> dict[str, object]:
    """What the template of chapter 6 prints about plans and actions."""
    return {
        "adequacy": _adequacy(part),
        "gaps": _gaps(part),
        "capacity": _capacity(part),
        "drills": _drills(part),
        "communication": _communication(part),
        "communication_note": _communication_note(part),
        "actions": _actions(part),
        "actions_lede": _actions_lede(part.data["people"]["actions"]),
    }


def _adequacy(part: Slice) -> Chart | None:
    data = part.data["people"]["plans"]
    if data is None:
        return None
    states = [entry for entry in SERIES if any(row.get(entry[0]) for row in data["levels"])]
    bars = []
    for row in data["levels"]:
        values = [row.get(state, 0) for state, _fill, _light in states]
        if sum(values):
            label = _("%(level)s %(word)s") % {"level": row["level"], "word": word(ALERTS, row["level"])}
            bars.append(Stack(label, values, str(sum(values)), str(marks.part_of(row.get("ADEQUATE", 0), sum(values)))))
    told = "; ".join(f"{bar.label}: {bar.after}" for bar in bars)
    return Chart(
        "6.2",
        _("Adequacy of evacuation plans by alert level"),
        _("open sites; those with an adequate plan on the right"),
        stacked_bars(
            [Part(word(PLANS, state), fill, light) for state, fill, light in states],
            bars,
            title=_("Adequate evacuation plans by alert level. %(told)s.") % {"told": told},
            palette=PRINT,
        ),
        source=part.source(data["figure"], _("adequate: at least 17 of 20 items and all six critical ones")),
    )


def _gaps(part: Slice) -> Table | None:
    data = part.data["people"]["plans"]
    if data is None or not data["gaps"]:
        return None
    rows, cut = first_of(
        sorted(data["gaps"], key=lambda gap: (not gap["critical"], -gap["sites"], gap["item"])), "plan_gaps.csv", 12
    )
    return Table(
        "6.6",
        _("Items of the plans that are missing most"),
        _("critical items first: without one of them a plan is not adequate"),
        [
            Column(_("Item"), 8),
            Column(_("What the plan should say"), 58),
            Column(_("Critical"), 16),
            Column(_("Plans without it"), 18, numeric=True),
        ],
        [
            Row([gap["item"], marks.name({"item": gap["name"]}, "item"), _("critical") if gap["critical"] else "", gap["sites"]])
            for gap in rows
        ],
        source=part.source(data["figure"]),
        cut=cut,
        head=1,
    )


def _capacity(part: Slice) -> Table | None:
    data = part.data["people"]["plans"]
    if data is None or not data["capacity"]:
        return None
    ranked = sorted(data["capacity"], key=lambda row: -(row["short"] if row["short"] is not None else -1))
    rows, cut = first_of(ranked, "capacity.csv", 20, total=data["capacity_of"])
    return Table(
        "6.7",
        _("Seats and shelter"),
        _("largest shortfall first; places and routes are not printed"),
        [
            Column(_("Site"), 30),
            Column(_("Alert"), 8, numeric=True),
            Column(_("To be moved, with families"), 16, numeric=True),
            Column(_("Seats × trips"), 14, numeric=True),
            Column(_("Seats short"), 14, numeric=True),
            Column(_("Shelter places short"), 18, numeric=True),
        ],
        [
            Row(
                [
                    part.site(row),
                    row["alert"],
                    marks.count(row["to_move"]),
                    marks.count(row["seats"]),
                    marks.count(row["short"]),
                    marks.count(row["shelter_short"]),
                ]
            )
            for row in rows
        ],
        source=part.source(data["capacity_figure"]),
        cut=cut,
    )


def _drills(part: Slice) -> Table | None:
    data = part.data["people"]["drills"]
    if data is None:
        return None
    keys = ("sites", "in_time", "overdue", "passed")
    return Table(
        "6.8",
        _("Drills"),
        _("at level 4 people shelter or leave instead"),
        [
            Column(_("Alert level"), 30),
            Column(_("Every"), 14, numeric=True),
            Column(_("Sites"), 14, numeric=True),
            Column(_("In time"), 14, numeric=True),
            Column(_("Overdue"), 14, numeric=True),
            Column(_("Last one passed"), 14, numeric=True),
        ],
        [
            Row(
                [
                    _("%(level)s %(word)s") % {"level": row["level"], "word": word(ALERTS, row["level"])},
                    _("%(count)s d") % {"count": row["every_days"]},
                    *(marks.count(row[key]) for key in keys),
                ]
            )
            for row in data["rows"]
        ]
        + [Row([_("All"), "", *(sum(row[key] or 0 for row in data["rows"]) for key in keys)], "sum")],
        source=part.source(data["figure"]),
    )


def _communication(part: Slice) -> Table | None:
    data = part.data["people"]["communication"]
    if data is None:
        return None
    return Table(
        "6.9",
        _("Communication plans"),
        _("items met of 15; %(part)s of %(whole)s open sites have a plan") % {"part": data["with_plan"], "whole": data["sites"]},
        [Column(_("Items met"), 60), Column(_("Sites"), 40, numeric=True)],
        [Row([row["met"].replace("-", "–"), row["sites"]]) for row in data["items"]],
        source=part.source(data["figure"]),
        style="narrow",
    )


def _communication_note(part: Slice) -> str:
    data = part.data["people"]["communication"]
    tests = data and data.get("tests")
    if not tests:
        return ""
    return _("In tests %(reached)s of %(attempted)s people (%(rate)s) answered within two hours; the target is 95 per cent.") % {
        "reached": printing.whole(tests["reached"]),
        "attempted": printing.whole(tests["attempted"]),
        "rate": printing.percent(tests["rate"]),
    }


def _actions_lede(data: Mapping[str, Any] | None) -> str:
    if data is None:
        return ""
    return ngettext(
        "%(open)s action is open, %(overdue)s past the date; closed: %(done)s, of these without evidence: %(unverified)s.",
        "%(open)s actions are open, %(overdue)s of them past their date; closed: %(done)s, of these without evidence:"
        " %(unverified)s.",
        data["open"],
    ) % {
        "open": printing.whole(data["open"]),
        "overdue": printing.whole(data["overdue"]),
        "done": printing.whole(data["done"]),
        "unverified": printing.whole(data["done_unverified"]),
    }


def _actions(part: Slice) -> Table | None:
    data = part.data["people"]["actions"]
    if data is None or not data["rows"]:
        return None
    rows, cut = first_of(sorted(data["rows"], key=lambda row: (-row["overdue_days"], row["due_on"] or "9")), "actions.csv")
    return Table(
        "6.10",
        _("Open safety actions"),
        _("longest overdue first; owners by function, never by name"),
        [
            Column(_("Site"), 28),
            Column(_("What is to be done"), 33),
            Column(_("Owner"), 15),
            Column(_("Due"), 12),
            Column(_("Days late"), 12, numeric=True),
        ],
        [
            Row(
                [
                    part.site(row),
                    marks.small(row["title"], word(ACTION_STATUSES, row["status"])),
                    row["owner"] or marks.not_reported(),
                    printing.day(row["due_on"]) if row["due_on"] else marks.not_reported(),
                    row["overdue_days"] or "–",
                ]
            )
            for row in rows
        ],
        source=part.source(data["figure"]),
        cut=cut,
        head=1,
        style="long",
    )
