"""Chapter 7: wage continuity by contract group and month, late wages, and support for own people with whom it leaves out."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from risks.reports import marks, printing
from risks.reports.chapters.slice import Chapter, Slice
from risks.reports.engine import page
from risks.reports.tables import Column, Row, Table, first_of
from risks.reports.words import CONTRACT_GROUPS, EFFECTS, SUPPORT_TYPES, WAGE_POLICIES, word


def pay(part: Slice) -> Chapter:
    """Pay and support. What nobody reported is printed as not reported."""
    wages, support = part.data["pay"], part.data["measures"]
    context: dict[str, Any] = {
        "period": printing.period(part.meta["period_from"], part.meta["period_to"]),
        "wages": wages,
        "support": _measures(part, support) if support else None,
    }
    if wages:
        context |= {
            "sentence": pay_sentence(wages),
            "groups": _groups(part, wages),
            "months": _months(part, wages),
            "late": _late(wages),
            "rules": _rules(wages),
            "mobilised": marks.count(wages["mobilised"]),
            "families": marks.count(wages["families"]),
        }
    return Chapter("7", "c7", _("Pay and support"), page("pay.html", context), flows=True)


def pay_sentence(wages: Mapping[str, Any]) -> str:
    """The one sentence that the figures support (domain.md 10.2, scenario 9)."""
    whole = wages["groups"][-1]
    if any(isinstance(whole[key], str) for key in ("full", "partial", "entitled")) or not whole["full_rate"]:
        return _("The numbers of %(month)s stand in the table; small ones are kept back.") % {
            "month": printing.month(wages["month"])
        }
    return _("%(full)s of %(entitled)s (%(share)s) received full and %(partial)s partial pay in %(month)s.") % {
        "full": printing.whole(whole["full"]), "entitled": printing.whole(whole["entitled"]),
        "share": marks.rate(whole["full_rate"], sign=True), "partial": printing.whole(whole["partial"]),
        "month": printing.month(wages["month"]),
    }  # fmt: skip


def _rules(wages: Mapping[str, Any]) -> str:
    """By which rules people were paid, so that nobody reads a part of the wage as the whole."""
    told = []
    for line in wages["rules"]:
        rule = str(word(WAGE_POLICIES, line["policy"]))
        if line["least"]:
            least, most = line["least"], line["most"]
            rule = _("%(rule)s, %(percent)s %% of the wage") % {
                "rule": rule, "percent": str(least) if least == most else f"{least}–{most}",
            }  # fmt: skip
        sites = ngettext("%(n)s site", "%(n)s sites", line["sites"]) % {"n": printing.whole(line["sites"])}
        told.append(f"{rule} ({sites})")
    return "; ".join(told)


def _late(wages: Mapping[str, Any]) -> str:
    if not wages["late_sites"]:
        return _("none reported")
    return ngettext(
        "at %(sites)s of the sites that reported; the oldest by %(days)s day",
        "at %(sites)s of the sites that reported; the oldest by %(days)s days",
        wages["worst_days"],
    ) % {
        "sites": printing.whole(wages["late_sites"]), "days": printing.whole(wages["worst_days"]),
    }  # fmt: skip


def _groups(part: Slice, wages: Mapping[str, Any]) -> Table:
    keys = ("entitled", "full", "partial", "none")
    rows = [
        Row(
            [
                _("All") if row["group"] == "ALL" else word(CONTRACT_GROUPS, row["group"]),
                *(marks.count(row[key]) for key in keys), marks.rate(row["full_rate"]), marks.rate(row["any_rate"]),
            ],
            "sum" if row["group"] == "ALL" else "",
        )
        for row in wages["groups"]
    ]  # fmt: skip
    return Table(
        "7.1",
        _("Who was paid in %(month)s") % {"month": printing.month(wages["month"])},
        _("people entitled to wages for work; those who serve and families are told below"),
        [
            Column(_("Contract group"), 28),
            Column(_("Entitled"), 12, numeric=True),
            Column(_("In full"), 12, numeric=True),
            Column(_("In part"), 12, numeric=True),
            Column(_("Not paid"), 12, numeric=True),
            Column(_("In full, %"), 12, numeric=True),
            Column(_("Paid, %"), 12, numeric=True),
        ],
        rows,
        source=part.source(wages["figure"]),
    )


def _months(part: Slice, wages: Mapping[str, Any]) -> Table:
    return Table(
        "7.2",
        _("Six months"),
        _("a month with few sites says little about the others"),
        [
            Column(_("Month"), 40),
            Column(_("Sites that reported"), 20, numeric=True),
            Column(_("In full, %"), 20, numeric=True),
            Column(_("In full or in part, %"), 20, numeric=True),
        ],
        [
            Row(
                [
                    printing.month(row["month"]),
                    marks.count(row["sites"] or None),
                    marks.rate(row["full_rate"]),
                    marks.rate(row["any_rate"]),
                ]
            )
            for row in wages["months"]
        ],
        source=part.source(wages["figure"]),
    )


def _measures(part: Slice, support: Mapping[str, Any]) -> Table:
    rows, cut = first_of(support["rows"], "support_measures.csv", 12)
    return Table(
        "7.3",
        _("Support for own people"),
        _("people reached are not added: the same people use several measures"),
        [
            Column(_("Measure"), 28),
            Column(_("People reached"), 14, numeric=True),
            Column(_("Who may not use it, and why"), 38),
            Column(_("Effect"), 20),
        ],
        [
            Row(
                [
                    f"{word(SUPPORT_TYPES, row['type'])}, {part.name(row['country'])}",
                    marks.count(row["reached"]),
                    _left_out(row),
                    word(EFFECTS, row["effect"]),
                ]
            )
            for row in rows
        ],
        source=part.source(support["figure"]),
        cut=cut,
    )


def _left_out(row: Mapping[str, Any]) -> str:
    if not row["excluded"]:
        return _("nobody is left out")
    groups = ", ".join(str(word(CONTRACT_GROUPS, code)) for code in row["excluded"])
    return f"{groups}: {row['because']}" if row["because"] else groups
