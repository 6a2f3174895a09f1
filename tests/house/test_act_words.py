"""Every act has words, in both languages: whoever reads the audit trail reads sentences, not codes."""

import ast
import re
from collections.abc import Iterator

from django.utils import translation

from aimprogress.core.act_words import ACT_WORDS, acts_called
from aimprogress.jobs.timetable import TIMETABLE
from tests.house.test_code import CODE, every_service

NOTES = re.compile(r"import .*\b(record|announce|Act)\b")


def recorded() -> Iterator[str]:
    """Acts that are no service: what is named in the modules that write to the trail by hand."""
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        if NOTES.search(text):
            names = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
            yield from (name for name in names if isinstance(name, str) and re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)+", name))


def test_every_act_is_called_something_else_in_both_languages() -> None:
    acts = set(every_service()) | set(recorded())
    assert acts - set(TIMETABLE) <= set(ACT_WORDS) <= acts  # some work of the timetable leaves an act of its own name
    said = {}
    for language in ("en", "uk"):
        with translation.override(language):
            said[language] = [str(words) for words in ACT_WORDS.values()]
            assert len(set(said[language])) == len(ACT_WORDS), "two acts are called the same"
    assert [words for words in said["uk"] if words in said["en"]] == []


def test_acts_are_found_by_the_readers_words_and_by_their_code() -> None:
    assert "members.log_site_status" in acts_called("site STATUS")
    assert acts_called("members.log_site_status") == ["members.log_site_status"]
    with translation.override("uk"):
        assert "members.log_site_status" in acts_called("стан об’єкта")
    assert acts_called("no such act") == []
