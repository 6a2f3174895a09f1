"""Every permission has words, in both languages: whoever makes a key ticks sentences, not codes."""

from django.utils import translation

from aimprogress.core.permission_words import PERMISSION_WORDS
from aimprogress.core.permissions import Permission


def test_every_permission_is_called_something_else_in_both_languages() -> None:
    assert set(PERMISSION_WORDS) == set(Permission)
    said = {}
    for language in ("en", "uk"):
        with translation.override(language):
            said[language] = [str(words) for words in PERMISSION_WORDS.values()]
            assert len(set(said[language])) == len(Permission), "two permissions are called the same"
    assert [words for words in said["uk"] if words in said["en"]] == []
