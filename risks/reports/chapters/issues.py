"""Chapter 5: salient issues as heat map, ranking and one block each, severity always generated from the formula."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aimprogress.charts.heatmap import Square, heat_map
from aimprogress.charts.svg import PRINT
from risks import saliency
from risks.claims import SAFE, claims_in
from risks.reports import marks, printing
from risks.reports.chapters.pay import pay_sentence
from risks.reports.chapters.people import contact_sentence
from risks.reports.chapters.slice import Chapter, Chart, Slice
from risks.reports.engine import page
from risks.reports.tables import Column, Row, Table, first_of, most_severe
from risks.reports.words import ACTION_STATUSES, AFFECTED, BANDS, INVOLVEMENT, RIGHTS, word

MOST_SHEETS = 10


def issues(part: Slice) -> Chapter:
    """Salient issues."""
    rows = part.data["issues"]["rows"]
    salient = [issue for issue in rows if issue["is_salient"]]
    shown, cut = first_of(salient, "issues.csv", MOST_SHEETS)
    html = page(
        "issues.html",
        {
            "lede": _lede(rows, salient),
            "heat": _heat(part) if rows else None,
            "ranking": _ranking(part) if rows else None,
            "changes": _changes(part.data["issues"]),
            "sheets": [_sheet(part, issue) for issue in shown],
            "cut": cut,
        },
    )
    sections = [("s52", _("What stands behind each score"))] if rows else []
    return Chapter("5", "c5", _("Salient issues"), html, sections, flows=True)


def _lede(rows: list[Mapping[str, Any]], salient: list[Mapping[str, Any]]) -> str:
    if not rows:
        return _("Salient means most severe for people, not for the business. No issue has been recorded.")
    critical = sum(issue["shown_band"] == "CRITICAL" for issue in salient)
    return ngettext(
        "Salient means most severe for people, not for the business. %(count)s issue is in the register;"
        " %(salient)s of the register are salient and %(critical)s critical.",
        "Salient means most severe for people, not for the business. %(count)s issues are in the register;"
        " %(salient)s of them are salient and %(critical)s critical.",
        len(rows),
    ) % {"count": len(rows), "salient": len(salient), "critical": critical}


def _heat(part: Slice) -> Chart:
    cells = defaultdict(list)
    for issue in part.data["issues"]["rows"]:
        cells[issue["severity_level"], issue["likelihood_counted"]].append((issue["code"], issue["involvement"]))
    told = "; ".join(
        _("severity %(level)s, likelihood %(chance)s: %(codes)s")
        % {"level": level, "chance": chance, "codes": ", ".join(code for code, _part in found)}
        for (level, chance), found in sorted(cells.items(), reverse=True)
    )
    svg = heat_map(
        {cell: Square(len(found), codes=tuple(found)) for cell, found in cells.items()},
        lambda level, chance: saliency.band_of_cell(level, chance).value,
        title=_("Heat map of issues, severity by likelihood: %(told)s.") % {"told": told},
        palette=PRINT,
        counts=False,
        key=[
            (_("Our part in it"), [(code, word(INVOLVEMENT, code)) for code in ("CAUSE", "CONTRIBUTE", "LINKED", "UNKNOWN")]),
            (_("Band"), [(code, word(BANDS, code)) for code in ("CRITICAL", "HIGH", "MEDIUM", "LOW")]),
        ],
    )
    return Chart(
        "5.1",
        _("Severity and likelihood"),
        _("each issue once; the letter in the corner is the band of the square"),
        svg,
        source=part.source(part.data["issues"]["figure"], _("method %(formula)s") % {"formula": part.meta["formula"]}),
    )


def _ranking(part: Slice) -> Table:
    rows, cut = most_severe(part.data["issues"]["rows"], "issues.csv")
    printed, crossed = [], False
    for issue in rows:
        below = Row(_cells(issue), "" if issue["is_salient"] or crossed else "sep")
        crossed = crossed or not issue["is_salient"]
        printed.append(below)
    return Table(
        "5.1",
        _("Ranking"),
        _("the same issues with the inputs of the score; below the strong line they are not salient"),
        [
            Column(_("Issue"), 8),
            Column(_("What can happen, and to whom"), 35),
            Column(_("Our part"), 13),
            Column(_("SL"), 4, numeric=True),
            Column(_("LK"), 4, numeric=True),
            Column(_("Score"), 7, numeric=True),
            Column(_("Band"), 14),
            Column(_("Steps open"), 8, numeric=True),
            Column(_("of them late"), 7, numeric=True),
        ],
        printed,
        source=part.source(part.data["issues"]["figure"]),
        cut=cut,
        head=1,
        style="long",
    )


def _cells(issue: Mapping[str, Any]) -> list[object]:
    to_whom = [word(AFFECTED, code) for code in issue["groups"][:2]]
    if issue["is_actual"]:
        to_whom.append(_("happening"))
    if "STOP" in issue["open_flags"]:
        to_whom.append(_("STOP flag open"))
    return [
        issue["code"],
        marks.small(issue["title"], " · ".join(to_whom)),
        word(INVOLVEMENT, issue["involvement"]),
        issue["severity_level"],
        issue["likelihood_counted"],
        printing.decimal(issue["score"], 2),
        marks.band(issue["shown_band"]),
        _steps(issue["steps_open"]),
        _steps(issue["steps_late"]),
    ]


def _steps(count: int | None) -> object:
    return "–" if count is None else count


def _changes(data: Mapping[str, Any]) -> str:
    if data["added"] is None:
        return _("This is the first report, so nothing can be said about issues added or dropped.")
    return _("Added since the last report: %(added)s. Dropped: %(dropped)s.") % {
        "added": ", ".join(data["added"]) or _("none"),
        "dropped": ", ".join(data["dropped"] or []) or _("none"),
    }


def _sheet(part: Slice, issue: Mapping[str, Any]) -> dict[str, object]:
    return {
        "code": issue["code"],
        "title": issue["title"],
        "band": marks.band(issue["shown_band"]),
        "score": printing.decimal(issue["score"], 2),
        "severity": saliency.severity_text(
            issue["scale"], issue["scope"], issue["irremediability"], issue["likelihood"], is_actual=issue["is_actual"]
        ),
        "where": part.names(issue["countries"]) or marks.not_reported(),
        "rights": ", ".join(word(RIGHTS, code) for code in issue["rights"]) or marks.not_reported(),
        "groups": ", ".join(word(AFFECTED, code) for code in issue["groups"]) or marks.not_reported(),
        "involvement": word(INVOLVEMENT, issue["involvement"]),
        "response": issue["response"] or marks.not_reported(),
        "claims": [told for code in claims_in(issue["title"], issue["response"]) if (told := _unsupported(part, code))],
        "review": printing.day(issue["review_on"]) if issue["review_on"] else marks.not_reported(),
        "why": _why(issue),
        "actions": [_action(action) for action in issue["actions"][:4]],
    }


def _unsupported(part: Slice, code: str) -> str:
    """What the figures say in the place of a claim that they do not support; "" where they do."""
    heads, wages = part.data["people"]["head_counts"], part.data["pay"]
    if code == SAFE:
        held = heads and heads["accounted"][-1] == "100.0" and heads["states"]["KILLED"][-1] == 0
        if held and not part.data["people"]["attention"]:
            return ""
        return _("%(code)s: the figures do not support that everyone is safe. %(said)s") % {
            "code": code, "said": contact_sentence(heads, part.meta["as_of"]),
        }  # fmt: skip
    groups = {line["group"]: line["full_rate"] for line in wages["groups"]} if wages else {}
    if groups.get("ALL") == "100.0" and "AGENCY" in groups:
        return ""
    said = pay_sentence(wages) if wages else _("Nobody reported on pay for the last month that is due.")
    return _("%(code)s: the figures do not support that wages went on. %(said)s") % {"code": code, "said": said}


def _why(issue: Mapping[str, Any]) -> str:
    reasons = []
    if issue["conflict_driver"]:
        reasons.append(_("it can feed the conflict"))
    if issue["open_flags"]:
        reasons.append(_("open red flag: %(flags)s") % {"flags": ", ".join(issue["open_flags"])})
    return "; ".join(reasons)


def _action(action: Mapping[str, Any]) -> str:
    due = printing.day(action["due_on"]) if action["due_on"] else _("no date")
    late = ""
    if action["overdue_days"]:
        late = ngettext("%(count)s day late", "%(count)s days late", action["overdue_days"]) % {"count": action["overdue_days"]}
    return " · ".join(
        part for part in (action["title"], action["owner"], due, word(ACTION_STATUSES, action["status"]), late) if part
    )
