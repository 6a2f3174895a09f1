"""The oldest browsers that the phone's pages must work in: Chrome and WebView 80, Safari 13, Firefox 78.

The scripts are read, not run: no word of a newer syntax, and no interface that one of the three lacks without being asked for.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings

from members.views.phone import MADE_OF, file_of_phone

ROOT = Path(settings.BASE_DIR)
SCRIPTS = {
    name: (ROOT / name).read_text(encoding="utf-8") for name in ("static/js/checkin.js", "templates/members/checkin_sw.js")
}
NEWER_SYNTAX = {
    r"\?\.(?!\d)": "optional chaining (Safari 13.1)",
    r"\?\?": "nullish coalescing (Safari 13.1)",
    r"(\|\||&&)=": "logical assignment (Chrome 85)",
    r"(?<![\w$])#\w+": "private names",
    r"\bstatic\s*\{": "static blocks",
    r"(?<![\w.])\d+_\d": "numeric separators (Firefox 70, Safari 13)",
    r"\d+n\b": "BigInt (Safari 14)",
    r"\bimport\s*\(": "dynamic import in a classic script",
    r"(?m)^\s*await\b": "await outside of a function",
    r"\(\?<[=!]": "look-behind (Safari 16.4)",
}
NEWER_INTERFACES = (
    "replaceAll", "matchAll", ".at(", ".flatMap(", "Object.hasOwn", "fromEntries", "allSettled", "Promise.any", "structuredClone",
    "randomUUID", "AbortSignal", "BroadcastChannel", "ResizeObserver", "IntersectionObserver", "WeakRef", "globalThis",
    "showModal", "requestIdleCallback", "SyncManager", "periodicSync", "findLast", "toSorted", "Array.fromAsync",
    "queueMicrotask", "replaceChildren", "scheduler.", "CompressionStream", "getRandomValuesSync",
)  # fmt: skip
ASKED_FOR_FIRST = {"navigator.locks": "if (navigator.locks)", "navigator.storage": "navigator.storage &&"}
"""Interfaces that one of the three lacks, and how the script asks whether they are there."""


def bare(script: str) -> str:
    """The script without comments and texts."""
    without = re.sub(r"/\*.*?\*/", " ", script, flags=re.S)
    without = re.sub(r"'(?:\\.|[^'\\\n])*'", "''", without)
    return re.sub(r"(?m)(^|\s)//.*$", " ", without)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_syntax_is_newer_than_the_oldest_browser(name: str) -> None:
    code = bare(SCRIPTS[name])
    assert {words for pattern, words in NEWER_SYNTAX.items() if re.search(pattern, code)} == set()


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_interface_is_newer_than_the_oldest_browser(name: str) -> None:
    code = bare(SCRIPTS[name])
    assert [word for word in NEWER_INTERFACES if word in code] == []


def test_an_interface_that_one_of_them_lacks_is_asked_for_before_it_is_used() -> None:
    code = SCRIPTS["static/js/checkin.js"]
    for interface, question in ASKED_FOR_FIRST.items():
        assert interface in code and code.index(question) <= code.index(interface), interface
    for needed in ("window.indexedDB", "crypto.subtle", "window.fetch", "window.AbortController"):
        assert f"!{needed}" in code or f"!window.{needed}" in code, needed


@pytest.mark.parametrize("name", ["app.js", "style.css"])
def test_a_phone_gets_the_same_without_what_is_written_for_readers(name: str) -> None:
    kept, sent = "".join((ROOT / "static" / part).read_text(encoding="utf-8") for part in MADE_OF[name][1]), file_of_phone(name)
    assert "/*" not in sent and all(line and line[0] not in " \t/" for line in sent.splitlines()) and len(sent) < len(kept)
    kept = re.sub(r"(?m)^\s*//.*", "", re.sub(r"/\*.*?\*/", "", kept, flags=re.S))
    assert sent.split() == kept.split()


@pytest.mark.parametrize(
    ("code", "words"), [("a?.b", "optional chaining (Safari 13.1)"), ("a ?? b", "nullish coalescing (Safari 13.1)"),
                        ("a ||= b", "logical assignment (Chrome 85)"), ("1_000", "numeric separators (Firefox 70, Safari 13)")],
)  # fmt: skip
def test_the_check_finds_what_it_looks_for(code: str, words: str) -> None:
    assert words in {words for pattern, words in NEWER_SYNTAX.items() if re.search(pattern, bare(code))}
    assert not any(re.search(pattern, bare(f"'{code}' // {code}\n/* {code} */ a ? .5 : b")) for pattern in NEWER_SYNTAX)


def test_the_style_needs_nothing_that_only_newer_browsers_know() -> None:
    """Where a selector is newer, a browser without it shows more, never less: `:has()` hides what need not be asked."""
    css = (ROOT / "static/css/checkin.css").read_text(encoding="utf-8")
    assert not re.search(r"@container|@layer|color-mix\(|:is\(|:where\(|subgrid|\bdvh\b|(?<![\w-])inset-", css)
    assert all(":has(" not in rule or "display: none" in rule or ":checked" in rule or "focus" in rule for rule in css.split("}"))
