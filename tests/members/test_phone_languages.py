"""The phone's pages speak five languages, each of them whole; the portal never speaks half of one."""

import gettext
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from aimprogress.core.permissions import ROLE_NAMES, Role
from aimprogress.web.context import languages
from tests.factories import a_site, a_user
from tests.house.test_translations import _PLACEHOLDER, Entry, _messages
from tests.members.test_batches import an_event, send
from tests.members.test_devices import a_phone
from tests.signing import signed_in

ROOT = Path(settings.BASE_DIR)
PHONE_ONLY = [code for code, _name in settings.PHONE_LANGUAGES if code not in dict(settings.LANGUAGES)]
FORMS = {"pl": 4, "ro": 3, "ru": 4}
SOURCES = [
    "templates/checkin_base.html",
    *(str(path.relative_to(ROOT)) for path in (ROOT / "templates" / "members").glob("*checkin*.html")),
    "members/views/checkin.py", "members/views/phone.py", "members/services/checkins.py", "members/check_in_api.py",
    "aimprogress/places/positions.py",
]  # fmt: skip
ASKED = {str(ROLE_NAMES[Role.MEMBER_COORDINATOR]), str(ROLE_NAMES[Role.AIM_ANALYST])}
"""Who is asked when somebody needs help stands on the phone as well."""
MAILED = {
    "A link for you", "Open this link within seven days. It works once. For your safety this mail says no more.",
    "Please sign in", "Please sign in now",
    "Something waits for you in the portal. Sign in to read it. For your safety this mail says no more.",
}  # fmt: skip
"""What mails to a site reporter say: an invitation, and that something waits."""


def catalogue(code: str) -> dict[str, Entry]:
    return {entry.msgid: entry for entry in _messages(ROOT / "locale" / code / "LC_MESSAGES" / "django.po")}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every text of the phone's pages, as xgettext finds it."""
    if not shutil.which("xgettext"):
        pytest.skip("xgettext is not installed here, so the texts of the sources cannot be gathered again")
    folder = tmp_path_factory.mktemp("phone")
    for name in SOURCES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "-l", "uk", "--no-location", "--no-wrap", "-d", "django"]
    alone = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=folder, env=alone, check=True, capture_output=True, timeout=120)
    return {entry.msgid for entry in _messages(folder / "locale/uk/LC_MESSAGES/django.po")} | ASKED | MAILED


def test_five_languages_are_offered_on_the_phone_and_each_is_named_in_itself() -> None:
    assert [language["code"] for language in languages(settings.PHONE_LANGUAGES)] == ["en", "uk", "pl", "ro", "ru"]
    assert [language["name"] for language in languages(settings.PHONE_LANGUAGES)][2:] == ["Polski", "Română", "Русский"]


@pytest.mark.parametrize("code", PHONE_ONLY)
def test_every_text_of_the_phone_stands_in_the_language_and_no_other_text_does(code: str, texts: set[str]) -> None:
    assert set(catalogue(code)) == texts


@pytest.mark.parametrize("code", PHONE_ONLY)
def test_every_text_is_translated_in_all_its_forms_and_keeps_its_placeholders(code: str) -> None:
    for entry in catalogue(code).values():
        assert sorted(entry.strings) == list(range(FORMS[code] if entry.plural else 1)), entry.msgid
        for text in entry.strings.values():
            assert text and set(_PLACEHOLDER.findall(text)) == set(_PLACEHOLDER.findall(entry.msgid)), entry.msgid


@pytest.mark.parametrize("code", PHONE_ONLY)
def test_the_compiled_language_says_the_same_as_the_one_people_read(code: str) -> None:
    with (ROOT / "locale" / code / "LC_MESSAGES" / "django.mo").open("rb") as compiled:
        known = gettext.GNUTranslations(compiled)
    for entry in catalogue(code).values():
        assert known.ngettext(entry.msgid, entry.plural, 1) if entry.plural else known.gettext(entry.msgid) == entry.strings[0]


def test_what_no_native_speaker_has_read_is_listed() -> None:
    page = (ROOT / "docs" / "translations.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")][1:]
    whole = {code: catalogue(code) for code in PHONE_ONLY}
    told = {msgid: " | ".join("; ".join(whole[code][msgid].strings.values()) for code in PHONE_ONLY) for msgid in whole["pl"]}
    assert sorted(rows) == sorted(f"| {msgid} | {words} |" for msgid, words in told.items())


@pytest.mark.django_db
@pytest.mark.parametrize("code", [code for code, _name in settings.PHONE_LANGUAGES])
def test_the_page_speaks_the_language_that_was_chosen(code: str) -> None:
    page = Client().get("/c/", {"lang": code})
    text = page.content.decode()
    assert f'<html lang="{code}"' in text and page["Content-Language"] == code
    with translation.override(code):
        for words in ("Nothing has changed", "Is everyone accounted for?", "Kept on this phone, not sent yet", "Hide"):
            assert translation.gettext(words) in text
            assert code == "en" or f">{words}<" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("code", [code for code, _name in settings.PHONE_LANGUAGES])
def test_why_a_check_in_was_refused_is_said_in_the_language_of_the_phone(code: str) -> None:
    site = a_site()
    phone, _device = a_phone(site, language=code)
    results = send(phone, an_event(site, people="all"), an_event(a_site(site.organisation))).json()["results"]
    with translation.override(code):
        words = ("Say how the site is.", "Whoever is signed in here does not report for this site.")
        assert [result["message"] for result in results] == [translation.gettext(text) for text in words]
    assert code == "en" or results[0]["message"] != words[0]


@pytest.mark.django_db
def test_the_portal_itself_speaks_no_language_by_halves() -> None:
    site = a_site()
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    client.get("/c/", {"lang": "pl"})
    assert client.get(f"/c/{site.checkin_code}/")["Content-Language"] == "pl"
    assert client.get("/sites/")["Content-Language"] == "en"


@pytest.mark.django_db
def test_a_browser_is_answered_in_its_own_language_and_nobody_in_one_guessed_from_a_place() -> None:
    assert Client().get("/c/", headers={"Accept-Language": "ro-MD,ro;q=0.9,en;q=0.5"})["Content-Language"] == "ro"
    assert Client().get("/c/", headers={"Accept-Language": "de"})["Content-Language"] == "en"
