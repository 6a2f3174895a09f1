"""Chapter 6, last part: evacuations and returns, roll calls, what was settled where work was stopped, checklists of sites."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.rounds import ROUNDS
from risks.reports import marks, printing
from risks.reports.chapters.slice import Slice
from risks.reports.tables import Column, Row, Table, first_of
from risks.reports.words import LEAVING, LEAVING_BECAUSE, word


def context(part: Slice) -> dict[str, object]:
    """What the template of chapter 6 prints of incidents and checklists; None where there were none."""
    data = part.data["people"]
    return {
        "evacuations": _evacuations(part),
        "evacuations_lede": _evacuations_lede(data.get("evacuations")),
        "returns_lede": _returns_lede(data.get("returns")),
        "returns_source": part.source(data.get("returns", {}).get("figure")),
        "roll_calls": _roll_calls(part),
        "roll_calls_lede": _roll_calls_lede(data.get("roll_calls")),
        "stops": _stops(part),
        "stops_lede": _stops_lede(data.get("stops")),
        "checks": _checks(part),
    }


def _evacuations(part: Slice) -> Table | None:
    data = part.data["people"].get("evacuations")
    if data is None:
        return None
    rows, cut = first_of(data["rows"], "evacuations.csv", 20)
    return Table(
        "6.14",
        _("Evacuations"),
        _("newest first; a dash where nobody said it, or it is not over yet"),
        [
            Column(_("Site"), 20),
            Column(_("Alert"), 9, numeric=True),
            Column(_("Who left, and why"), 20),
            Column(_("Began"), 12),
            Column(_("Stood down"), 12),
            Column(_("To move"), 9, numeric=True),
            Column(_("Moved"), 10, numeric=True),
            Column(_("Family"), 8, numeric=True),
        ],
        [
            Row(
                [
                    part.site(row),
                    row["level"],
                    _who(row),
                    printing.instant(row["began_at"]),
                    printing.instant(row["stood_down_at"]) if row["stood_down_at"] else _("not yet"),
                    *("–" if row[key] is None else marks.count(row[key]) for key in ("people", "moved", "family_moved")),
                ]
            )
            for row in rows
        ],
        source=part.source(data["figure"]),
        cut=cut,
        style="dense tight",
    )


def _who(row: Mapping[str, Any]) -> object:
    who = word(LEAVING, row["who"]) if row["who"] else marks.not_reported()
    return marks.small(who, word(LEAVING_BECAUSE, row["reason"]) if row["reason"] else "")


def _evacuations_lede(data: Mapping[str, Any] | None) -> str:
    if data is None:
        return ""
    return ngettext(
        "%(n)s evacuation was under way in the period; not stood down: %(open)s.",
        "%(n)s evacuations were under way in the period; not stood down: %(open)s.",
        len(data["rows"]),
    ) % {"n": len(data["rows"]), "open": data["open"]}


def _returns_lede(data: Mapping[str, Any] | None) -> str:
    if data is None:
        return ""
    return ngettext(
        "%(n)s site that people left for their safety was not cleared to operate again at the cut-off.",
        "%(n)s sites that people left for their safety were not cleared to operate again at the cut-off.",
        data["sites"],
    ) % {"n": data["sites"]}


def _roll_calls(part: Slice) -> Table | None:
    called = part.data["people"].get("roll_calls")
    if called is None:
        return None
    hours = [int(after.total_seconds() // 3600) for after in ROUNDS]
    rows = [
        Row(
            [
                _("Round %(n)s, after %(hours)s h") % {"n": row["round"], "hours": hours[row["round"] - 1]},
                row["answered"],
                row["complete"],
                marks.count(row["expected"]),
                marks.count(row["not_reached"]),
                marks.rate(row["rate"]),
            ]
        )
        for row in called["rounds"]
    ]
    return Table(
        "6.11",
        _("Roll calls after incidents, by round"),
        _("people expected by the parts that answered, and those whom nobody had reached"),
        [
            Column(_("Round"), 30),
            Column(_("Roll calls answered"), 14, numeric=True),
            Column(_("By every part"), 14, numeric=True),
            Column(_("Expected"), 14, numeric=True),
            Column(_("Not reached"), 14, numeric=True),
            Column(_("Accounted for, %"), 14, numeric=True),
        ],
        rows,
        source=part.source(called["figure"]),
    )


def _roll_calls_lede(called: Mapping[str, Any] | None) -> str:
    if called is None:
        return ""
    held = ngettext("%(n)s roll call began in the period", "%(n)s roll calls began in the period", called["held"]) % {
        "n": called["held"]
    }
    still = ngettext("%(n)s is still open", "%(n)s are still open", called["open"]) % {"n": called["open"]}
    return _("%(held)s; %(still)s.") % {"held": held, "still": still}


def _stops(part: Slice) -> Table | None:
    data = part.data["people"].get("stops")
    if data is None:
        return None
    return Table(
        "6.12",
        _("What was settled where work was stopped"),
        _("stops by question; each one that is open is an action of its own"),
        [
            Column(_("Question"), 46),
            Column(_("Settled"), 18, numeric=True),
            Column(_("Open"), 18, numeric=True),
            Column(_("Does not apply"), 18, numeric=True),
        ],
        [Row([marks.name({"item": row["name"]}, "item"), row["settled"], row["open"], row["apart"]]) for row in data["rows"]],
        source=part.source(data["figure"]),
    )


def _stops_lede(data: Mapping[str, Any] | None) -> str:
    if data is None:
        return ""
    return ngettext(
        "Work was stopped at %(n)s site in the period. Every answer that is still open stands among the safety actions.",
        "Work was stopped at %(n)s sites in the period. Every answer that is still open stands among the safety actions.",
        data["sites"],
    ) % {"n": data["sites"]}


def _checks(part: Slice) -> list[Table]:
    data = part.data["people"].get("checks")
    return [] if data is None else [_check(part, data["figure"], told) for told in data["lists"]]


def _check(part: Slice, figure: str, told: Mapping[str, Any]) -> Table:
    note = ngettext(
        "%(answered)s of %(asked)s site that is asked has answered in time",
        "%(answered)s of %(asked)s sites that are asked have answered in time",
        told["asked"],
    ) % {"answered": told["answered"], "asked": told["asked"]}
    ranked = sorted(told["rows"], key=lambda row: -row["unmet"])
    return Table(
        "6.13",
        marks.name({"list": told["title"]}, "list"),
        note,
        [
            Column(_("Question"), 46),
            Column(_("Met"), 18, numeric=True),
            Column(_("Not met"), 18, numeric=True),
            Column(_("Does not apply"), 18, numeric=True),
        ],
        [Row([marks.name({"item": row["name"]}, "item"), row["met"], row["unmet"], row["apart"]]) for row in ranked]
        if told["answered"]
        else [],
        source=part.source(figure),
    )
