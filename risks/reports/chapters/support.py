"""Chapters 11 and 13: the supply chain in counts, humanitarian money per currency."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from risks.reports import marks, printing
from risks.reports.chapters.slice import Chapter, Slice
from risks.reports.engine import page
from risks.reports.tables import Column, Row, Table, first_of
from risks.reports.words import COMMODITIES, MONEY_KINDS, TIERS, word


def supply(part: Slice) -> Chapter:
    """Supply chain, counts only."""
    data = part.data["supply"]
    tables = (
        [] if data is None else [_by_country(part, data), _by_tier(part, data), _by_commodity(part, data), _measures(part, data)]
    )
    lede = ""
    if data is not None:
        lede = ngettext(
            "Counts only: no supplier is named. %(suppliers)s supplier is recorded; supply links: %(links)s.",
            "Counts only: no supplier is named. %(suppliers)s suppliers are recorded; supply links: %(links)s.",
            data["suppliers"],
        ) % {
            "suppliers": printing.whole(data["suppliers"]),
            "links": printing.whole(data["links"]),
        }
    html = page("supply.html", {"lede": lede, "tables": [table for table in tables if table and table.rows]})
    return Chapter("11", "c11", _("Supply chain"), html, flows=True)


def _by_country(part: Slice, data: Mapping[str, Any]) -> Table:
    rows, cut = first_of(sorted(data["by_country"], key=lambda row: -row["suppliers"]), "supply_chain.csv", 20)
    return Table(
        "11.1",
        _("Suppliers by country"),
        _("exposed: the supplier, its inputs, workers or owners are touched by the conflict"),
        [
            Column(_("Country"), 40),
            Column(_("Suppliers"), 20, numeric=True),
            Column(_("Supply links"), 20, numeric=True),
            Column(_("Exposed to the conflict"), 20, numeric=True),
        ],
        [Row([part.name(row["country"]), *(marks.count(row[key]) for key in ("suppliers", "links", "exposed"))]) for row in rows],
        source=part.source(data["figure"]),
        cut=cut,
    )


def _by_tier(part: Slice, data: Mapping[str, Any]) -> Table:
    return Table(
        "11.2",
        _("How deep the chain is known"),
        _("a tier with few links is little known, not short"),
        [Column(_("Tier"), 50), Column(_("Supply links"), 25, numeric=True), Column(_("Suppliers"), 25, numeric=True)],
        [Row([word(TIERS, row["tier"]), marks.count(row["links"]), marks.count(row["suppliers"])]) for row in data["by_tier"]],
        source=part.source(data["figure"]),
    )


def _by_commodity(part: Slice, data: Mapping[str, Any]) -> Table:
    rows, cut = first_of(sorted(data["by_commodity"], key=lambda row: -row["links"]), "supply_chain.csv", 15)
    return Table(
        "11.3",
        _("What is bought"),
        _("pillage risk: goods known to have been taken from occupied areas"),
        [
            Column(_("Commodity"), 38),
            Column(_("Supply links"), 17, numeric=True),
            Column(_("Countries"), 15, numeric=True),
            Column(_("Origin proof needed"), 30),
        ],
        [
            Row(
                [
                    word(COMMODITIES, row["commodity"]),
                    marks.count(row["links"]),
                    marks.count(row["countries"]),
                    _("yes, pillage risk") if row["risk"] else "",
                ]
            )
            for row in rows
        ],
        source=part.source(data["figure"]),
        cut=cut,
    )


def _measures(part: Slice, data: Mapping[str, Any]) -> Table:
    names = {
        "traced": _("Volume traced beyond tier 1"),
        "paused": _("Supply links paused or stopped because of the conflict"),
        "exited": _("Supply links ended"),
        "assessed": _("Direct suppliers with a valid assessment"),
        "identified": _("Suppliers with a registry number or LEI"),
        "screened": _("Counterparties screened in the last 90 days"),
        "corrective": _("Corrective actions closed, of those due"),
    }
    rows = []
    for row in data["measures"]:
        value = marks.rate(row["rate"], sign=True) if row["rate"] is not None else marks.part_of(row["part"], row["of"])
        rows.append(Row([names.get(row["code"], row["code"]), value]))
    return Table(
        "11.4",
        _("What was found, and what was done"),
        _("what nobody reported is unknown, not zero"),
        [Column(_("Measure"), 70), Column(_("Count"), 30, numeric=True)],
        rows,
        source=part.source(data["figure"]),
    )


def aid(part: Slice) -> Chapter:
    """Humanitarian support: money in each currency first, a sum only with the rates it was made from."""
    data = part.data["aid"]
    context: dict[str, object] = {"data": data}
    if data is not None:
        context |= {
            "since": printing.day(data["since"]),
            "money": _money(part, data),
            "rates": _rates(part, data),
            "contributions": _contributions(part, data),
            "left_out": ", ".join(f"{row['currency']} {printing.decimal(row['committed'], 2)}" for row in data["left_out"]),
            "in_kind": marks.count(data["in_kind"]),
            "reach": _reach(data["reach"]),
        }
    return Chapter("13", "c13", _("Humanitarian support"), page("aid.html", context), flows=True)


def _money(part: Slice, data: Mapping[str, Any]) -> Table:
    keys = ("committed", "paid")
    converted = data["rates"] is not None
    columns = [
        Column(_("Currency"), 14),
        Column(_("Committed"), 19, numeric=True),
        Column(_("Paid"), 19, numeric=True),
        Column(_("Paid, %"), 12, numeric=True),
    ]
    if converted:
        columns += [
            Column(_("Indicative %(currency)s, committed") % {"currency": data["rates"]["base"]}, 18, numeric=True),
            Column(_("Indicative %(currency)s, paid") % {"currency": data["rates"]["base"]}, 18, numeric=True),
        ]
    rows = []
    for row in data["currencies"]:
        cells = [row["currency"], *(_amount(row[key]) for key in keys), marks.rate(row["ratio"])]
        rows.append(Row([*cells, *(_amount(row.get(f"indicative_{key}")) for key in keys)] if converted else cells))
    if converted and data["total"]:
        total = data["total"]
        label = _("Indicative total, %(currency)s") % {"currency": total["currency"]}
        rows.append(Row([label, "", "", marks.rate(total["ratio"]), *(_amount(total[key]) for key in keys)], "sum"))
    return Table(
        "13.1",
        _("Money promised and paid since %(day)s") % {"day": printing.day(data["since"])},
        _("in each currency; currencies are not added"),
        columns,
        rows,
        source=part.source(data["figure"]),
    )


def _amount(value: str | None) -> object:
    return marks.not_reported() if value is None else printing.decimal(value, 2)


def _rates(part: Slice, data: Mapping[str, Any]) -> Table | None:
    if data["rates"] is None or not data["rates"]["rows"]:
        return None
    return Table(
        "13.2",
        _("Rates of the indicative total"),
        _("for 1 %(currency)s; each line is converted, rounded, then added") % {"currency": data["rates"]["base"]},
        [Column(_("Currency"), 20), Column(_("Rate"), 25, numeric=True), Column(_("Of"), 25), Column(_("Source"), 30)],
        [
            Row([row["currency"], printing.decimal(row["rate"], 4), printing.day(row["on"]), row["source"]])
            for row in data["rates"]["rows"]
        ],
        source=part.source(data.get("rates_figure")),
    )


def _contributions(part: Slice, data: Mapping[str, Any]) -> Table | None:
    rows, cut = first_of(data["contributions"], "contributions.csv", 20)
    if not rows:
        return None
    return Table(
        "13.3",
        _("Contributions"),
        _("newest first; support for own staff is not humanitarian support and is not in this table"),
        [
            Column(_("Partner"), 34),
            Column(_("What"), 16),
            Column(_("Currency"), 12),
            Column(_("Committed"), 14, numeric=True),
            Column(_("Paid"), 12, numeric=True),
            Column(_("Promised on"), 12),
        ],
        [
            Row(
                [
                    row["partner"] or marks.not_reported(),
                    word(MONEY_KINDS, row["kind"]),
                    row["currency"],
                    _amount(row["committed"]),
                    _amount(row["paid"]),
                    printing.short_day(row["committed_on"]) if row["committed_on"] else marks.not_reported(),
                ]
            )
            for row in rows
        ],
        source=part.source(data["figure"]),
        cut=cut,
    )


def _reach(reach: Mapping[str, Any] | None) -> object:
    if not reach:
        return marks.not_reported()
    return _("%(least)s to %(most)s people") % {"least": printing.whole(reach["least"]), "most": printing.whole(reach["most"])}
