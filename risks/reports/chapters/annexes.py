"""Annex B, data quality, and annex E, the index that leads from every reference to its records."""

from django.utils.html import format_html
from django.utils.translation import gettext as _

from aimprogress.charts.bars import Part, Stack, stacked_bars
from aimprogress.charts.svg import HATCH, PRINT
from risks.reports import marks, printing
from risks.reports.chapters.slice import Chapter, Chart, Slice
from risks.reports.engine import page
from risks.reports.evidence import LogHead
from risks.reports.tables import Column, Row, Table
from risks.reports.words import DATASETS, FIGURES, FRESHNESS, SOURCES, word

FILLS = {
    "CURRENT": ("meter", True),
    "DUE_SOON": ("#5f9294", True),
    "OVERDUE": ("#c3d6d5", False),
    "STALE": ("h2", False),
    "NEVER": (HATCH, False),
}
COUNTED = ("CURRENT", "DUE_SOON", "OVERDUE")


def quality(part: Slice) -> Chapter:
    """Annex B: who should have reported, who did, how long ago, and how sure the source is."""
    data = part.data["quality"]
    html = page(
        "quality.html",
        {
            "chart": _chart(part),
            "coverage": _coverage(part),
            "sources": _sources(part),
            "replaced": marks.count(data["replaced"]),
            "reference": marks.reference(data["figure"]),
        },
    )
    return Chapter("B", "cb", _("Data quality"), html)


def _chart(part: Slice) -> Chart:
    datasets = part.data["quality"]["datasets"]
    bars = [
        Stack(word(DATASETS, row["dataset"]), [row["bands"].get(band, 0) for band in FILLS], str(row["needed"]), "")
        for row in datasets
    ]
    told = "; ".join(f"{bar.label}: {', '.join(map(str, bar.values))}" for bar in bars)
    return Chart(
        "B.1",
        _("Freshness of what sites report"),
        _("sites by freshness; in time or overdue count, the rest does not"),
        stacked_bars(
            [Part(word(FRESHNESS, band), fill, light) for band, (fill, light) in FILLS.items()],
            bars,
            title=_("Sites by freshness: current, due, overdue, stale, never. %(told)s.") % {"told": told},
            palette=PRINT,
            left=140,
        ),
    )


def _coverage(part: Slice) -> Table:
    data = part.data["quality"]
    rows = sorted(data["datasets"], key=lambda row: float(row["people"]) if row["people"] is not None else -1.0)
    bands = [Column(word(FRESHNESS, band), 10, numeric=True) for band in FILLS]
    return Table(
        "B.1",
        _("Coverage"),
        _("worst covered first"),
        [
            Column(_("What is reported"), 22),
            Column(_("Needed"), 8, numeric=True),
            *bands,
            Column(_("Counted"), 9, numeric=True),
            Column(_("People covered, %"), 11, numeric=True),
        ],
        [
            Row(
                [
                    word(DATASETS, row["dataset"]),
                    row["needed"],
                    *(row["bands"].get(band, 0) for band in FILLS),
                    sum(row["bands"].get(band, 0) for band in COUNTED),
                    marks.rate(row["people"]),
                ]
            )
            for row in rows
        ],
        source=part.source(data["figure"]),
        style="tight",
    )


def _sources(part: Slice) -> Table | None:
    data = part.data["quality"]
    kinds = sorted({row["source"] for row in data["sources"]})
    if not kinds:
        return None
    sums = {(row["source"], row["confidence"]): row["rows"] for row in data["sources"]}
    letters = ("A", "B", "C")
    rows = []
    for kind in kinds:
        counts = [sums.get((kind, letter), 0) for letter in letters]
        rows.append((sum(counts), Row([word(SOURCES, kind), *map(printing.whole, counts), printing.whole(sum(counts))])))
    rows.sort(key=lambda entry: -entry[0])
    totals = [sum(sums.get((kind, letter), 0) for kind in kinds) for letter in letters]
    return Table(
        "B.2",
        _("Records by source and confidence"),
        _("records that stand behind the figures of this report"),
        [
            Column(_("Source"), 40),
            Column(_("A confirmed"), 15, numeric=True),
            Column(_("B credible"), 15, numeric=True),
            Column(_("C unverified"), 15, numeric=True),
            Column(_("All"), 15, numeric=True),
        ],
        [*(row for _total, row in rows), Row([_("All"), *map(printing.whole, totals), printing.whole(sum(totals))], "sum")],
        source=part.source(data["figure"]),
    )


def index(part: Slice) -> Chapter:
    """Annex E: what each reference is, from how many rows, as of when, how sure, and the fingerprint of the rows."""
    rows = [
        Row(
            [
                format_html('<span class="e">{}</span>', reference),
                marks.small(f"{word(FIGURES, figure['kind'])}{' §' if figure['strict'] else ''}", _(figure["query"])),
                printing.whole(figure["rows"]),
                printing.instant(figure["as_of"]) if figure["as_of"] else marks.not_reported(),
                _sure(figure["sources"]),
                format_html("<code>{}</code>", figure["sha256"][:12]),
            ],
            anchor=reference.lower(),
        )
        for reference, figure in sorted(part.figures.items())
    ]
    table = Table(
        "E.1",
        _("Evidence used"),
        _("the fingerprint is the start of the sha256 over the rows as frozen"),
        [
            Column(_("Ref"), 8),
            Column(_("What it is"), 36),
            Column(_("Rows"), 8, numeric=True),
            Column(_("As of"), 16),
            Column(_("Source, sure"), 16),
            Column(_("Fingerprint"), 16),
        ],
        rows,
        style="long dense",
    )
    files = [Row([format_html("<code>{}</code>", name), printing.whole(count)]) for name, count in part.data["attachments"]]
    attached = Table(
        "E.2",
        _("Files inside this PDF"),
        _("open them from the attachments list of a PDF reader"),
        [Column(_("File"), 60), Column(_("Rows"), 40, numeric=True)],
        files,
        style="narrow",
    )
    html = page(
        "index.html",
        {"table": table, "attached": attached, "identity": part.data["fingerprint"], "log": _log(part.meta.get("log"))},
    )
    return Chapter("E", "ce", _("Evidence index"), html)


def _log(head: LogHead | None) -> dict[str, str] | None:
    """Where the member's log ended, as printed; None for a member whose log was empty."""
    return {"number": printing.whole(head["seq"]), "hash": head["hash"]} if head and head["seq"] else None


def _sure(sources: list[dict]) -> object:
    kinds = sorted({source["source"] for source in sources})
    if not kinds:
        return "–"
    letters = ", ".join(sorted({source["confidence"] for source in sources}))
    return f"{', '.join(word(SOURCES, kind) for kind in kinds)}, {letters}"
