"""Text as people meant it: invisible signs gone for display; for keys one folding of case, script and look-alikes."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from anyascii import anyascii
from confusable_homoglyphs import confusables

_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
NOTHING = frozenset(
    {
        "n/a",
        "na",
        "n.a.",
        "n.a",
        "none",
        "null",
        "nil",
        "-",
        "--",
        "—",
        "–",
        "?",
        "(blank)",
        "blank",
        "н/д",
        "немає",
        "нет",
        "нет данных",
        "brak",
        "nd",
        "k.a.",
        "#n/a",
        "#ref!",
        "#value!",
        "#div/0!",
        "tbd",
        "tbc",
        "unknown",
        "невідомо",
        "неизвестно",
    }
)
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
# Look-alikes only: a Cyrillic letter that no reader tells from a Latin one.
_LOOKS_LATIN = str.maketrans("АВЕКМНОРСТУХІЈЅасеорухіјѕԁ", "ABEKMHOPCTYXIJSaceopyxijsd")
_LATIN_TWINS = frozenset("АВЕКМНОРСТУХІЈЅасеорухіјѕԁ")


LONGEST_KEPT = 300


def remembered(most: int) -> Callable[[Callable[[str], Any]], Callable[[str], Any]]:
    """Like lru_cache, for short texts only: a list of long ones would fill the memory of whoever reads it, and stay there."""

    def decorate(function: Callable[[str], Any]) -> Callable[[str], Any]:
        cached = lru_cache(maxsize=most)(function)

        @wraps(function)
        def of(text: str) -> Any:
            return cached(text) if len(text) <= LONGEST_KEPT else function(text)

        of.kept = lambda: cached.cache_info().currsize
        return of

    return decorate


@remembered(50_000)
def clean(text: str) -> str:
    """Text for display: full-width forms resolved, invisible and control signs gone, one space."""
    if text.isascii():
        return " ".join(_CONTROL.sub("", text).split())
    text = _CONTROL.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    text = "".join(unicodedata.normalize("NFKC", sign) if "\uff00" <= sign <= "\uffef" else sign for sign in text)
    return _SPACES.sub(" ", text).strip().rstrip("□").rstrip()


def is_nothing(text: str) -> bool:
    """A word that people type to say "nothing here"."""
    return not text or text.casefold() in NOTHING


@remembered(100_000)
def key(text: str) -> str:
    """The text folded for comparing, never for display: Latin, lower case, no accents or apostrophes, single spaces.

    Words that mix scripts are folded by look (ТРР inside a Latin word reads TPP), others by sound (Мозырь is mozyr).
    """
    text = re.sub(r"['’ʼ`‘´ʹ′]", "", clean(text))
    words = [_one_script(word) for word in re.split(r"[\W_]+", text) if word]
    return " ".join(re.sub(r"[^a-z0-9]", "", anyascii(word).lower()) for word in words).strip()


def _one_script(word: str) -> str:
    if _CYRILLIC.search(word) and _LATIN.search(word):
        return word.translate(_LOOKS_LATIN)
    return word


@remembered(20_000)
def look_key(text: str) -> str:
    """Like `key`, but every all-look-alike Cyrillic word is folded by look: ТРР is TPP."""
    words = [_by_look(word) for word in re.split(r"(\W+)", clean(text))]
    return key("".join(words))


def _by_look(word: str) -> str:
    return (
        word.translate(_LOOKS_LATIN)
        if word and _CYRILLIC.search(word) and all(sign in _LATIN_TWINS for sign in word if sign.isalpha())
        else word
    )


def mixes_scripts(text: str) -> bool:
    """True where look-alike letters of another script stand in a name: inside a word, or a whole word among Latin ones."""
    if not (_CYRILLIC.search(text) and _LATIN.search(text)):
        return False
    words = re.findall(r"[^\W\d_]+", text)
    if any(_CYRILLIC.search(word) and _LATIN.search(word) and confusables.is_mixed_script(word) for word in words):
        return True
    cyrillic = [word for word in words if _CYRILLIC.search(word)]
    return len(cyrillic) < len(words) and all(len(word) > 1 and _by_look(word) != word for word in cyrillic)


# Hungarian letters as an old code page left them in published lists: "Petí_fi" is "Petőfi".
_DAMAGED = re.compile(r"(?<=[a-z])í_(?=[a-z])")


_MACINTOSH = re.compile(r"[¬√][^\x00-\x7f]")  # two bytes of UTF-8 read as the Macintosh code page: "¬∫" is "º"


def _read_again(found: re.Match[str]) -> str:
    try:
        return found[0].encode("mac_roman").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return found[0]


def mend(text: str) -> str:
    """Known damage by a wrong code page, undone; other text as it is. Text that was UTF-8 read as cp1252 is read again."""
    mended = _MACINTOSH.sub(_read_again, _DAMAGED.sub("ő", text))
    if re.search(r"[ÃÐÑÅÄ][\u0080-\u00bf\u2018-\u203a\u0152-\u0192]", mended):
        try:
            return mended.encode("cp1252").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            return mended
    return mended
