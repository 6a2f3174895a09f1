"""Rows of one upload that are the same thing: exact repeats, the same record written otherwise, a code used twice."""

# ruff: noqa: E501, SIM905 - lists of words and numbers stay readable in few lines

import re
from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any

from aimprogress.exchange.records import CHECK, ERROR, Record
from aimprogress.exchange.text import key, look_key, mixes_scripts

LEGAL_FORMS = frozenset(
    "llc ltd limited liability company co corp corporation inc incorporated gmbh ag kg sa srl spzoo sp zoo oo jsc ojsc pjsc cjsc prjsc pe "
    "private enterprise public joint stock ooo oao zao pao ao tov tzov pat prat pp fop dp ip chp chup up pue spa bv nv plc sarl sas sro as "
    "kft zrt bt uab oy ab doo dd ead ood eood sc tovarystvo obmezhenoyu vidpovidalnistyu the and".split()
)
MOST_NEIGHBOURS = 100
"""Records at one address that a further one is held against: no street has more, and a list of one street would never end."""
_AS_WRITTEN = ("settlement_as_written", "region_as_written", "precision", "settlement_id", "area_code", "region_code")


def name_tokens(name: str) -> frozenset[str]:
    """The telling words of a company's name, folded: without legal forms, every script by sound or by look.

    A letter alone tells plants apart, "Plant A" and "Plant D"; letters in a row may be a legal form, "s a r l" or "d o o".
    """
    folded = look_key(name) if mixes_scripts(name) else key(name)
    words = _WITH.sub(" ", _SPELT.sub(lambda found: _joined(found[0]), folded)).split()
    return frozenset(word for word in words if word not in LEGAL_FORMS) or frozenset(words)


_SPELT = re.compile(r"\b\w(?: \w)+\b")
_WITH = re.compile(r"\bz (?=oo\b|obmezhenoyu\b)|(?<=\bsp )[jkp]\b")


def _joined(spelt: str) -> str:
    """Letters in a row, those at their end in one where they are a legal form: "b s a" is "b sa"."""
    letters = spelt.split()
    for at in range(len(letters) - 1):
        if (word := "".join(letters[at:])) in LEGAL_FORMS:
            return " ".join([*letters[:at], word])
    return spelt


def place_key(fields: dict) -> tuple[str, str, str]:
    """Country, settlement and street as a key; without a settlement the region stands in."""
    town = key(str(fields.get("settlement") or fields.get("region") or ""))
    street = re.sub(
        r"\b(street|str|st|vul|ul|ulica|strada|avenue|av|ave|prosp|no|nr|bld|u)\b", " ", key(str(fields.get("address") or ""))
    )
    return fields.get("country") or "", town, " ".join(street.split())


def mark_repeats(records: list[Record]) -> None:
    """Turn repeats into duplicates that name the row they repeat; the first row stays. Codes used twice get a new one.

    Rows with different codes are different things, whatever they are called; so is a row of which a person said so.
    """
    exact: dict[tuple, Record] = {}
    by_name: dict[tuple, dict[str, Record]] = defaultdict(dict)
    by_street: dict[tuple, list[tuple[frozenset[str], Record]]] = defaultdict(list)
    by_code: dict[str, Record] = {}
    for record in records:
        if record.outcome or not record.fields:
            continue
        whole = tuple(sorted((name, str(value)) for name, value in record.fields.items() if name not in _AS_WRITTEN))
        first = exact.setdefault(whole, record)
        if first is not record and not record.of_its_own:
            _repeats(record, first, "duplicate_row")
            continue
        tokens, place = name_tokens(str(record.fields.get("name", ""))), place_key(record.fields)
        if tokens and not _is_first_of_name(record, by_name[place, tokens]):
            continue
        if record.fields.get("address"):
            _point_at_similar(record, tokens, by_street[place])
        _one_code(record, by_code)


def _is_first_of_name(record: Record, namesakes: dict[str, Record]) -> bool:
    """Whether no row at this place has the name yet; by code, because other codes are other things. A row without a code may
    be any of them, and is the first one.
    """
    code = str(record.fields.get("code") or "").casefold()
    first = namesakes.get(code) or namesakes.get("") or (next(iter(namesakes.values()), None) if not code else None)
    if first and not record.of_its_own:
        _repeats(record, first, "duplicate_record")
        if code and namesakes.get("") is first:
            del namesakes[""]  # it has this code, and no other one
            namesakes[code] = first
        return False
    if other := next(iter(namesakes.values()), None):
        told = {"row": other.row, "sheet": other.sheet}
        record.remark(CHECK, "name", "check_similar", told, value=str(record.fields.get("name", "")))
    namesakes.setdefault(code, record)
    return True


def is_first(record: Record, about: Hashable, said: Mapping[str, Any], seen: dict, *, shown: str, code: str) -> bool:
    """The first row about a thing counts; the same once more is a repeat, something else is for a person to decide.

    `seen` is shared by the rows of a list; `shown` is the field where the problem `code` stands.
    """
    first, before = seen.setdefault(about, (record, said))
    if first is record:
        return True
    told = {"row": first.row, "sheet": first.sheet}
    if before == said:
        record.outcome, record.why = "duplicate", ("duplicate_record", told)
    else:
        record.remark(ERROR, shown, code, told, value=str(record.fields[shown]))
    return False


def _point_at_similar(record: Record, tokens: frozenset[str], neighbours: list[tuple[frozenset[str], Record]]) -> None:
    """Say of which records at the same address the name holds more or fewer words; the record joins them."""
    digits = {word for word in tokens if word.isdigit()}
    for other_tokens, other in neighbours[:MOST_NEIGHBOURS]:
        nested = tokens < other_tokens or other_tokens < tokens
        if nested and digits == {word for word in other_tokens if word.isdigit()}:
            told = {"row": other.row, "sheet": other.sheet}
            record.remark(CHECK, "name", "check_similar", told, value=str(record.fields.get("name", "")))
    neighbours.append((tokens, record))


def _repeats(record: Record, first: Record, code: str) -> None:
    record.outcome, record.why = "duplicate", (code, {"row": first.row, "sheet": first.sheet})


def _one_code(record: Record, by_code: dict[str, Record]) -> None:
    code = str(record.fields.get("code") or "")
    if not code:
        return
    folded = code.casefold()
    if folded in by_code:
        number = 2
        while f"{folded}-{number}" in by_code:
            number += 1
        record.fields["code"] = f"{code}-{number}"
        params = {"value": code, "row": by_code[folded].row, "read": record.fields["code"]}
        record.remark(CHECK, "code", "check_code_again", params)
    by_code[str(record.fields["code"]).casefold()] = record
