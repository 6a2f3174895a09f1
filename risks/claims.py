"""Claims that a report must not leave alone: that everyone is safe (C-34), that wages went on (C-37). Source: domain.md 9.4.

Pure. A claim is found by its words, in English and Ukrainian; whether the figures support it is judged by who prints it.
"""

import re

SAFE, PAID = "C-34", "C-37"
_WORDS = {
    SAFE: (
        r"\b(every(one|body)|all)\b[^.;!?]{0,40}\b(safe|accounted for|unharmed)\b",
        r"\b(усі|всі|кожен|кожна|жоден|ніхто)\b[^.;!?]{0,40}\b([ув] безпеці|не постражда\w*|на зв[’'ʼ]язку)",
    ),
    PAID: (
        r"\b(kept|keep|continued?|continues|went on)\b[^.;!?]{0,20}\bpay(ing)?\b",
        r"\b(all|every|full)\b[^.;!?]{0,20}\b(wages?|salar(y|ies)|pay)\b[^.;!?]{0,20}\b(paid|continued?)\b",
        r"\b(paid|pay)\b[^.;!?]{0,15}\b(all|every|full)\b[^.;!?]{0,20}\b(wages?|salar(y|ies))\b",
        r"\bwages?\b[^.;!?]{0,20}\b(continued?|went on)\b",
        r"\b(виплач\w+|плат(имо|или|ять)|продовж\w+)\b[^.;!?]{0,40}\b(зарплат\w*|заробітн\w+)",
        r"\b(зарплат\w*|заробітн\w+)\b[^.;!?]{0,40}\b(виплач\w+|сплач\w+|продовж\w+)",
    ),
}
_FOUND = {code: re.compile("|".join(words), re.IGNORECASE) for code, words in _WORDS.items()}


def claims_in(*texts: str | None) -> list[str]:
    """The codes of the claims that are made in these texts."""
    return [code for code, words in _FOUND.items() if any(words.search(text) for text in texts if text)]
