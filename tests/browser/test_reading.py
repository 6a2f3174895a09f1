"""How people read and move: keyboard, zoom, wide spacing, calm screens, saved data, paper."""

import io
from itertools import pairwise
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from aimprogress.core.actor import SYSTEM, acting_as
from humanitarian.models import SafetyAction
from tests.browser.chromium import Look, Tab
from tests.browser.conftest import DESK, Tabs
from tests.browser.portal import Portal
from tests.browser.walk import AXE, LOOK, axe_script, path_of, who_walks

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
KEY_PAGES = ["members:overview", "members:site", "humanitarian:action_add", "risks:issues", "members:check_in"]
WIDE_PAGES = ["members:sites", "members:call_round", "humanitarian:actions", "members:people", "risks:reports"]
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""
LONG_WORD = "високоелектропроводжувальнопереробна"[:34]
LENGTHEN = """(word) => {
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), texts = [];
  while (walk.nextNode()) {
    const text = walk.currentNode;
    if (text.data.trim() && !text.parentElement.closest('svg, option, .vh, td.n')) texts.push(text);
  }
  texts.forEach(text => { text.data += ' ' + word; });
  return texts.length;
}"""
"""Puts a word behind every text but the numbers of a table."""
GROW = """() => {
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), texts = [];
  while (walk.nextNode()) {
    const text = walk.currentNode;
    if (/[A-Za-z]{2}/.test(text.data) && !text.parentElement.closest('svg, .n, .code')) texts.push(text);
  }
  texts.forEach(text => {
    const words = text.data.trim().split(/\\s+/), more = Math.ceil(text.data.trim().length * 0.4);
    let longer = '';
    for (let n = 0; longer.length < more; n += 1) longer += ' ' + words[n % words.length];
    text.data = text.data.trimEnd() + longer;
  });
  return texts.length;
}"""
"""A language that needs at least two fifths more room for everything that it says."""
PLACE = """() => {
  const e = document.activeElement, box = (e.closest('label') || e).getBoundingClientRect();
  const stuck = (at) => at && (['fixed', 'sticky'].includes(getComputedStyle(at).position) || stuck(at.parentElement));
  const aside = (at) => at ? at.scrollLeft + aside(at.parentElement) : 0; // a row of links that scrolls to the one in focus
  return {
    what: e === document.body ? '' : e.outerHTML.slice(0, 90), left_out: Boolean(stuck(e) || e.closest('svg')),
    left: box.left + aside(e), right: box.right + aside(e), top: box.top + scrollY, bottom: box.bottom + scrollY,
  };
}"""
FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const label = e.closest('label') && getComputedStyle(e.closest('label'));
  const width = (style) => style && style.outlineStyle !== 'none' ? parseFloat(style.outlineWidth) : 0;
  const ring = Math.max(width(style), width(label));
  const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {what: e === document.body ? '' : e.outerHTML.slice(0, 90), ring, seen};
}"""


SHIFT = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) sum += e.value; }))
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(sum), 700);
})"""
"""How far what stands on the page has jumped since it began to arrive, but for what followed a press."""


def opened(name: str, portal: Portal, tabs: Tabs, look: Look = DESK, **options: Any) -> Tab:
    tab = tabs.new(who_walks(name, portal), look, **options)
    tab.visit(path_of(name, portal))
    return tab


@pytest.mark.parametrize("name", KEY_PAGES)
def test_every_stop_of_the_keyboard_is_seen_and_ringed(name: str, portal: Portal, tabs: Tabs) -> None:
    page = opened(name, portal, tabs).page
    assert page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0, "the order is that of the page"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    stops = 0
    while (stop := page.evaluate(FOCUSED))["what"] and stops < 40:
        assert stop["ring"] >= 2 and stop["seen"], stop
        page.keyboard.press("Tab")
        stops += 1
    assert stops > 6
    page.context.close()


def goes_back(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether the second place is read before the first: higher in the same column, or further left in the same line."""
    column = min(before["right"], after["right"]) - max(before["left"], after["left"]) > 4
    line = min(before["bottom"], after["bottom"]) - max(before["top"], after["top"]) > 4
    return (column and after["bottom"] <= before["top"] + 2) or (line and after["right"] <= before["left"] + 2)


@pytest.mark.parametrize("width", [360, 1366])
@pytest.mark.parametrize("name", KEY_PAGES)
def test_the_keyboard_goes_as_one_reads(name: str, width: int, portal: Portal, tabs: Tabs) -> None:
    page = opened(name, portal, tabs, Look(width)).page
    page.keyboard.press("Tab")  # the skip link, which is shown over the page
    page.keyboard.press("Tab")
    places = []
    while (place := page.evaluate(PLACE))["what"] and len(places) < 60:
        if not place["left_out"]:  # marks of a map stand where their places are
            places.append(place)
        page.keyboard.press("Tab")
    assert len(places) > 4
    back = [(one["what"], other["what"]) for one, other in pairwise(places) if goes_back(one, other)]
    assert back == []
    page.context.close()


def test_the_skip_link_moves_the_focus_into_the_page(portal: Portal, tabs: Tabs) -> None:
    page = opened("members:site", portal, tabs).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.context.close()


@pytest.mark.parametrize("name", KEY_PAGES)
@pytest.mark.parametrize("how", ["zoom", "large letters", "wide spacing"])
def test_larger_and_wider_text_stays_readable(name: str, how: str, portal: Portal, tabs: Tabs) -> None:
    options: dict[str, Any] = {"viewport": {"width": 683, "height": 450}, "device_scale_factor": 2} if how == "zoom" else {}
    tab = opened(name, portal, tabs, bypass_csp=True, **options)
    if how != "zoom":
        tab.page.add_style_tag(content=SPACING if how == "wide spacing" else "html { font-size: 32px !important }")
    seen = tab.page.evaluate(LOOK, [])
    assert (seen["overflow"], seen["spilled"]) == (0, [])
    tab.page.context.close()


@pytest.mark.parametrize("width", [320, 1366])
@pytest.mark.parametrize("name", KEY_PAGES)
def test_a_word_of_34_letters_in_every_text_runs_over_nothing(name: str, width: int, portal: Portal, tabs: Tabs) -> None:
    tab = opened(name, portal, tabs, Look(width, "light", "uk"))
    assert tab.page.evaluate(LENGTHEN, LONG_WORD) > 10
    seen = tab.page.evaluate(LOOK, [])
    assert (seen["overflow"], seen["too_wide"], seen["spilled"]) == (0, [], [])
    tab.page.context.close()


@pytest.mark.parametrize("width", [320, 1366])
@pytest.mark.parametrize("name", [*KEY_PAGES, *WIDE_PAGES])
def test_a_language_that_is_two_fifths_longer_runs_over_nothing(name: str, width: int, portal: Portal, tabs: Tabs) -> None:
    tab = opened(name, portal, tabs, Look(width))
    assert tab.page.evaluate(GROW) > 5
    seen = tab.page.evaluate(LOOK, [])
    assert (seen["overflow"], seen["too_wide"], seen["spilled"]) == (0, [], [])
    tab.page.context.close()


@pytest.mark.parametrize("name", ["members:evacuation_plan", "members:communication_plan"])
def test_what_arrives_in_place_of_a_pressed_button_takes_the_focus_and_nothing_scrolls(
    name: str, portal: Portal, tabs: Tabs
) -> None:
    page = opened(name, portal, tabs).page
    page.evaluate("document.querySelectorAll('#places details').forEach(box => { box.open = true; })")
    page.locator("#places [hx-get]").focus()
    before = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    page.wait_for_selector("#places [hx-get]", state="detached")
    page.wait_for_selector("#places:focus, #places :focus", state="attached")
    assert page.evaluate("scrollY") == before and page.evaluate(SHIFT) <= 0.02
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["members:site", "humanitarian:action_add", "members:status_log", "members:share_grant"])
def test_axe_finds_nothing_in_forms_with_errors_and_open_menus(name: str, theme: str, portal: Portal, tabs: Tabs) -> None:
    tab = tabs.new(who_walks(name, portal) if name != "members:share_grant" else "own C", Look(1366, theme))
    tab.visit(reverse(name) if name == "members:share_grant" else path_of(name, portal))
    if tab.page.locator("main form[method=post] button.pri").count():
        tab.page.locator("main form[method=post] button.pri").last.click()
        tab.page.wait_for_load_state()
    tab.page.evaluate("document.querySelectorAll('details').forEach(menu => { menu.removeAttribute('name'); menu.open = true; })")
    tab.page.evaluate(axe_script())
    found = tab.page.evaluate("options => axe.run(options)", AXE)["violations"]
    assert [(rule["id"], [node["html"][:140] for node in rule["nodes"]]) for rule in found] == []
    tab.page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_a_message_that_says_what_was_done(theme: str, portal: Portal, tabs: Tabs) -> None:
    tab = tabs.new("own C", Look(1366, theme))
    tab.page.goto(portal.address + "/sites/hand-over/")
    assert "Choose at least one site." in tab.page.inner_text("#messages")
    tab.page.evaluate(axe_script())
    found = tab.page.evaluate("options => axe.run(options)", AXE)["violations"]
    assert [(rule["id"], [node["html"][:140] for node in rule["nodes"]]) for rule in found] == []
    tab.page.context.close()


def test_a_wrong_form_takes_the_focus_to_its_summary_and_from_there_to_the_field(portal: Portal, tabs: Tabs) -> None:
    page = opened("humanitarian:action_add", portal, tabs).page
    page.fill("[name=title]", "Kept")
    page.click("main form button.pri")
    page.wait_for_selector(".errs")
    assert page.evaluate("document.activeElement.className") == "errs"
    page.click(".errs a >> nth=0")
    name = page.evaluate("document.activeElement.name")
    field = page.locator(f"[name={name}]")
    assert field.get_attribute("aria-invalid") == "true"
    assert all(page.locator(f"[id='{each}']").count() == 1 for each in field.get_attribute("aria-describedby").split())
    assert page.locator("[name=title]").input_value() == "Kept"
    page.context.close()


def test_a_double_click_on_a_button_makes_one_record(portal: Portal, tabs: Tabs) -> None:
    page = tabs.new("own C").page
    page.goto(portal.address + "/actions/add/")
    page.select_option("[name=site]", str(portal.member.site.pk))
    for name, value in {"title": "Pressed twice", "owner_role": "HSE lead", "due_on": "2030-01-07"}.items():
        page.fill(f"[name={name}]", value)
    page.dblclick("main form button.pri")
    page.wait_for_url(lambda url: "/add/" not in url)
    with acting_as(SYSTEM):
        assert SafetyAction.objects.filter(title="Pressed twice").count() == 1
    page.context.close()


def test_keys_find_jump_and_explain(portal: Portal, tabs: Tabs) -> None:
    page = opened("members:overview", portal, tabs).page
    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    assert page.evaluate("document.activeElement.matches('[data-search-field]')")
    page.keyboard.type("/")
    assert page.evaluate("document.activeElement.value") == "/", "in a field it is a letter"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sites/")
    page.keyboard.press("?")
    page.wait_for_url("**/keyboard/")
    page.context.close()


def test_nothing_moves_for_whoever_asked_for_calm(portal: Portal, tabs: Tabs) -> None:
    for name in KEY_PAGES:
        page = opened(name, portal, tabs, reduced_motion="reduce").page
        assert page.evaluate("document.getAnimations().length") == 0
        moving = (
            "[...document.querySelectorAll('*')].filter(e => parseFloat(getComputedStyle(e).transitionDuration) > 0.02).length"
        )
        assert page.evaluate(moving) == 0, name
        page.context.close()


def test_a_page_does_not_jump_while_it_arrives(portal: Portal, tabs: Tabs) -> None:
    for name in ("members:overview", "members:site", "members:dashboard"):
        page = opened(name, portal, tabs).page
        assert page.evaluate(SHIFT) <= 0.02, name
        page.context.close()


def test_a_device_that_saves_data_gets_tables_and_asks_for_nothing_again(portal: Portal, tabs: Tabs) -> None:
    plain = opened("members:dashboard", portal, tabs).page
    assert plain.locator(".mapbox svg").count() == 1
    tab = opened("members:dashboard", portal, tabs, extra_http_headers={"Save-Data": "on"})
    assert tab.page.locator(".mapbox svg").count() == 0
    assert tab.page.get_by_text("Your device saves data").count() == 1
    assert tab.page.locator("[hx-trigger*=every]").count() == 0
    for page in (plain, tab.page):
        page.context.close()


def printed(tab: Tab) -> tuple[int, str]:
    found = PdfReader(io.BytesIO(tab.page.pdf(prefer_css_page_size=True)))
    return len(found.pages), "\n".join(page.extract_text() for page in found.pages)


def test_the_card_of_a_plan_is_one_page_of_paper(portal: Portal, tabs: Tabs) -> None:
    tab = opened("members:evacuation_plan_card", portal, tabs, Look(1366, "dark"))
    cards = tab.page.locator("article.a4").count()
    pages, text = printed(tab)
    assert cards >= 1 and pages == cards
    assert "Conflict support" not in text and "Who can see this page" not in text
    tab.page.context.close()


def test_a_site_prints_in_black_without_navigation(portal: Portal, tabs: Tabs) -> None:
    tab = opened("members:site", portal, tabs, Look(1366, "dark"))
    tab.page.emulate_media(media="print", color_scheme="dark")
    assert tab.page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(22, 40, 45)"
    for selector in ("header.bar", ".skip", "main .btns", ".hide"):
        assert not any(tab.page.locator(selector).nth(i).is_visible() for i in range(tab.page.locator(selector).count())), (
            selector
        )
    pages, text = printed(tab)
    assert "Sites" not in text.splitlines() and "Report a hazard" not in text and "Open the phone page" not in text
    assert pages <= 3
    tab.page.context.close()


@pytest.mark.parametrize("name", ["members:call_list", "members:call_round"])
def test_who_is_to_be_called_prints_whole_in_black_without_navigation(name: str, portal: Portal, tabs: Tabs) -> None:
    tab = opened(name, portal, tabs, Look(1366, "dark"))
    tab.page.emulate_media(media="print", color_scheme="dark")
    assert tab.page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(22, 40, 45)"
    pages, text = printed(tab)
    assert pages <= 2 and "Sites" not in text.splitlines()
    assert tab.page.evaluate("document.querySelector('h1').textContent").strip() in text
    tab.page.context.close()
