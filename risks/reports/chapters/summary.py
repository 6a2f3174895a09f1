"""Chapter 1: what is not known comes first; then five key numbers, what changed, the most severe issues, open gaps."""

from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from risks.reports import marks, printing
from risks.reports.chapters.slice import Chapter, Slice
from risks.reports.engine import page
from risks.reports.evidence import Figure
from risks.reports.tables import Column, Row, Table, most_severe

MOST_ISSUES = 10


def summary(part: Slice) -> Chapter:
    """The summary. The list of changes may run over a page, the box above it and the key numbers stay whole."""
    data = part.data["summary"]
    issues = [issue for issue in part.data["issues"]["rows"] if issue["is_salient"]]
    html = page(
        "summary.html",
        {
            "unknown": [_unknown(part, entry) for entry in data["unknown"]],
            "changes": [_change(part, entry) for entry in data["changes"]],
            "key": _key_numbers(part, data["key"]),
            "issues": _issues(part, issues),
            "gaps": _gaps(data.get("gaps", ())),
        },
    )
    return Chapter("1", "c1", _("Summary"), html)


def _unknown(part: Slice, entry: Mapping[str, Any]) -> dict[str, object]:
    quantity = entry.get("rate") and printing.percent(entry["rate"])
    if entry.get("count") is not None:
        quantity = marks.count(entry["count"])
    said = UNKNOWN.get(entry["code"], lambda *_: entry["code"])(part, entry)
    return {
        "quantity": quantity or _("no figures"),
        "is_word": not quantity,
        "said": said,
        "reference": marks.reference(entry.get("figure")),
    }


def _unreached(part: Slice, entry: Mapping[str, Any]) -> str:
    where = [f"{part.name(code)} {printing.whole(count)}" for code, count in entry.get("by", ())]
    if entry.get("others"):
        where.append(_("elsewhere %(count)s") % {"count": printing.whole(entry["others"])})
    said = ngettext(
        "person could not be reached in the time allowed (%(where)s).",
        "people could not be reached in the time allowed (%(where)s).",
        entry["count"] if isinstance(entry["count"], int) else 2,
    )
    return said % {"where": "; ".join(where)}


def _stale(_part: Slice, entry: Mapping[str, Any]) -> str:
    return ngettext(
        "people work at %(sites)s site whose head count is stale or was never given. They are in no total of this report.",
        "people work at %(sites)s sites whose head count is stale or was never given. They are in no total of this report.",
        entry["sites"],
    ) % {"sites": printing.whole(entry["sites"])}


def _counted(said: Any, entry: Mapping[str, Any]) -> str:
    return said % {"count": entry["count"] or 0}


UNKNOWN = {
    "unreached": _unreached,
    "stale_people": _stale,
    "pay": lambda *_a: _("on pay: nobody reported whether the wages of the last month due were paid."),
    "pay_sites": lambda _p, entry: _counted(
        ngettext_lazy(
            "open site did not report its pay for the last month due.",
            "open sites did not report their pay for the last month due.",
            "count",
        ),
        entry,
    ),
    "head_counts": lambda *_a: _("on people: no site has given a head count that is fresh enough to count."),
    "no_status": lambda _p, entry: _counted(
        ngettext_lazy("site has never reported its status.", "sites have never reported their status.", "count"), entry
    ),
    "no_contact": lambda _p, entry: _counted(
        ngettext_lazy(
            "site has been silent for more than twice the time allowed; only its last known state is printed.",
            "sites have been silent for more than twice the time allowed; only their last known state is printed.",
            "count",
        ),
        entry,
    ),
    "no_plan": lambda _p, entry: _counted(
        ngettext_lazy("open site has no evacuation plan in force.", "open sites have no evacuation plan in force.", "count"),
        entry,
    ),
    "involvement": lambda _p, entry: _counted(
        ngettext_lazy(
            "issue where the company's own part has not been assessed yet.",
            "issues where the company's own part has not been assessed yet.",
            "count",
        ),
        entry,
    ),
    "no_response": lambda _p, entry: _counted(
        ngettext_lazy("salient issue without any recorded action.", "salient issues without any recorded action.", "count"), entry
    ),
    "not_traced": lambda *_a: _("of purchased volume is not traced beyond the direct supplier."),
    "tracing": lambda *_a: _("on tracing: how much of the purchased volume is traced beyond the direct supplier."),
    "reach": lambda *_a: _("on reach: how many people the humanitarian support has helped."),
    "engagement": lambda *_a: _("on talks with the people affected: not collected in this release."),
    "issues": lambda *_a: _("on salient issues: the register is empty, which is not a finding that there are none."),
}


def _change(part: Slice, entry: Mapping[str, Any]) -> dict[str, object]:
    said = CHANGES.get(entry["code"], lambda *_: entry["code"])(part, entry)
    return {"day": printing.short_day(entry["day"]), "said": said, "reference": marks.reference(entry.get("figure"))}


def _sites(said: Any, part: Slice, entry: Mapping[str, Any]) -> str:
    return said % {"count": entry["sites"], "area": part.name(entry["area"])}


CHANGES = {
    "stop_flag": lambda _p, entry: _("A STOP flag was raised on %(issue)s.") % {"issue": entry["issue"]},
    "issue_added": lambda _p, entry: _("Issue %(issue)s was added to the register.") % {"issue": entry["issue"]},
    "alert_raised": lambda part, entry: _("The alert level was raised: %(areas)s.") % {"areas": part.names(entry["areas"])},
    "alert_lowered": lambda part, entry: _("The alert level was lowered: %(areas)s.") % {"areas": part.names(entry["areas"])},
    "evacuated": lambda part, entry: _sites(
        ngettext_lazy("%(area)s: %(count)s site was evacuated.", "%(area)s: %(count)s sites were evacuated.", "count"),
        part,
        entry,
    ),
    "suspended": lambda part, entry: _sites(
        ngettext_lazy("%(area)s: %(count)s site was suspended.", "%(area)s: %(count)s sites were suspended.", "count"),
        part,
        entry,
    ),
    "reopened": lambda part, entry: _sites(
        ngettext_lazy("%(area)s: %(count)s site works again.", "%(area)s: %(count)s sites work again.", "count"), part, entry
    ),
    "closed": lambda part, entry: _sites(
        ngettext_lazy("%(area)s: %(count)s site was closed or sold.", "%(area)s: %(count)s sites were closed or sold.", "count"),
        part,
        entry,
    ),
}


KEY = {
    "accounted": lambda: _("of workers are accounted for"),
    "operating": lambda: _("open sites operate normally or for essential goods"),
    "adequate_plans": lambda: _("of sites that need one have an adequate evacuation plan"),
    "full_pay": lambda: _("of workers received full pay for the period"),
    "critical_issues": lambda: _("salient issues are critical"),
    "actions_overdue": lambda: _("open safety actions are past their date"),
}


def _key_numbers(part: Slice, entries: list[Mapping[str, Any]]) -> list[dict[str, object]]:
    shown = []
    for entry in entries:
        figure = part.figures.get(entry.get("figure") or "")
        counted = marks.part_of(entry["part"], entry["of"]) if entry.get("part") is not None else ""
        main: SafeString | str = marks.rate(entry["rate"], sign=True) if entry.get("rate") else counted or marks.not_reported()
        reach = marks.reach(figure["coverage"]) if figure else ""
        shown.append(
            {
                "main": main,
                "said": KEY.get(entry["code"], lambda code=entry["code"]: code)(),
                "counted": counted if entry.get("rate") else "",
                "reference": marks.reference(entry.get("figure")),
                "freshness": _as_of(figure),
                "reach": reach,
                "before": entry.get("before") and _signed(entry["before"]),
            }
        )
    return shown


def _as_of(figure: Figure | None) -> SafeString | str:
    if figure is None or figure["as_of"] is None:
        return marks.not_reported()
    return marks.freshness(figure["freshness"], figure["as_of"]) if figure["freshness"] else printing.instant(figure["as_of"])


def _signed(difference: str) -> str:
    shown = printing.decimal(difference.lstrip("+-"), 1)
    return _("%(sign)s%(points)s points") % {"sign": "\N{MINUS SIGN}" if difference.startswith("-") else "+", "points": shown}


def _issues(part: Slice, issues: list[Mapping[str, Any]]) -> Table | None:
    if not issues:
        return None
    rows, cut = most_severe(issues, "issues.csv", MOST_ISSUES)
    total = len(part.data["issues"]["rows"])
    return Table(
        "1.1",
        _("The most severe issues"),
        _("ranked by severity to people, then likelihood; %(part)s of %(whole)s in the register are salient")
        % {"part": len(issues), "whole": total},
        [
            Column(_("Rank"), 6),
            Column(_("Issue"), 44),
            Column(_("Band"), 14),
            Column(_("Score"), 10, numeric=True),
            Column(_("Where it stands"), 26),
        ],
        [
            Row([place, issue["title"], marks.band(issue["shown_band"]), printing.decimal(issue["score"], 2), _standing(issue)])
            for place, issue in enumerate(rows, 1)
        ],
        source=part.source(part.data["issues"]["figure"]),
        cut=cut,
        head=1,
        style="long",
    )


def _standing(issue: Mapping[str, Any]) -> SafeString | str:
    happening = _("happening") if issue["is_actual"] else _("may happen")
    flag = _("STOP flag open") if "STOP" in issue["open_flags"] else ""
    if issue["steps_open"] is None:
        return marks.small(flag or happening, marks.not_reported())
    steps = ngettext("%(count)s step open", "%(count)s steps open", issue["steps_open"]) % {"count": issue["steps_open"]}
    late = _("%(count)s late") % {"count": issue["steps_late"]} if issue["steps_late"] else ""
    return marks.small(flag or happening, ", ".join(part for part in (steps, late) if part))


GAPS = {
    "C-03": lambda: (_("Our part in the issue is not assessed"), _("Assess it within 30 days, at the gravest severity within 7")),
    "C-08": lambda: (
        _("A salient issue has no action with owner and date"),
        _("Agree an action; name the function that owns it"),
    ),
    "C-18": lambda: (
        _("A site lacks status, head count, evacuation or communication plan"),
        _("Open the site page; ask the site"),
    ),
    "C-21": lambda: (_("The status of a site is stale"), _("Ask the site; use the second channel of its communication plan")),
    "C-22": lambda: (_("The head count of a site is stale"), _("Ask the site; its people are in no total until it answers")),
    "C-23": lambda: (_("The review of a plan is overdue"), _("Review the plan with worker representatives")),
}


def _gaps(gaps: list[Mapping[str, Any]]) -> Table | None:
    if not gaps:
        return None
    rows = []
    for gap in gaps:
        missing, fix = GAPS.get(gap["code"], lambda code=gap["code"]: (code, ""))()
        rows.append(Row([gap["code"], missing, marks.part_of(gap["count"], gap["of"]), fix]))
    return Table(
        "1.2",
        _("Gaps that weaken this report"),
        _("the other checks of the method are not run in this release"),
        [Column(_("Check"), 10), Column(_("What is missing"), 40), Column(_("How many"), 12), Column(_("How to close it"), 38)],
        rows,
        head=1,
        style="long",
    )
