"""The card as Chromium prints it: one A4 page a language, plain or with everything ticked and long."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from pypdf import PdfReader

from members.plan_card import words
from tests.factories import a_site, a_user, an_organisation
from tests.members.plan_samples import an_evacuation_plan
from tests.signing import signed_in

CHROMIUM = os.environ.get("AIM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
A4 = (595, 842)  # points
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: set AIM_CHROMIUM to its path"),
]


def printed(page: str, folder: Path) -> PdfReader:
    """The page on paper, without script."""
    html, pdf = folder / "card.html", folder / "card.pdf"
    without_script = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    html.write_text(without_script.replace('"/static/', f'"{(Path(settings.BASE_DIR) / "static").as_uri()}/'))
    subprocess.run(
        [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
            f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={pdf}",
            html.as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return PdfReader(pdf)


def test_the_plain_card_is_one_a4_page(tmp_path: Path) -> None:
    site = a_site(an_organisation(short_name="Halden Foods"), name="Kharkiv snacks plant", languages=["ru"])
    plan = an_evacuation_plan(site)
    coordinator = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    first = printed(coordinator.get(f"/plans/evacuation/{plan.pk}/card/").content.decode(), tmp_path)
    assert len(first.pages) == 1
    box = first.pages[0].mediabox
    assert (round(box.width), round(box.height)) == A4
    text = first.pages[0].extract_text()
    assert words()["ru"]["heading"] in text
    assert "Halden" not in text and "Sites" not in text, "neither the company nor the page around the card"


def test_every_plain_card_is_one_page_in_its_larger_type(tmp_path: Path) -> None:
    site = a_site(languages=["uk", "ru", "pl", "ro", "en"])
    plan = an_evacuation_plan(
        site, assembly_points=[{"name": "Yard", "code_word": "W" * 20}, {"name": "Gate", "code_word": "W" * 20}]
    )
    reporter = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]))
    every = "made=1&" + "&".join(f"language={code}" for code in words())
    assert len(printed(reporter.get(f"/plans/evacuation/{plan.pk}/card/?{every}").content.decode(), tmp_path).pages) == len(
        words()
    )


def test_every_language_stays_on_its_page_with_everything_ticked_and_long(tmp_path: Path) -> None:
    site = a_site(an_organisation(short_name="Halden " * 8), name="Long name " * 11, languages=["uk", "ru", "pl", "ro", "en"])
    points = [{"name": f"Point {n} " + "somewhere far away " * 5, "code_word": "W" * 20} for n in range(8)]
    plan = an_evacuation_plan(site, assembly_points=points, destination="Destination " * 9, seats=99_999, trips=999)
    coordinator = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    ticked = "made=1&show=org&show=counts&show=places&" + "&".join(f"language={code}" for code in words())
    paper = printed(coordinator.get(f"/plans/evacuation/{plan.pk}/card/?{ticked}").content.decode(), tmp_path)
    assert len(paper.pages) == len(words()) == 5
    headings = [next(code for code in words() if words()[code]["heading"] in page.extract_text()) for page in paper.pages]
    assert sorted(headings) == sorted(words())
