"""The frame of the pages in a real browser: no server, no database; what Django renders is handed to Chromium.

Checked at 320, 360 and 1366 px in both themes: nothing overflows, axe finds nothing, the policy is never broken.
"""

import mimetypes
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import django_htmx
import pytest
from django import forms
from django.conf import settings as django_settings
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import ROLE_PERMISSIONS, Role
from aimprogress.web import context, errors, panels, views
from aimprogress.web.filters import Chip
from aimprogress.web.lists import Column
from aimprogress.web.who_sees import WhoSeesWhat

CHROMIUM = os.environ.get("AIM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
STATIC = [Path(__file__).parents[2] / "static", Path(django_htmx.__file__).parent / "static"]
MADE_OF = {
    "style.css": ("text/css", ("css/tokens.css", "css/checkin.css")),
    "app.js": ("text/javascript", ("js/checkin.js",)),
}
ORIGIN = "http://portal.test"
WIDTHS = (320, 360, 1366)
COORDINATOR = Actor(
    kind="person", organisation_id=UUID(int=7), roles=frozenset({Role.MEMBER_COORDINATOR}),
    permissions=ROLE_PERMISSIONS[Role.MEMBER_COORDINATOR],
)  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: set AIM_CHROMIUM to its path"),
]


@pytest.fixture(autouse=True, scope="module")
def no_numbers_of_other_apps() -> Iterator[None]:
    """The frame is drawn without a database here; the counters of the apps above need one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panels, "_nav_counts", {})
        yield


class Sample(forms.Form):
    name = forms.CharField(label="Name", help_text="As in your own lists")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "Plant"), ("b", "Depot")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    sure = forms.BooleanField(label="I looked at places, dates and small groups")


def request_of(path: str) -> Any:
    request = RequestFactory().get(path)
    request.actor, request.htmx, request.session, request._messages = COORDINATOR, False, {}, []
    return request


def rendered(response: Any) -> str:
    return (response.render() if hasattr(response, "render") else response).content.decode()


def sample_list() -> dict[str, Any]:
    rows = [SimpleNamespace(role="Coordinator", label=f"Row {i} with a name that is rather long") for i in range(3)]
    return {
        "heading": "Sites", "title": "Sites", "section": "sites", "sensitive": True, "who": "site", "rows": rows,
        "columns": [Column("Site"), Column("People", "n", ordering="people")], "row_template": "web/_sample_row.html",
        "page_next": "x", "chips": [Chip("Status", "Reduced", "?")], "count": 3, "counted_all": True,
        "filterset": SimpleNamespace(form=Sample()),
    }  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages by path, as the ground renders them for a coordinator."""
    folder = tmp_path_factory.mktemp("templates")
    (folder / "web").mkdir()
    (folder / "web" / "_sample_row.html").write_text(
        '{% load portal %}<tr role="row"><td role="cell"><a class="t" href="#">{{ object.label }}</a></td>'
        '<td role="cell" class="n" data-l="People"><div>{% pill "REDUCED" %}</div></td></tr>'
    )
    (folder / "web" / "_sample_phone.html").write_text(
        '{% extends "checkin_base.html" %}{% block content %}<h1>How is the site today?</h1>{% endblock %}'
    )
    (folder / "web" / "_sample_box.html").write_text(
        '<tr role="row"><th scope="row" role="rowheader"><label class="tick"><input class="cb" type="checkbox" name="row" '
        'value="{{ object.label }}" form="bulk"><span class="vh">Choose {{ object.label }}</span></label>'
        '<a class="t" href="#">{{ object.label }}</a></th><td role="cell" class="n" data-l="People"><div>3</div></td></tr>'
    )
    (folder / "web" / "_sample_boxes.html").write_text(
        '{% extends "components/list_page.html" %}{% block below_list %}<form id="bulk" class="bottom"'
        ' data-bulk>{% include "components/chosen.html" %}<button class="btn pri">Remind</button></form>{% endblock %}'
    )
    templates = [django_settings.TEMPLATES[0] | {"DIRS": [*django_settings.TEMPLATES[0]["DIRS"], folder]}]
    form = Sample(data={"name": ""})
    known = context.page_exists
    context.page_exists = lambda path: True
    try:
        with override_settings(ROOT_URLCONF="tests.web.urls", TEMPLATES=templates):
            frame = {"heading": "Update status", "title": "Status", "section": "sites", "crumbs": [("Sites", "/")]}
            return {
                "/form/": render_to_string(
                    "forms/page.html", frame | {"form": form, "submit": "Save", "sensitive": True, "who": "headcount"},
                    request_of("/form/"),
                ),
                "/list/": render_to_string("components/list_page.html", sample_list(), request_of("/list/")),
                "/boxes/": render_to_string(
                    "web/_sample_boxes.html", sample_list() | {"row_template": "web/_sample_box.html", "ticks": True},
                    request_of("/boxes/?kind=a"),
                ),
                "/none/": render_to_string(
                    "components/list_page.html", sample_list() | {"rows": [], "is_filtered": True}, request_of("/none/")
                ),
                "/confirm/": render_to_string(
                    "components/confirm.html", frame | {"verb": "Revoke the share", "danger": True, "back_url": "/"},
                    request_of("/confirm/"),
                ),
                "/phone/": render_to_string("web/_sample_phone.html", {}, request_of("/phone/")),
                "/who/": rendered(WhoSeesWhat.as_view()(request_of("/who/"))),
                "/keyboard/": rendered(views.Keyboard.as_view()(request_of("/keyboard/"))),
                "/accessibility/": rendered(views.Accessibility.as_view()(request_of("/accessibility/"))),
                "/404/": rendered(errors.not_found(request_of("/404/"), Exception())),
                "/500/": rendered(errors.server_error(request_of("/500/"))),
            }  # fmt: skip
    finally:
        context.page_exists = known


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def policy() -> str:
    directives = django_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


def open_tab(chromium: Any, pages: dict[str, str], width: int = 1366, theme: str = "light") -> Any:
    """A tab whose every request is answered from `pages` and the static folders; what it complains about is kept."""
    tab = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, bypass_csp=False).new_page()
    tab.complaints = []

    def answer(route: Any) -> None:
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" != ORIGIN:
            tab.complaints.append(f"left the portal: {route.request.url}")
            return route.abort()
        if url.path in ("/c/style.css", "/c/app.js"):
            kind, parts = MADE_OF[url.path.removeprefix("/c/")]
            return route.fulfill(body="\n".join((STATIC[0] / part).read_text() for part in parts), content_type=kind)
        if url.path.startswith("/static/"):
            for folder in STATIC:
                if (file := folder / url.path.removeprefix("/static/")).is_file():
                    return route.fulfill(path=str(file), content_type=mimetypes.guess_type(file.name)[0])
        if url.path in pages:
            headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": policy()}
            return route.fulfill(body=pages[url.path], headers=headers)
        tab.complaints.append(f"not here: {url.path}")
        return route.fulfill(status=404, body="")

    tab.route("**/*", answer)
    tab.on("console", lambda message: tab.complaints.append(message.text))
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    return tab


OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """[...document.querySelectorAll('a, button, input, select, summary')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width && box.height && box.height < 43.5 && e.checkVisibility({visibilityProperty: true})
        && !e.closest('p, label, .foot, .skip, dd');
}).map(e => e.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_overflows_and_nothing_is_complained_about(chromium: Any, pages: dict[str, str], width: int, theme: str) -> None:
    tab = open_tab(chromium, pages, width, theme)
    for path in pages:
        tab.goto(ORIGIN + path)
        assert tab.evaluate(OVERFLOW) <= 0, path
        if width == 360:
            assert tab.evaluate(SMALL_TARGETS) == [], path
    assert tab.complaints == []
    tab.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Any, pages: dict[str, str], theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab = open_tab(chromium, pages, 1366, theme)
    for path in pages:
        tab.goto(ORIGIN + path)
        for menu in tab.query_selector_all("details"):
            menu.evaluate("menu => { menu.removeAttribute('name'); menu.open = true; }")
        violations = Axe().run(tab).response["violations"]
        assert [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in violations] == [], path
    tab.context.close()


def test_hide_leaves_at_once_and_the_back_button_does_not_return(chromium: Any, pages: dict[str, str]) -> None:
    tab = open_tab(chromium, pages)
    tab.goto(ORIGIN + "/keyboard/")
    tab.goto(ORIGIN + "/form/")
    tab.click("[data-hide]")
    tab.wait_for_url("about:blank", timeout=2000)
    tab.go_back()
    assert tab.url == ORIGIN + "/keyboard/"
    tab.context.close()


def test_three_times_escape_hides_too(chromium: Any, pages: dict[str, str]) -> None:
    tab = open_tab(chromium, pages)
    tab.goto(ORIGIN + "/list/")
    for _time in range(3):
        tab.keyboard.press("Escape")
    tab.wait_for_url("about:blank", timeout=2000)
    tab.context.close()


def test_the_theme_is_chosen_by_hand_and_is_the_only_thing_kept(chromium: Any, pages: dict[str, str]) -> None:
    tab = open_tab(chromium, pages)
    tab.goto(ORIGIN + "/keyboard/")
    tab.click("[data-theme-toggle]")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    tab.goto(ORIGIN + "/list/")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    assert tab.evaluate("JSON.stringify(localStorage)") == '{"theme":"dark"}'
    # htmx notes the path of this tab's page for the back button; Hide removes it with the page.
    assert set(tab.evaluate("Object.keys(sessionStorage)")) <= {"htmx-current-path-for-history"}
    tab.context.close()


def test_the_error_summary_has_the_focus_and_leads_to_the_field(chromium: Any, pages: dict[str, str]) -> None:
    tab = open_tab(chromium, pages)
    tab.goto(ORIGIN + "/form/")
    assert tab.evaluate("document.activeElement.className") == "errs"
    tab.click(".errs a >> nth=1")
    assert tab.evaluate("document.activeElement.id") == "id_kind_0"
    tab.context.close()


def test_the_skip_link_is_first_and_reaches_the_content(chromium: Any, pages: dict[str, str]) -> None:
    tab = open_tab(chromium, pages)
    tab.goto(ORIGIN + "/keyboard/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    tab.context.close()


def test_a_slash_leads_to_search_but_not_out_of_a_field(chromium: Any, pages: dict[str, str]) -> None:
    tab = open_tab(chromium, pages)
    tab.goto(ORIGIN + "/form/")
    tab.focus("main input[type=text], main textarea")
    tab.keyboard.press("/")
    assert tab.url == ORIGIN + "/form/" and tab.evaluate("document.activeElement.value").endswith("/")
    tab.goto(ORIGIN + "/keyboard/")
    with tab.expect_request("**/search/", timeout=5000):
        tab.keyboard.press("/")
    tab.context.close()


def test_rows_are_chosen_with_the_keyboard_and_the_bar_says_how_many(chromium: Any, pages: dict[str, str]) -> None:
    tab = open_tab(chromium, pages, width=360)
    tab.goto(ORIGIN + "/boxes/")
    said = tab.locator("[data-count]")
    assert said.inner_text() == "With the ticked rows"
    tab.focus("[name=row] >> nth=0")
    tab.keyboard.press("Space")
    assert said.inner_text() == "1 chosen"
    tab.click("[name=row] >> nth=2", modifiers=["Shift"])
    assert said.inner_text() == "3 chosen"
    tab.focus("[name=all]")
    tab.keyboard.press("Space")
    assert said.inner_text() == "The whole list is chosen"
    assert tab.evaluate("[...new FormData(document.querySelector('#bulk'))].map(([name]) => name)") == [
        "row", "row", "row", "query", "all", "next",
    ]  # fmt: skip
    assert tab.evaluate("new FormData(document.querySelector('#bulk')).get('query')") == "kind=a"
    tab.context.close()


def test_menus_open_without_script_and_close_with_escape(chromium: Any, pages: dict[str, str]) -> None:
    tab = open_tab(chromium, pages)
    tab.goto(ORIGIN + "/keyboard/")
    tab.click("details.menu summary >> nth=1")
    assert tab.is_visible("text=Sign out")
    tab.keyboard.press("Escape")
    assert not tab.is_visible("text=Sign out")
    tab.context.close()


def test_paper_is_light_and_has_no_navigation(chromium: Any, pages: dict[str, str]) -> None:
    tab = open_tab(chromium, pages, theme="dark")
    tab.goto(ORIGIN + "/list/")
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(22, 40, 45)"
    assert not tab.is_visible("header.bar")
    tab.context.close()
