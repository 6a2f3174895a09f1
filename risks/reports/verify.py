"""Tell whether a report is what it says: its files are re-hashed and compared with the fingerprint on its pages."""

import hashlib
import io
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from risks.reports.attachments import EVIDENCE, files_of
from risks.reports.evidence import FINGERPRINT_LENGTH, Evidence, EvidenceError, read

OUT_OF_SHAPE = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What reading a snapshot raises in which parts are missing or of another kind."""
SEAL = re.compile(r"(ADP-UNGP-[A-Z0-9-]+-r\d+) · ([0-9a-f]{8})")


@dataclass
class Verdict:
    """What was found. `problems` is empty for a report that is as it was made."""

    pdf_sha256: str
    evidence_sha256: str = ""
    number: str = ""
    printed: str = ""
    pages: int = 0
    files: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    evidence: Evidence | None = None

    @property
    def holds(self) -> bool:
        return not self.problems


def verify(pdf: bytes) -> Verdict:
    """Compare the pages, the snapshot and the tables of a report. Never raises: an unreadable file is a problem of its own."""
    verdict = Verdict(hashlib.sha256(pdf).hexdigest())
    found = _open(pdf, verdict)
    if found is None:
        return verdict
    if EVIDENCE not in found:
        verdict.problems.append(_("There is no snapshot (evidence.json) inside this file."))
        return verdict
    try:
        verdict.evidence = read(found[EVIDENCE])
    except EvidenceError as error:
        verdict.problems.append(_("The snapshot cannot be read: %(why)s.") % {"why": error})
    verdict.evidence_sha256 = hashlib.sha256(found[EVIDENCE]).hexdigest()
    _compare_pages(verdict)
    if verdict.evidence is not None:
        try:
            _compare_files(verdict, found, verdict.evidence)
        except OUT_OF_SHAPE as error:
            verdict.problems.append(_("The snapshot cannot be read: %(why)s.") % {"why": repr(error)})
    return verdict


def _open(pdf: bytes, verdict: Verdict) -> dict[str, bytes] | None:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(pdf))
        verdict.pages = len(reader.pages)
        attached = {name: contents[0] for name, contents in reader.attachments.items()}
        for page in reader.pages[1:]:
            if seal := SEAL.search(page.extract_text()):
                verdict.number, verdict.printed = seal.groups()
                break
    except (PyPdfError, DependencyError, NotImplementedError, OSError, RecursionError, *OUT_OF_SHAPE) as error:
        verdict.problems.append(_("This is not a PDF that can be read: %(why)s.") % {"why": error})
        return None
    verdict.files = sorted(attached)
    return attached


def _compare_pages(verdict: Verdict) -> None:
    if not verdict.printed:
        verdict.problems.append(_("No number and fingerprint stand at the foot of the pages."))
    elif verdict.printed != verdict.evidence_sha256[:FINGERPRINT_LENGTH]:
        verdict.problems.append(
            _("The pages say %(printed)s, the snapshot inside is %(found)s.")
            % {"printed": verdict.printed, "found": verdict.evidence_sha256[:FINGERPRINT_LENGTH]}
        )


def _compare_files(verdict: Verdict, found: dict[str, bytes], evidence: Evidence) -> None:
    expected = files_of(evidence)
    for name in sorted(expected.keys() - found.keys()):
        verdict.problems.append(_("The file %(name)s is missing.") % {"name": name})
    for name in sorted(found.keys() - expected.keys()):
        verdict.problems.append(_("The file %(name)s does not belong to the snapshot.") % {"name": name})
    for name in sorted(expected.keys() & found.keys()):
        if expected[name] != found[name]:
            verdict.problems.append(_("The file %(name)s was changed.") % {"name": name})
    number = f"{evidence['meta']['number']}-r{evidence['meta']['revision']}"
    if verdict.number and verdict.number != number:
        verdict.problems.append(
            _("The pages carry the number %(printed)s, the snapshot %(found)s.") % {"printed": verdict.number, "found": number}
        )
