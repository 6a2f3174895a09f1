"""The finished PDF: figures in its text, true page numbers, tags, Cyrillic, the same bytes twice, nothing fetched."""

import io
import re
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from django.utils import translation
from pypdf import PdfReader

from risks.reports import render
from risks.reports.chapters import CHAPTERS
from risks.reports.chapters.pay import pay
from risks.reports.chapters.slice import Slice
from risks.reports.evidence import canonical, fingerprint
from risks.reports.render import PdfLibrariesMissing, fetcher, own_assets, pdf_of, render_pdf, require_libraries
from risks.reports.verify import verify
from tests.risks.reports.evidence_sample import HOSTILE, sample

ROOT = Path(render.__file__).resolve().parents[2]


def test_the_report_is_a_document_of_twenty_to_forty_pages(english):
    assert 20 <= english.pages <= 40
    assert len(english.pdf) < 2_000_000


def test_a_member_of_a_thousand_sites_gets_no_longer_report():
    evidence = sample()
    chapters = evidence["chapters"]
    people = chapters["people"]

    def many(rows, count):
        return [{**rows[at % len(rows)], "ordinal": at} for at in range(count)]

    people |= {"sites": many(people["sites"], 1000), "attention": many(people["attention"], 300)}
    people["plans"]["capacity"] = many(people["plans"]["capacity"], 400)
    people["actions"]["rows"] = many(people["actions"]["rows"], 900)
    chapters["issues"]["rows"] = many(chapters["issues"]["rows"], 412)
    chapters["aid"]["contributions"] = many(chapters["aid"]["contributions"], 500)
    chapters["scope"]["timeline"] = many(chapters["scope"]["timeline"], 200)
    for part in ("by_country", "by_commodity"):
        chapters["supply"][part] = many(chapters["supply"][part], 60)
    assert 20 <= render_pdf(evidence).pages <= 40


LEAST_FILLED = 440  # points from the foot of an A4 page of 842
BODY = range(60, 780)


def written(page):
    """The height and the size of each piece of text between head and foot of a page."""
    found = []
    page.extract_text(
        visitor_text=lambda text, cm, tm, _font, size: found.append((cm[5] + tm[5] * cm[3], size)) if text.strip() else None
    )
    return [(height, size) for height, size in found if int(height) in BODY]


@pytest.mark.parametrize("language", ["english", "ukrainian"])
def test_no_page_is_left_half_empty_but_before_a_chapter_that_begins_a_new_one(language, request):
    pages = [written(page) for page in PdfReader(io.BytesIO(request.getfixturevalue(language).pdf)).pages]
    begins = [any(size > 20 and height > 650 for height, size in page) for page in pages]
    empty = [
        number for number, page in enumerate(pages[2:-1], 3)
        if not begins[number] and min(height for height, _size in page) > LEAST_FILLED
    ]  # fmt: skip
    assert empty == []


def test_a_page_that_begins_within_a_chapter_names_that_chapter_at_its_head(page_texts):
    """Also where the next chapter begins further down on the same page."""
    shared = next(text for text in page_texts[4:] if "Pay and support" in text)
    assert shared.startswith("Site What is to be done")
    assert "6 People: worker safety\nCONFIDENTIAL" in shared


def test_the_figures_stand_in_the_text(page_texts):
    text = "\n".join(page_texts)
    for figure in ("9,209", "99.3", "95.75", "500,072.88", "416,739.55", "[E-014]", "R-131", "Halden Foods"):
        assert figure in text, figure


def test_the_chapter_on_pay_says_what_the_figures_support_and_whom_a_measure_leaves_out(page_texts):
    text = " ".join(" ".join(page_texts).split()).replace("\u202f", " ").replace("\xa0", " ")
    assert "588 of 654 (89.9 %) received full and 52 partial pay in October 2026." in text
    assert "Agency workers, Contractors on site:" in text and "[E-051]" in text


def test_where_nobody_reported_pay_the_chapter_has_no_number():
    evidence = sample()
    with translation.override("en"):
        html = pay(Slice(evidence["meta"], evidence["places"], evidence["figures"], {"pay": None, "measures": None})).html
    assert html.count("not reported") == 3 and "Nobody reported on pay" in html
    assert not re.search(r"\d", re.sub(r"Wages for[^<]*|</?h2>", "", html))


def test_contents_print_the_real_pages(reader, page_texts):
    contents = reader.pages[1].extract_text(extraction_mode="layout").splitlines()
    assert any("How to read this report" in line for line in contents)
    starts = {entry["/Title"]: reader.get_destination_page_number(entry) + 1 for entry in _flat(reader.outline)}
    for title in ("Scope and context", "Salient issues", "People: worker safety", "Safety actions", "Evidence index"):
        page = next(number for said, number in starts.items() if said.endswith(title))
        line = next(line for line in contents if title in line)
        assert line.split()[-1] == str(page), title
        assert title in page_texts[page - 1]


def _flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from _flat(entry)
        else:
            yield entry


def test_every_chapter_has_a_bookmark(reader):
    titles = [entry["/Title"] for entry in reader.outline if not isinstance(entry, list)]
    assert len(titles) >= len(CHAPTERS)


def test_every_page_but_the_cover_carries_number_fingerprint_and_classification(page_texts):
    mark = fingerprint(sample())[:8]
    for number, text in enumerate(page_texts[1:], 2):
        assert f"ADP-UNGP-HALDEN-2026-010-r1 · {mark}" in text
        assert f"{number} / {len(page_texts)}" in text
        assert "CONFIDENTIAL" in text


def test_no_page_is_nearly_empty(page_texts):
    assert min(len(text) for text in page_texts[1:]) > 350


def test_the_file_is_tagged_and_has_language_and_title(reader):
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Human-rights due diligence in a conflict: Halden Foods, October 2026"
    assert reader.metadata.author is None


@contextmanager
def elements(pdf: bytes):
    """The structure tree in reading order: (tag, its dictionary), while the file is open."""
    import pikepdf

    found = []

    def walk(element):
        if not isinstance(element, pikepdf.Dictionary):
            return
        if "/S" in element:
            found.append((str(element.S), element))
        inside = element.get("/K")
        for child in inside if isinstance(inside, pikepdf.Array) else [inside]:
            walk(child)

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        walk(opened.Root.StructTreeRoot)
        yield found


def test_qpdf_finds_nothing_wrong(english, ukrainian):
    import pikepdf

    for report in (english, ukrainian):
        with pikepdf.open(io.BytesIO(report.pdf)) as opened:
            assert opened.check_pdf_syntax() == []
            assert set(opened.attachments) == set(report.attachments)
            with opened.open_metadata() as metadata:
                assert metadata.get("pdfuaid:part") == "1"


def test_screen_readers_find_headings_tables_and_words_for_every_picture(english):
    with elements(english.pdf) as found:
        tags = Counter(tag for tag, _element in found)
        assert tags["/H1"] == len(CHAPTERS) + 2, "cover, contents, and each chapter once"
        levels = [int(tag[2]) for tag, _element in found if tag in ("/H1", "/H2", "/H3")]
        assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels)), "no level is left out"
        pictures = [str(element.get("/Alt", "")) for tag, element in found if tag == "/Figure"]
        assert len(pictures) == 7 and all(len(said) > 20 for said in pictures)
        assert tags["/Table"] == tags["/TBody"] and tags["/Caption"] >= tags["/Table"] - 1, "the cover's table needs none"
        headers = {bytes(element["/ID"]) for tag, element in found if tag == "/TH"}
        cells = [element for tag, element in found if tag == "/TD"]
        named = [bytes(name) for element in cells for name in element["/A"].get("/Headers", [])]
        assert len(headers) == tags["/TH"] and set(named) <= headers and len(named) >= len(cells)


def test_the_whole_snapshot_and_its_tables_are_inside(reader, english):
    attached = {name: contents[0] for name, contents in reader.attachments.items()}
    assert attached["evidence.json"] == canonical(sample())
    assert (
        set(attached) == set(english.attachments) == {"evidence.json", "evidence.csv", "sites.csv", "issues.csv", "actions.csv"}
    )


def test_hostile_text_is_printed_as_it_was_typed(page_texts):
    text = " ".join("".join(page_texts).split())
    assert "<script>alert('report')</script>" in text
    assert b"root:x:0:0" not in "".join(page_texts).encode()


def test_the_same_snapshot_gives_the_same_bytes_in_another_process(english, tmp_path):
    code = (
        "import django,sys,pathlib; django.setup()\n"
        "from risks.reports.render import render_pdf\n"
        "from tests.risks.reports.evidence_sample import sample\n"
        "pathlib.Path(sys.argv[1]).write_bytes(render_pdf(sample()).pdf)\n"
    )
    import os

    target = tmp_path / "again.pdf"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "DJANGO_SETTINGS_MODULE": "aimprogress.settings"}
    subprocess.run([sys.executable, "-c", code, str(target)], check=True, cwd=ROOT, env=environment, timeout=120)
    assert target.read_bytes() == english.pdf


def test_the_ukrainian_report_can_be_read_and_searched(ukrainian):
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(ukrainian.pdf))
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert reader.trailer["/Root"]["/Lang"] == "uk"
    for said in ("Київська область", "Зупинка лінії", "9\u00a0209", "Російська Федерація"):
        assert said in text.replace("\n", " "), said


def test_the_browser_process_never_loads_the_renderer():
    code = (
        "import sys, django; django.setup()\n"
        "from django.core.management import call_command\n"
        "from django.urls import get_resolver; get_resolver().url_patterns\n"
        "call_command('check', verbosity=0)\n"
        "import risks.reports.render, risks.reports.document\n"
        "assert 'weasyprint' not in sys.modules\n"
    )
    import os

    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "aimprogress.settings"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=environment, timeout=60)


VECTORS = {
    "image": '<img src="{url}">',
    "image from a base": '<base href="{folder}/"><img src="{name}">',
    "import": "<style>@import url('{url}');</style>",
    "font": "<style>@font-face{{font-family:x;src:url({url})}}p{{font-family:x}}</style><p>x</p>",
    "stylesheet link": '<link rel="stylesheet" href="{url}">',
    "attachment link": '<link rel="attachment" href="{url}">',
    "attachment anchor": '<a rel="attachment" href="{url}">x</a>',
    "object": '<object data="{url}"></object>',
    "embed": '<embed src="{url}">',
    "background": "<p style=\"background:url('{url}')\">x</p>",
    "border": "<p style=\"border:1px solid;border-image:url('{url}') 1\">x</p>",
    "page background": "<style>@page{{background:url('{url}')}}</style>",
    "page margin": "<style>@page{{@top-left{{content:url('{url}')}}}}</style>",
    "list": "<ul style=\"list-style-image:url('{url}')\"><li>x</li></ul>",
    "content": "<style>p::before{{content:url('{url}')}}</style><p>x</p>",
}
"""Ways out that reach the fetcher (reliability.md 2). One that does stops the whole report."""
QUIET = {
    "image inside svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9"><image width="9" height="9" href="{url}"/></svg>',
    "use inside svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9"><use href="{url}#x"/></svg>',
    "style inside svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9"><style>@import url({url});</style></svg>',
    "relative without a base": '<img src="{path}">',
    "frame": '<iframe src="{url}"></iframe>',
    "script": '<script src="{url}"></script>',
}
"""Ways out that WeasyPrint stops by itself, or takes for broken pictures: the report goes on without them."""
CANARY = "canary-of-another-file"


class Listener:
    """A web server on this machine that only notes what it is asked for, and a file next to it."""

    def __init__(self, folder):
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(CANARY.encode())

            def log_message(self, *_said):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.file = folder / "secret.txt"
        self.file.write_text(CANARY)

    def urls(self):
        web = f"http://127.0.0.1:{self.server.server_port}"
        for folder, name in ((web, "x.png"), (self.file.parent.as_uri(), self.file.name)):
            yield {"url": f"{folder}/{name}", "folder": folder, "name": name, "path": f"/{name}"}


@pytest.fixture(scope="module")
def listener(tmp_path_factory):
    found = Listener(tmp_path_factory.mktemp("fetched"))
    yield found
    found.server.shutdown()
    found.server.server_close()


def page_with(markup: str) -> str:
    return f"<!doctype html><html lang='en'><title>x</title><body>{markup}</body></html>"


def everything_in(pdf: bytes) -> bytes:
    """All bytes of a PDF, unpacked, with its attachments."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        streams = [found.read_bytes() for found in opened.objects if isinstance(found, pikepdf.Stream) and readable(found)]
    return pdf + b"".join(streams)


def readable(stream) -> bool:
    return str(stream.get("/Subtype")) != "/Image"


@pytest.mark.parametrize("markup", VECTORS.values(), ids=VECTORS.keys())
def test_nothing_but_the_projects_own_assets_is_loaded(listener, markup):
    from weasyprint.urls import FatalURLFetchingError

    for where in listener.urls():
        with pytest.raises(FatalURLFetchingError, match="may not load"):
            pdf_of(page_with(markup.format(**where)), sample())
    assert listener.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "ftp://localhost/a.png",
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
        "asset:../../etc/passwd",
        "asset:settings.py",
        "asset:",
        "//localhost/a.png",
    ],
)
def test_no_other_address_is_loaded_whatever_its_scheme(url):
    from weasyprint.urls import FatalURLFetchingError

    with pytest.raises(FatalURLFetchingError, match="may not load"):
        pdf_of(page_with(f'<base href="http://localhost/"><img src="{url}">'), sample())


@pytest.mark.parametrize("markup", QUIET.values(), ids=QUIET.keys())
def test_what_does_not_stop_the_report_brings_nothing_in(listener, markup):
    from weasyprint.urls import FatalURLFetchingError

    for where in listener.urls():
        try:
            pdf, _pages = pdf_of(page_with(f"{markup.format(**where)}x"), sample())
        except FatalURLFetchingError:
            continue
        assert CANARY.encode() not in everything_in(pdf)
    assert listener.asked == []


def test_the_listener_and_the_canary_would_be_noticed(listener, monkeypatch):
    """With WeasyPrint's own fetcher the same pages do fetch: the tests above see what they are there to see."""
    from weasyprint.urls import URLFetcher

    monkeypatch.setattr(render, "fetcher", URLFetcher)
    web, file = listener.urls()
    page = page_with(f"{VECTORS['image'].format(**web)}{VECTORS['attachment link'].format(**file)}")
    pdf, _pages = pdf_of(page, sample())
    asked, listener.asked[:] = list(listener.asked), []
    assert asked == ["/x.png"] and CANARY.encode() in everything_in(pdf)


def test_the_fetcher_serves_its_own_assets_by_name():
    assert {"report.css", "logo.svg", "status-ok.svg"} <= set(own_assets())
    assert fetcher().fetch("asset:report.css").read().startswith(b"/* Printed report")


def test_missing_libraries_are_named_with_the_command(monkeypatch):
    monkeypatch.setattr(render, "FONTS", Path("/nowhere"))
    with pytest.raises(PdfLibrariesMissing, match=r"apt-get install -y libpango-1\.0-0 libpangoft2-1\.0-0 libharfbuzz-subset0"):
        require_libraries()


def test_a_report_as_it_was_made_verifies(english):
    verdict = verify(english.pdf)
    assert verdict.holds, verdict.problems
    assert verdict.evidence_sha256 == english.evidence_sha256 == fingerprint(sample())
    assert verdict.pages == english.pages


def test_a_report_with_another_snapshot_inside_does_not_verify(english):
    import pikepdf

    changed = sample()
    changed["chapters"]["people"]["head_counts"]["expected"][0] += 1
    with pikepdf.open(io.BytesIO(english.pdf)) as pdf:
        del pdf.attachments["evidence.json"]
        pdf.attachments["evidence.json"] = pikepdf.AttachedFileSpec(pdf, canonical(changed))
        out = io.BytesIO()
        pdf.save(out)
    problems = " ".join(verify(out.getvalue()).problems)
    assert "the snapshot inside is" in problems


def test_a_changed_table_is_named(english):
    import pikepdf

    with pikepdf.open(io.BytesIO(english.pdf)) as pdf:
        del pdf.attachments["sites.csv"]
        pdf.attachments["sites.csv"] = pikepdf.AttachedFileSpec(pdf, b"area\r\n")
        out = io.BytesIO()
        pdf.save(out)
    assert verify(out.getvalue()).problems == ["The file sites.csv was changed."]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04", b"hello" * 100])
def test_a_file_that_is_no_report_does_not_verify(data):
    assert not verify(data).holds


def test_the_command_says_whether_a_report_holds(db, english, tmp_path, capsys):
    from django.core.management import CommandError, call_command

    target = tmp_path / "report.pdf"
    target.write_bytes(english.pdf)
    call_command("verify_report", str(target))
    assert "belong together" in capsys.readouterr().out
    target.write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(CommandError):
        call_command("verify_report", str(target))


def test_hostile_samples_are_in_the_snapshot():
    assert all(piece in canonical(sample()).decode().replace('\\"', '"') for piece in HOSTILE)


def test_rendering_can_be_stopped_from_outside():
    class Cancelled(Exception):
        pass

    def stop(said, done, _known):
        if said == "pages" and done > 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        render_pdf(sample(), stop)
