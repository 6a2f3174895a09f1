"""From a snapshot to one sealed PDF, in a child process that has limits, no credentials and nothing to fetch from.

WeasyPrint is imported inside the functions: the web process and `manage.py check` never load it.
"""

import ctypes
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from django.utils.translation import gettext, gettext_noop

from aimprogress.charts.marks import GROUPS, NOT_REPORTED
from aimprogress.charts.plots import freshness_disc, icon_picture
from aimprogress.charts.svg import PRINT
from risks.reports import child
from risks.reports.attachments import EVIDENCE, files_of
from risks.reports.document import document
from risks.reports.evidence import Evidence, fingerprint
from risks.reports.printing import moment_of
from risks.reports.words import FRESHNESS

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

ROOT = Path(__file__).resolve().parents[2]
STYLE = ROOT / "static" / "css" / "report.css"
PICTURES = ROOT / "static" / "report"
FONTS = Path("/usr/share/fonts/truetype/dejavu")
FACES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf")
SCHEME = "asset:"
VARIANT = "pdf/ua-1"

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much is done, how much is known (0: not known yet). May raise to stop the work."""


MISSING = gettext_noop(
    "PDF files cannot be made on this machine yet. The report is made by itself after this command was run there: "
    "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
)
LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")


class PdfLibrariesMissing(RuntimeError):
    """The machine lacks what WeasyPrint needs; the text names the command that installs it. The Job waits."""

    def __init__(self, missing: str = "") -> None:
        super().__init__(gettext(MISSING))
        self.missing = missing


@dataclass(frozen=True)
class RenderedReport:
    """A finished report. `sha256` is of the PDF, `evidence_sha256` its fingerprint, `attachments` the files inside it by name."""

    pdf: bytes
    sha256: str
    evidence_sha256: str
    pages: int
    attachments: Mapping[str, str]


def render_pdf(evidence: Evidence, progress: Progress = lambda _said, _done, _known: None) -> RenderedReport:
    """Set the pages of a snapshot. The same snapshot gives the same bytes on a machine with the same fonts and libraries.

    Raises PdfLibrariesMissing, EvidenceError, or child.ChildFailed when the child fails or passes its limits.
    """
    require_libraries()
    result = child.run(lambda told, out: _write(evidence, told, out), progress)
    files = {name: hashlib.sha256(data).hexdigest() for name, data in files_of(evidence).items()}
    return RenderedReport(
        pdf=result.data,
        sha256=hashlib.sha256(result.data).hexdigest(),
        evidence_sha256=fingerprint(evidence),
        pages=result.answer["pages"],
        attachments=files,
    )


def require_libraries() -> None:
    """Load WeasyPrint into this process, so that a child needs no time for it. Raises PdfLibrariesMissing."""
    logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)  # its step-by-step news is heard by _page_counter only
    try:
        import weasyprint  # noqa: F401 - asked only whether its libraries load
    except (OSError, ImportError) as error:
        raise PdfLibrariesMissing(str(error)) from error
    if not FONTS.is_dir() or any(not (FONTS / face).is_file() for face in FACES):
        raise PdfLibrariesMissing("fonts-dejavu-core")


def libraries_missing() -> str:
    """What a report lacks on this machine, in words; "" when nothing. Cheap, and loads no WeasyPrint."""
    try:
        for name in LIBRARIES:
            ctypes.CDLL(name)
    except OSError:
        return MISSING
    return "" if all((FONTS / face).is_file() for face in FACES) else MISSING


def font_hashes() -> dict[str, str]:
    """The sha256 of each font file that is used, for the snapshot; empty where the fonts are missing."""
    return {face: hashlib.sha256((FONTS / face).read_bytes()).hexdigest() for face in FACES if (FONTS / face).is_file()}


def own_assets() -> dict[str, tuple[bytes, str]]:
    """Everything that a page of the report may load, by name: style sheet, pictures, the marks of status and freshness."""
    marks = {
        **{f"status-{group}.svg": icon_picture(group, palette=PRINT) for group in (*GROUPS, NOT_REPORTED)},
        **{f"fresh-{band.lower()}.svg": freshness_disc(band, title=band, palette=PRINT) for band in FRESHNESS},
    }
    pictures = {path.name: path.read_bytes() for path in sorted(PICTURES.glob("*.svg"))}
    pictures |= {name: drawn.encode() for name, drawn in marks.items()}
    return {"report.css": (STYLE.read_bytes(), "text/css"), **{name: (data, "image/svg+xml") for name, data in pictures.items()}}


def fetcher() -> "URLFetcher":
    """A URL fetcher that knows the project's own assets by name and stops the whole render at anything else."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class OwnAssetsOnly(URLFetcher):
        assets = own_assets()

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            found = self.assets.get(url.removeprefix(SCHEME)) if url.startswith(SCHEME) else None
            if found is None:
                raise FatalURLFetchingError(f"a report may not load {url[:80]!r}")
            return URLFetcherResponse(url, found[0], {"Content-Type": found[1]})

    return OwnAssetsOnly()


def pdf_of(html: str, evidence: Evidence, paged: Callable[[int], None] = lambda _page: None) -> tuple[bytes, int]:
    """HTML to PDF bytes and pages, in this process; with the files of the snapshot inside. No base url, nothing fetched."""
    from weasyprint import HTML, Attachment

    at = moment_of(evidence["meta"]["as_of"])
    attached = [
        Attachment(
            string=data,
            name=name,
            created=at,
            modified=at,
            relationship="Source" if name == EVIDENCE else "Data",
            url_fetcher=fetcher(),
        )
        for name, data in files_of(evidence).items()
    ]
    with _page_counter(paged):
        laid_out = HTML(string=html, url_fetcher=fetcher()).render(pdf_variant=VARIANT)
        pdf = laid_out.write_pdf(pdf_variant=VARIANT, attachments=attached)
    return pdf, len(laid_out.pages)


def _write(evidence: Evidence, told: child.Told, out: BinaryIO) -> dict[str, Any]:
    """The work of the child: chapters, pages, PDF."""
    html = document(evidence, lambda done, known: told(CHAPTERS, done, known))
    pdf, pages = pdf_of(html, evidence, lambda number: told(PAGES, number, 0))
    told(SEALED, pages, pages)
    out.write(pdf)
    return {"pages": pages}


CHAPTERS, PAGES, SEALED = "chapters", "pages", "sealed"


class _page_counter:
    """Hears WeasyPrint's own progress messages while pages are set."""

    def __init__(self, paged: Callable[[int], None]) -> None:
        self.logger = logging.getLogger("weasyprint.progress")
        self.handler = _PageNumbers(paged)

    def __enter__(self) -> None:
        self.before = (self.logger.level, self.logger.propagate)
        self.logger.setLevel(logging.INFO)
        self.logger.propagate = False
        self.logger.addHandler(self.handler)

    def __exit__(self, *_exception: object) -> None:
        self.logger.removeHandler(self.handler)
        self.logger.level, self.logger.propagate = self.before


class _PageNumbers(logging.Handler):
    def __init__(self, paged: Callable[[int], None]) -> None:
        super().__init__()
        self.paged = paged

    def emit(self, record: logging.LogRecord) -> None:
        if "Creating layout - Page" in str(record.msg) and record.args:
            self.paged(int(str(record.args[0])))
