"""Words that a warning stands beside: units, air defence, where something struck (domain.md 3.6). Never a reason to refuse.

One list for English, Ukrainian and Russian, and not a complete one: an urgent report is stored as it is, and who wrote it is
reminded that others may read it. "Бригада" alone is a crew of repairmen; with a number of two digits it is a unit.
"""

import re

WORDS = (
    r"air[ -]defen[cs]e\w*", r"anti-aircraft", r"battalion\w*", r"regiment\w*", r"garrison\w*", r"military unit\w*",
    r"\d{2,}(?:st|nd|rd|th)? brigade", r"(?:missile|rocket|drone|shell) (?:hit|struck|impact)\w*", r"impact site\w*",
    r"ППО", r"ПВО", r"ЗСУ", r"ВСУ", r"протиповітр\w+", r"противовоздуш\w+", r"зенітн\w+", r"зенитн\w+", r"батальйон\w*",
    r"батальон\w*", r"полк(?:у|ом|ів|ов)?", r"військов\w+ частин\w*", r"воинск\w+ част\w+", r"в/ч", r"гарнізон\w*",
    r"гарнизон\w*", r"\d{2,}(?:-?[а-яіїє]{1,2})? бригад\w*", r"влучан\w+", r"влучил\w+", r"приліт\w*", r"прильот\w*",
    r"прил[её]т\w*", r"попадани\w+",
)  # fmt: skip
_WARNED = re.compile(rf"(?<![\w])(?:{'|'.join(WORDS)})(?!\w)", re.IGNORECASE)


def warned_word(text: str) -> str:
    """The first word of `text` that a warning stands beside, as it stands there; "" for none."""
    found = _WARNED.search(text)
    return found[0] if found else ""
