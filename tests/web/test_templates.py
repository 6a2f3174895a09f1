"""Every template parses, needs no inline style or script, and calls nobody outside."""

import gzip
import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from members.views.phone import file_of_phone

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Reports and mails have an engine and tests of their own: no script, no content policy, other built-in tags.
PAGES = [path for path in TEMPLATES if path.relative_to(ROOT / "templates").parts[0] not in ("reports", "mail")]


def short(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


TAGS = re.compile(r"\{[%#{].*?[%#}]\}", re.DOTALL)
INLINE_STYLE = re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE)
STYLE_BLOCK = re.compile(r"<style", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r'<script(?![^>]*\ssrc=)(?![^>]*\stype="application/json")', re.IGNORECASE)  # data is no script
HANDLER = re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:a-z-]*|hx-vars)\s*=", re.IGNORECASE)
HTMX_WORDS = re.compile(r"""hx-(?:vals|headers|trigger)\s*=\s*["'](?:js:|javascript:|[^"']*\[)""")


@pytest.mark.house
@pytest.mark.parametrize("path", PAGES, ids=short)
def test_a_template_parses(path: Path) -> None:
    assert get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.house
@pytest.mark.parametrize("path", PAGES, ids=short)
def test_a_template_has_no_inline_style_or_script(path: Path) -> None:
    html = TAGS.sub("", path.read_text(encoding="utf-8"))
    for wrong in (INLINE_STYLE, STYLE_BLOCK, INLINE_SCRIPT, HANDLER, HTMX_WORDS):
        assert not wrong.search(html), wrong.search(html)


@pytest.mark.house
@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_a_template_loads_nothing_from_another_host(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|action|hx-(?:get|post))\s*=\s*["'](?:https?:)?//""", html)
    assert not re.search(r"""<link[^>]*href\s*=\s*["'](?:https?:)?//""", html)


@pytest.mark.house
@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_a_form_that_posts_carries_its_token(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?(?:</form>|\Z)", html, re.DOTALL | re.IGNORECASE):
        assert "csrf_token" in form, form[:120]


NOTE = re.compile(r'<p class="note[^"]*"[^>]*>(?:\{% icon [^%]*%\})?(.*?)</p>', re.DOTALL)
PART = re.compile(r"\|local_time|\|age\b|\|day\b|<a |<b>")


@pytest.mark.house
@pytest.mark.parametrize("path", [path for path in PAGES if "checkin" not in path.name], ids=short)
def test_the_text_of_a_note_is_one_piece(path: Path) -> None:
    """The icon of a note stands beside its text: a time or a link in it would be a column of its own."""
    loose = [
        text for text in NOTE.findall(path.read_text(encoding="utf-8")) if PART.search(text) and not text.startswith("<span>")
    ]
    assert not loose, loose


@pytest.mark.house
def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "icons.svg").read_text(encoding="utf-8")))
    named = {key for path in TEMPLATES for key in re.findall(r"""\{% icon ["']([\w-]+)["']""", path.read_text(encoding="utf-8"))}
    assert named <= sprite


@pytest.mark.house
def test_scripts_use_no_evaluation_and_keep_only_the_theme() -> None:
    for path in (ROOT / "static" / "js").glob("*.js"):
        code = path.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function|innerHTML|document\.write", code), path.name
        assert set(re.findall(r"localStorage\.\w+\('(\w+)'", code)) <= {"theme"}, path.name


def test_the_check_in_assets_are_small() -> None:
    weights = {name: len(gzip.compress(file_of_phone(name).encode(), 9)) for name in ("style.css", "app.js")}
    assert sum(weights.values()) <= 12_000, weights
