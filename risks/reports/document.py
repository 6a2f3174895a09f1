"""The whole report as one HTML text: cover, contents, chapters. Pure: a snapshot in, text out."""

from collections.abc import Callable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from risks.reports import printing
from risks.reports.attachments import tables_of
from risks.reports.chapters import CHAPTERS, LATER, ORDER
from risks.reports.chapters.slice import Chapter, Slice
from risks.reports.engine import page
from risks.reports.evidence import FINGERPRINT_LENGTH, Evidence, check, fingerprint
from risks.reports.words import CLASSIFICATIONS, REPORT_STATUSES, ROLES, word

Written = Callable[[int, int], None]
"""Called after each chapter with chapters done and chapters known."""


def document(evidence: Evidence, written: Written = lambda _done, _known: None) -> str:
    """The report as HTML in the language of the snapshot. Raises EvidenceError if a figure is missing."""
    check(evidence)
    with translation.override(evidence["meta"]["language"]):
        chapters = _chapters(evidence, written)
        return page("document.html", {**_cover(evidence), "contents": _contents(chapters), "chapters": _printed(chapters)})


def _chapters(evidence: Evidence, written: Written) -> list[Chapter]:
    own: dict[str, Any] = {
        "attachments": [(name, len(table["rows"])) for name, table in tables_of(evidence).items()],
        "fingerprint": fingerprint(evidence),
    }
    made = []
    for done, (chapter, names) in enumerate(CHAPTERS, 1):
        data = own | {name: evidence["chapters"][name] for name in names}
        made.append(chapter(Slice(evidence["meta"], evidence["places"], evidence["figures"], data)))
        written(done, len(CHAPTERS))
    return made


def _contents(chapters: list[Chapter]) -> list[dict[str, object]]:
    made = {chapter.number: chapter for chapter in chapters}
    entries = []
    for number in ORDER:
        if number in made:
            chapter = made[number]
            entries.append({"number": number, "anchor": chapter.anchor, "title": chapter.title, "sections": chapter.sections})
        else:
            entries.append({"number": number, "anchor": "", "title": str(LATER[number]), "sections": ()})
    return entries


def _printed(chapters: list[Chapter]) -> list[dict[str, object]]:
    return [
        {
            "number": chapter.number,
            "annex": chapter.number.isalpha(),
            "anchor": chapter.anchor,
            "flows": chapter.flows,
            "title": chapter.title,
            "html": chapter.html,
        }
        for chapter in chapters
    ]


def _cover(evidence: Evidence) -> dict[str, object]:
    meta = evidence["meta"]
    identity = fingerprint(evidence)
    number = f"{meta['number']}-r{meta['revision']}"
    member = meta["organisation"]["short_name"]
    period = printing.period(meta["period_from"], meta["period_to"])
    return {
        "language": meta["language"],
        "title": _("Human-rights due diligence in a conflict: %(member)s, %(period)s") % {"member": member, "period": period},
        "description": _("Due-diligence report by the UN Guiding Principles, number %(number)s") % {"number": number},
        "as_of": meta["as_of"],
        "running": f"{member} · {period}",
        "classification": word(CLASSIFICATIONS, meta["audience"]),
        "seal": f"{number} · {identity[:FINGERPRINT_LENGTH]}",
        "member": member,
        "period": period,
        "number": number,
        "frozen": printing.instant(meta["as_of"]),
        "replaces": meta["replaces"] or _("nothing"),
        "status": word(REPORT_STATUSES, meta["status"]),
        "asked_by": word(ROLES, meta["asked_by"]),
        "scope": _scope(evidence),
        "formula": meta["formula"],
        "identity_in_groups": " ".join(identity[place : place + 8] for place in range(0, 64, 8)),
    }


def _scope(evidence: Evidence) -> str:
    scope = evidence["chapters"]["scope"]
    countries = len(scope["countries"])
    sites = ngettext("%(count)s site", "%(count)s sites", scope["sites"]) % {"count": printing.whole(scope["sites"])}
    where = ngettext("%(count)s country", "%(count)s countries", countries) % {"count": countries}
    return f"{sites}, {where}"
