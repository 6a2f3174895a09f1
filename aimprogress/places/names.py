"""Names of places: official romanisation of Ukrainian, and the folded key by which people find a place in any spelling."""

from __future__ import annotations

import re
import unicodedata

_ROMAN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh", "з": "z", "и": "y", "і": "i",
    "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ь": "", "ю": "iu", "я": "ia",
}  # fmt: skip
_AT_THE_START = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
APOSTROPHES = "'’ʼ`‘´"
_LETTERS = re.compile(r"[а-щьюяєіїґ]", re.IGNORECASE)


def romanise(text: str) -> str:
    """Ukrainian to Latin by the Cabinet of Ministers' table (resolution 55 of 2010): Запоріжжя -> Zaporizhzhia."""
    text = text.translate(dict.fromkeys(map(ord, APOSTROPHES)))
    out = []
    for at, letter in enumerate(text):
        lower = letter.lower()
        before = text[at - 1].lower() if at else ""
        if lower == "г" and before == "з":
            roman = "gh"
        elif not _LETTERS.match(before) and lower in _AT_THE_START:
            roman = _AT_THE_START[lower]
        else:
            roman = _ROMAN.get(lower, letter)
        out.append(roman.capitalize() if letter != lower else roman)
    return "".join(out)


def search_key(text: str) -> str:
    """Fold a name for finding: no case, accents, apostrophes or punctuation; Cyrillic stays Cyrillic."""
    text = unicodedata.normalize("NFC", text.casefold()).translate(dict.fromkeys(map(ord, APOSTROPHES)))
    kept = []
    for letter in text:
        # й and ї are letters of their own; every other accent goes
        base = letter if letter in "йїё" else unicodedata.normalize("NFD", letter)[0]
        kept.append(_FOLDED.get(base, base) if base.isalnum() else " ")
    return " ".join("".join(kept).split())


_FOLDED = {"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ё": "е"}
