"""One rendered report per language for the whole run: setting thirty pages takes seconds."""

import io

import pytest

from risks.reports.render import RenderedReport, render_pdf
from tests.risks.reports.evidence_sample import sample


@pytest.fixture(scope="session")
def english() -> RenderedReport:
    return render_pdf(sample("en"))


@pytest.fixture(scope="session")
def ukrainian() -> RenderedReport:
    return render_pdf(sample("uk"))


@pytest.fixture(scope="session")
def reader(english):
    from pypdf import PdfReader

    return PdfReader(io.BytesIO(english.pdf))


@pytest.fixture(scope="session")
def page_texts(reader) -> list[str]:
    return [page.extract_text() for page in reader.pages]
