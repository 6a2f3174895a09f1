"""Every page of the portal, from the resolver, with who sees most of it; and what each visit checks."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import reverse

from tests.browser.chromium import Look, Tab
from tests.browser.portal import PROJECT, Portal
from tests.house.test_urls import ANSWERS, EXEMPT, URLS, expected

WIDEST_FIRST = "CAMRPUVD"
NO_PAGES = {
    "livez": "for load balancers", "readyz": "for load balancers", "exchange:problem_rows": "a workbook",
    "exchange:all_rows": "a workbook", "exchange:sample": "a workbook", "exchange:to_fill_in": "a workbook",
    "jobs:file": "a file", "members:own_account_file": "a file", "humanitarian:action_file": "a file",
    "members:card_worker": "a script", "members:phone_file": "a script",
    "members:text_line_confirm": "only for a line that waits to be confirmed",
    "risks:report_file": "a PDF",
    "mfa_download_recovery_codes": "a text file", "mfa_login_webauthn": "JSON for the passkey",
    "mfa_authenticate": "only between the two steps of a sign-in", "account_set_password": "only without a password",
    "mfa_edit_webauthn": "only with a passkey", "mfa_remove_webauthn": "only with a passkey",
    "mfa_reauthenticate_webauthn": "only with a passkey",
}  # fmt: skip
"""Addresses that are no pages, or that a story of their own walks (sign-in, passkeys). Those of the API, and those that only
lead on or only take a POST, are told by the table of tests/house/test_urls.py."""
TYPED = {"Site manager", "HSE lead", "HR lead", "AIM-Progress team", "Water and sanitation"}
"""Words that people typed into these rows and that the portal happens to translate elsewhere."""
KILOBYTE = 1024
BUDGET, PHONE_BUDGET, PHONE_REQUESTS = 60 * KILOBYTE, 20 * KILOBYTE, 4
AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


NOBODY = "nobody"
AS_NOBODY = {
    "account_login", "account_signup", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "members:invitation", "members:enrol",
}  # fmt: skip


OTHER_ROWS = {"members:staff_session_end": "A", "members:site_inside": "C"}
"""The house walks them with a row that is not for this page: a session that is over, a site without the safety profile."""


def walker(name: str) -> str:
    """The letter of the role that sees most of a page; "" where it is no page for anybody."""
    if name in NO_PAGES or name.startswith("api:"):
        return ""
    if name in AS_NOBODY:
        return NOBODY
    if name == "mfa_activate_totp":  # who has the app already is asked to take it away first
        return "own C"
    if name in OTHER_ROWS:
        return OTHER_ROWS[name]
    if name.startswith(tuple(EXEMPT)):
        return "door"
    return next((letter for letter in WIDEST_FIRST if expected(name, letter) == 200), "")


PAGES = {name: walker(name) for name in sorted(URLS) if walker(name)}
"""Every page by its name, with the role that walks it."""
TURNS = [("light", "en"), ("dark", "uk"), ("light", "uk"), ("dark", "en")]
OTHER = {"light": "dark", "dark": "light", "en": "uk", "uk": "en"}


def leads_on(name: str) -> bool:
    """Whether an address only leads to a page or only takes a POST, as the table of the house says."""
    answer = ANSWERS.get(name)
    return all(code in (302, 405) for code in (answer.values() if isinstance(answer, dict) else [answer]))


def turn(name: str, width: int) -> Look:
    """How `make test` looks at a page in this width: on the desk the other way round than on the phone."""
    theme, language = TURNS[list(PAGES).index(name) % len(TURNS)]
    return Look(width, theme, language) if width < 1000 else Look(width, OTHER[theme], OTHER[language])


def check(name: str, look: Look, portal: Portal, tabs: Any) -> None:
    """The test of one visit: fails with everything that is wrong with the page, one line each."""
    path = path_of(name, portal)
    if name == "members:enrol":  # else it speaks the language of its phone
        path += f"?lang={look.language}"
    wrong = look_at(tabs(who_walks(name, portal), look), path, look)
    assert not wrong, "\n".join([f"{name} {look}", *wrong])


def path_of(name: str, portal: Portal) -> str:
    arguments = portal.arguments.get(name) or portal.member.arguments(name)
    return reverse(name, kwargs=arguments)


def who_walks(name: str, portal: Portal) -> str:
    """The key of the session: for a row of the member of hard cases its own people, else those of the demo."""
    letter = PAGES[name]
    if letter == NOBODY:
        return ""
    has_row = bool(portal.arguments.get(name) or portal.member.arguments(name))
    return f"own {letter}" if has_row and f"own {letter}" in portal.sessions else letter


@cache
def axe_script() -> str:
    from axe_playwright_python.sync_playwright import Axe

    return Axe().axe_script


LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")


@cache
def translated() -> list[str]:
    """What Ukrainian says otherwise: English texts that must not stand on a Ukrainian page."""
    text = (PROJECT / "locale/uk/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    found = []
    for block in text.split("\n\n"):
        match = re.search(r'^msgid ((?:".*"\n?)+)msgstr ((?:".*"\n?)+)', block, re.M)
        if match:
            english, ukrainian = ("".join(json.loads(line) for line in part.splitlines()) for part in match.groups())
            if english and english != ukrainian and " " in english and "%" not in english and english not in TYPED:
                found.append(english)
    return found


def look_at(tab: Tab, path: str, look: Look) -> list[str]:
    """Visit a page and give everything that is wrong with it, one line each; [] is a good page."""
    response = tab.visit(path)
    seen = tab.page.evaluate(LOOK, translated() if look.language == "uk" else [])
    phone = "/c/" in path or path == "/check-in/"
    transferred = sum(tab.transferred.values())
    wrong: dict[str, Any] = {
        "status": response.status if response.status != 200 else None,
        "elsewhere": tab.page.url if not tab.page.url.startswith(tab.address + path.split("?")[0]) else None,
        "wrong": list(tab.wrong),
        "overflow": (seen["overflow"], seen["too_wide"]) if seen["overflow"] > 0 else None,
        "small targets": seen["targets"] if look.width == 360 else None,
        "spills out of its box": seen["spilled"],
        "breaks within a word": seen["broken"],
        "h1": seen["h1"] if seen["h1"] != 1 else None,
        "lang": seen["lang"] if seen["lang"] != look.language else None,
        "title": "none" if not seen["title"].strip() else None,
        "skip link": seen["skip"] if seen["skip"] != "skip" else None,
        "untranslated": seen["untranslated"],
        "codes": seen["codes"],
        "bytes": transferred if transferred > (PHONE_BUDGET if phone else BUDGET) else None,
        "requests": list(tab.transferred) if phone and len(tab.transferred) > PHONE_REQUESTS else None,
    }
    tab.page.evaluate(axe_script())
    found = tab.page.evaluate("options => axe.run(options)", AXE)["violations"]
    wrong["axe"] = [f"{rule['id']}: {[node['html'][:140] for node in rule['nodes']][:3]}" for rule in found]
    return [
        f"{name}: {each}" for name, value in wrong.items() if value for each in (value if isinstance(value, list) else [value])
    ]
