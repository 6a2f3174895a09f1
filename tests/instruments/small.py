"""Small instruments for tests, written as a file of the library would be."""

from pathlib import Path
from textwrap import dedent, indent

from aimprogress.instruments.definition import Instrument
from aimprogress.instruments.schema import read_instrument

WORDS = "{en: a, uk: а}"


def an_item(code: str, more: str = "") -> str:
    text = f'- code: "{code}"\n  title: {WORDS}\n  question: {WORDS}\n  met: {WORDS}\n  help: {WORDS}\n'
    return text + indent(dedent(more).strip(), "  ") + "\n"


def a_group(code: str, *items: str, more: str = "") -> str:
    return f"- code: {code}\n  title: {WORDS}\n{indent(dedent(more), '  ')}\n  items:\n{indent(''.join(items), '    ')}"


def a_file(folder: Path, *groups: str, scale: str, more: str = "", name: str = "small", version: int = 1) -> Path:
    head = f"name: {name}\nversion: {version}\nnative_check: false\nsource: test\ntitle: {WORDS}\nintro: {WORDS}\n"
    body = f"subjects: [members.Site]\n{dedent(more).strip()}\nscale:\n{indent(dedent(scale).strip(), '  ')}\ngroups:\n"
    path = folder / f"{name}.yaml"
    path.write_text(head + body + indent("".join(groups), "  "), encoding="utf-8")
    return path


def an_instrument(folder: Path, *groups: str, scale: str, more: str = "") -> Instrument:
    return read_instrument(a_file(folder, *groups, scale=scale, more=more))


PASS_OR_FAIL = f"""
PASS: {{kind: met, label: {WORDS}}}
FAIL: {{kind: not_met, label: {WORDS}}}
NA: {{kind: not_applicable, label: {WORDS}, note_required: true}}
"""
