"""The Ukrainian catalogue is whole, keeps every placeholder, and is what the portal reads."""

import ast
import gettext
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django import forms
from django.urls import get_resolver
from django.utils import dates, translation
from django.utils.functional import Promise

from members.models import Site
from risks.views import IssueForm

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale" / "uk" / "LC_MESSAGES" / "django.po"
SOURCES = ("aimprogress", "members", "suppliers", "humanitarian", "risks", "templates")
PLURAL_FORMS = 4
_LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d)\])? ("(?:.*)")$')
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}|</?b>")
_ESCAPES = {"n": "\n", "t": "\t"}


@dataclass
class Entry:
    """One message of a .po file; `strings` holds its translations by plural form."""

    context: str | None = None
    msgid: str = ""
    plural: str | None = None
    strings: dict[int, str] = field(default_factory=dict)
    fuzzy: bool = False

    @property
    def key(self) -> tuple[str | None, str, str | None]:
        return self.context, self.msgid, self.plural


def _text(quoted: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), quoted[1:-1])


def _entry(block: str) -> Entry:
    entry, name, form = Entry(), "", 0
    for line in block.splitlines():
        if line.startswith("#"):
            entry.fuzzy = entry.fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        if found := _LINE.match(line):
            name, form, line = found[1], int(found[2] or 0), found[3]
        if name == "msgstr":
            entry.strings[form] = entry.strings.get(form, "") + _text(line)
        elif name == "msgid":
            entry.msgid += _text(line)
        elif name == "msgid_plural":
            entry.plural = (entry.plural or "") + _text(line)
        else:
            entry.context = (entry.context or "") + _text(line)
    return entry


def _messages(path: Path) -> Iterator[Entry]:
    for block in path.read_text("utf-8").split("\n\n"):
        entry = _entry(block)
        if entry.msgid:
            yield entry


@pytest.fixture(scope="module")
def catalogue() -> list[Entry]:
    return list(_messages(CATALOGUE))


def test_the_catalogue_holds_the_words_of_the_portal(catalogue: list[Entry]) -> None:
    assert len(catalogue) > 2000
    assert (None, "Check in", None) in {entry.key for entry in catalogue}


def test_every_message_has_a_ukrainian_text_that_nobody_has_to_check_first(catalogue: list[Entry]) -> None:
    wrong = []
    for entry in catalogue:
        forms = PLURAL_FORMS if entry.plural else 1
        if entry.fuzzy or sorted(entry.strings) != list(range(forms)) or not all(entry.strings.values()):
            wrong.append(entry.msgid)
    assert wrong == []


def test_every_translation_keeps_the_placeholders_of_its_message(catalogue: list[Entry]) -> None:
    wrong = []
    for entry in catalogue:
        singular, plural = (set(_PLACEHOLDER.findall(text)) for text in (entry.msgid, entry.plural or entry.msgid))
        for form, text in entry.strings.items():
            kept = set(_PLACEHOLDER.findall(text))
            if kept != plural and not (form == 0 and kept == singular):
                wrong.append((entry.msgid, text))
    assert wrong == []


def test_the_compiled_catalogue_says_the_same_as_the_one_people_read(catalogue: list[Entry]) -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as compiled:
        table = dict(gettext.GNUTranslations(compiled)._catalog)
    table.pop("")
    written = {}
    for entry in catalogue:
        name = entry.msgid if entry.context is None else f"{entry.context}\x04{entry.msgid}"
        for form, text in entry.strings.items():
            written[(name, form) if entry.plural else name] = text
    assert table == written


def test_no_word_of_the_portal_is_taken_for_the_name_of_a_month_or_a_day(catalogue: list[Entry]) -> None:
    """Django looks "May" and "Sun" up in the same catalogue: "may do" once made every month of May read "allowed"."""
    names = {
        str(name) for table in (dates.MONTHS, dates.MONTHS_3, dates.WEEKDAYS, dates.WEEKDAYS_ABBR) for name in table.values()
    }
    assert len(names) > 30
    assert sorted(names & {entry.msgid for entry in catalogue if entry.context is None}) == []


def test_no_text_of_the_portal_is_missing_in_the_catalogue(catalogue: list[Entry], tmp_path: Path) -> None:
    if not shutil.which("xgettext"):
        pytest.skip("xgettext is not installed here, so the texts of the sources cannot be gathered again")
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", "*.woff2", "*.pdf", "*.gz")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    (tmp_path / "locale").mkdir()
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "-l", "uk", "--no-location", "--no-wrap", "-d", "django"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )
    fresh = {entry.key for entry in _messages(tmp_path / "locale" / "uk" / "LC_MESSAGES" / "django.po")}
    known = {entry.key for entry in catalogue}
    assert sorted(fresh - known, key=repr) == []
    assert sorted(known - fresh, key=repr) == [], "obsolete messages: run makemessages again and drop them"


def _handed_to_gettext(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names if "gettext" in alias.name}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            with_context = names[node.func.id].startswith(("pgettext", "npgettext"))
            text = node.args[1 if with_context else 0]
            if isinstance(text, ast.Constant):
                yield text.value


def test_xgettext_sees_every_text_that_the_code_translates(catalogue: list[Entry]) -> None:
    """An alias it does not know (`gettext as __`) or a call inside an f-string stays English without a word."""
    known = {entry.msgid for entry in catalogue}
    unseen = [
        f"{path.relative_to(ROOT)}: {text}"
        for name in SOURCES
        for path in sorted((ROOT / name).rglob("*.py"))
        for text in _handed_to_gettext(path)
        if text not in known
    ]
    assert unseen == []


def _kinds_of(form: type) -> Iterator[type]:
    for kind in form.__subclasses__():
        yield kind
        yield from _kinds_of(kind)


def test_every_label_of_a_form_is_translated() -> None:
    """A field of a model without a verbose name gets a label that no catalogue knows."""
    assert get_resolver().url_patterns, "so that every form is imported"
    ours = [form for form in _kinds_of(forms.BaseForm) if form.__module__.split(".")[0] in SOURCES]
    assert len(ours) > 40
    labels = {(form.__qualname__, name): field.label for form in ours for name, field in form.base_fields.items() if field.label}
    assert [where for where, label in labels.items() if not isinstance(label, Promise)] == []


def test_the_kinds_of_issue_are_offered_in_the_language_of_the_reader() -> None:
    """Words that are put together when a form is defined stay in the language of that moment."""
    said = {}
    for language in ("en", "uk"):
        with translation.override(language):
            said[language] = str(IssueForm(sites=Site.objects.none())["catalogue"])
    assert "I13 · " in said["en"] and "I13 · " in said["uk"] and said["en"] != said["uk"]
