"""Chapter 6, first part: head counts in nine states, rates over time, sites by status, and what is out of date."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aimprogress.charts.svg import PRINT
from aimprogress.charts.timelines import share_line
from risks.reports import marks, printing
from risks.reports.chapters import incidents, plans
from risks.reports.chapters.scope import alert
from risks.reports.chapters.slice import Chapter, Chart, Slice
from risks.reports.engine import page
from risks.reports.marks import WITHHELD
from risks.reports.tables import Column, Row, Table, first_of
from risks.reports.words import OVERLAYS, SITE_KINDS, STATES, STATUSES, STRICT_STATES, word

RATES = ("accounted", "safe", "displaced")
NOT_IN_CONTACT = ("UNACCOUNTED", "MISSING")


def people(part: Slice) -> Chapter:
    """People: worker safety."""
    data = part.data["people"]
    html = page(
        "people.html",
        {
            "lede": contact_sentence(data["head_counts"], part.meta["as_of"]),
            "heads": _head_counts(part),
            "trend": _trend(part),
            "overlays": _overlays(part),
            "status": _status(part),
            "attention": _attention(part),
            "sites": _sites(part),
            **plans.context(part),
            **incidents.context(part),
        },
    )
    sections = [
        ("s61", _("Head count")),
        ("s62", _("Where the sites stand")),
        ("s64", _("Evacuation plans, capacity and drills")),
        ("s66", _("Safety actions")),
    ]
    return Chapter("6", "c6", _("People: worker safety"), html, sections, flows=True)


def contact_sentence(heads: Mapping[str, Any] | None, as_of: str) -> str:
    """The one sentence that the head counts support in the place of "everyone is safe" (domain.md 10.2, scenario 10)."""
    if heads is None:
        return _("No head count is fresh enough to be counted. Nothing can be said about how many people are safe.")
    expected, share = heads["expected"][-1], heads["accounted"][-1]
    if not isinstance(expected, int) or share is None or share in WITHHELD:
        return _("Sites whose count is stale are left out of every total and listed.")
    words = {"expected": printing.whole(expected), "share": marks.rate(share, sign=True), "when": printing.instant(as_of)}
    open_now = [heads["states"][state][-1] for state in NOT_IN_CONTACT]
    if all(isinstance(count, int) for count in open_now):
        said = _("Contact is confirmed with %(reached)s of %(expected)s workers (%(share)s) as of %(when)s")
        said %= words | {"reached": printing.whole(expected - sum(open_now))}
    else:  # how many were reached would tell how few are missing
        said = _("Contact is confirmed with %(share)s of %(expected)s workers as of %(when)s") % words
    left_out = _("Sites whose count is stale are left out.")
    return f"{said}{_deaths(heads['states']['KILLED'][-1])}. {left_out}"


def _deaths(killed: Any) -> str:
    if killed == "few":
        return _("; fewer than 5 deaths are reported")
    if not isinstance(killed, int):
        return ""
    if not killed:
        return _("; no death is reported")
    return ngettext("; %(n)s death is reported", "; %(n)s deaths are reported", killed) % {"n": printing.whole(killed)}


def _column_names(part: Slice, heads: Mapping[str, Any]) -> list[str]:
    names = []
    for column in heads["columns"]:
        places = column["places"]
        if len(places) <= 2:
            names.append(part.names(places))
        else:
            names.append(ngettext("%(count)s other country", "%(count)s other countries", len(places)) % {"count": len(places)})
    return [*names, _("All")]


def _head_counts(part: Slice) -> Table | None:
    heads = part.data["people"]["head_counts"]
    if heads is None:
        return None
    names = _column_names(part, heads)
    share = {2: 30, 3: 20, 4: 16, 5: 12}.get(len(names), 10)
    rates = {"accounted": _("Accounted for, %"), "safe": _("Confirmed safe, %"), "displaced": _("Displaced, %")}
    rows = [
        Row(
            [
                f"{word(STATES, state)} §" if state in STRICT_STATES else word(STATES, state),
                *map(marks.count, heads["states"][state]),
            ]
        )
        for state in STATES
    ]
    rows.append(Row([_("Expected"), *map(marks.count, heads["expected"])], "sum"))
    rows += [Row([rates[key], *map(marks.rate, heads[key])]) for key in RATES]
    return Table(
        "6.1",
        _("Head count"),
        _("nine states, each person in exactly one; stale sites left out"),
        [Column(_("State"), 100 - share * len(names)), *(Column(name, share, numeric=True) for name in names)],
        rows,
        source=part.source(heads["figure"]),
    )


def _trend(part: Slice) -> Chart | None:
    trend = part.data["people"]["trend"]
    if not trend or len(trend["points"]) < 3:
        return None
    points = [(point["day"], point["rate"]) for point in trend["points"]]
    title = _("Share of people accounted for, week by week. First %(first)s, last %(last)s, lowest %(lowest)s.") % {
        "first": printing.percent(points[0][1]),
        "last": printing.percent(points[-1][1]),
        "lowest": printing.percent(min(points, key=lambda point: float(point[1]))[1]),
    }
    return Chart(
        "6.1",
        _("People accounted for over time"),
        _("per cent of those expected at sites in time on that day"),
        share_line(
            [(date.fromisoformat(day), float(rate)) for day, rate in points],
            title=title,
            day=lambda on: printing.short_day(on.isoformat()),
            palette=PRINT,
        ),
        source=part.source(trend["figure"]),
    )


def _overlays(part: Slice) -> Table | None:
    heads = part.data["people"]["head_counts"]
    if heads is None or not heads["overlays"]:
        return None
    rows = [Row([word(OVERLAYS, key), marks.count(heads["overlays"][key])]) for key in OVERLAYS if key in heads["overlays"]]
    return Table(
        "6.2",
        _("Beside the states"),
        _("people can be in several of these rows; not added up"),
        [Column(_("Circumstance"), 70), Column(_("People"), 30, numeric=True)],
        rows,
        source=part.source(heads["overlays_figure"]),
        style="narrow",
    )


def _status(part: Slice) -> Table:
    data = part.data["people"]["status"]
    codes = [code for code in STATUSES if any(row["counts"].get(code) for row in data["rows"])]
    width = min(10, 80 // (len(codes) + 1))
    rows = [
        Row([part.name(row["country"]), *(row["counts"].get(code, 0) for code in codes), sum(row["counts"].values())])
        for row in sorted(data["rows"], key=lambda row: -sum(row["counts"].values()))
    ]
    totals = [sum(row["counts"].get(code, 0) for row in data["rows"]) for code in codes]
    return Table(
        "6.3",
        _("Sites by country and status"),
        _("“no contact” follows from silence and is never typed in"),
        [
            Column(_("Country"), 100 - width * (len(codes) + 1)),
            *(Column(word(STATUSES, code), width, numeric=True) for code in codes),
            Column(_("All sites"), width, numeric=True),
        ],
        [*rows, Row([_("All"), *totals, sum(totals)], "sum")],
        source=part.source(data["figure"]),
        style="tight",
    )


def _attention(part: Slice) -> Table | None:
    rows, cut = first_of(part.data["people"]["attention"], "sites.csv", 20)
    if not rows:
        return None
    return Table(
        "6.4",
        _("Sites needing attention"),
        _("longest past their time first; stale and never given are in no total"),
        [
            Column(_("Site"), 30),
            Column(_("Last known status"), 18),
            Column(_("Alert"), 12),
            Column(_("People"), 10, numeric=True),
            Column(_("Head count"), 15),
            Column(_("Past its time"), 15, numeric=True),
        ],
        [
            Row(
                [
                    part.site(row),
                    marks.status(row["status"], row["group"]),
                    alert(row["alert"]),
                    marks.count(row["people"]),
                    marks.freshness(row["count_freshness"]),
                    printing.hours(row["late_hours"]) if row["late_hours"] else "–",
                ]
            )
            for row in rows
        ],
        source=part.source(part.data["people"].get("freshness_figure")),
        cut=cut,
    )


def _sites(part: Slice) -> Table:
    ranked = sorted(part.data["people"]["sites"], key=lambda row: (-row["alert"], row["country"], row["area"], row["ordinal"]))
    rows, cut = first_of(ranked, "sites.csv")
    return Table(
        "6.5",
        _("All sites"),
        _("highest alert level first; places by region only"),
        [
            Column(_("Site"), 27),
            Column(_("Kind"), 12),
            Column(_("Status"), 15),
            Column(_("Alert"), 13),
            Column(_("Status given"), 14),
            Column(_("Head count"), 14),
            Column(_("Plan"), 5),
        ],
        [
            Row(
                [
                    part.site(row),
                    word(SITE_KINDS, row["kind"]),
                    marks.status(row["status"], row["group"]),
                    alert(row["alert"]),
                    marks.freshness(row["status_freshness"]),
                    marks.freshness(row["count_freshness"]),
                    plans.letter(row["plan"]),
                ]
            )
            for row in rows
        ],
        source=part.source(part.data["people"]["status"]["figure"]),
        cut=cut,
        style="long dense",
    )
