"""Chapter 6, last part: roll calls after incidents, and what was settled where work was stopped."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.rounds import ROUNDS
from risks.reports import marks
from risks.reports.chapters.slice import Slice
from risks.reports.tables import Column, Row, Table


def context(part: Slice) -> dict[str, object]:
    """What the template of chapter 6 prints of incidents; None where there were none."""
    data = part.data["people"]
    return {
        "roll_calls": _roll_calls(part),
        "roll_calls_lede": _roll_calls_lede(data.get("roll_calls")),
        "stops": _stops(part),
        "stops_lede": _stops_lede(data.get("stops")),
    }


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
