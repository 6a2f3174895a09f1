"""Rows of one upload that are the same thing: exact repeats, the same record written otherwise, a code used twice."""

# ruff: noqa: E501, SIM905 - lists of words and numbers stay readable in few lines

import re
from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any

from aimprogress.exchange.records import ERROR, Record
from aimprogress.exchange.text import key, look_key, mixes_scripts

LEGAL_FORMS = frozenset(
    "llc ltd limited liability company co corp corporation inc incorporated gmbh ag kg sa srl spzoo sp z o zoo oo jsc ojsc pjsc cjsc prjsc pe "
    "private enterprise public joint stock ooo oao zao pao ao tov tzov pat prat pp fop dp ip chp chup up pue spa bv nv plc sarl sas sro as "
    "kft zrt bt uab oy ab doo ead ood eood sc s a r l k g d tovarystvo z obmezhenoyu vidpovidalnistyu the and".split()
)
MOST_NEIGHBOURS = 100
"""Records at one address that a further one is held against: no street has more, and a list of one street would never end."""
_AS_WRITTEN = ("settlement_as_written", "region_as_written", "precision", "settlement_id", "area_code", "region_code")


def name_tokens(name: str) -> frozenset[str]:
    """The telling words of a company's name, folded: without legal forms, every script by sound or by look."""
    folded = look_key(name) if mixes_scripts(name) else key(name)
    words = [word for word in folded.split() if word]
    return frozenset(word for word in words if word not in LEGAL_FORMS) or frozenset(words)


def place_key(fields: dict) -> tuple[str, str, str]:
    """Country, settlement and street as a key; without a settlement the region stands in."""
    town = key(str(fields.get("settlement") or fields.get("region") or ""))
    street = re.sub(
        r"\b(street|str|st|vul|ul|ulica|strada|avenue|av|ave|prosp|no|nr|bld|u)\b", " ", key(str(fields.get("address") or ""))
    )
    return fields.get("country") or "", town, " ".join(street.split())


def mark_repeats(records: list[Record]) -> None:
    """Turn repeats into duplicates that name the row they repeat; the first row stays. Codes used twice get a new one."""
    exact: dict[tuple, Record] = {}
    by_name: dict[tuple, Record] = {}
    by_street: dict[tuple, list[tuple[frozenset[str], Record]]] = defaultdict(list)
    by_code: dict[str, Record] = {}
    for record in records:
        if record.outcome or not record.fields:
            continue
        whole = tuple(sorted((name, str(value)) for name, value in record.fields.items() if name not in _AS_WRITTEN))
        if whole in exact:
            _repeats(record, exact[whole], "duplicate_row")
            continue
        exact[whole] = record
        tokens, place = name_tokens(str(record.fields.get("name", ""))), place_key(record.fields)
        if tokens and (first := by_name.setdefault((place, tokens), record)) is not record:
            _repeats(record, first, "duplicate_record")
            continue
        if record.fields.get("address"):
            _point_at_similar(record, tokens, by_street[place])
        _one_code(record, by_code)


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
            record.remark("check", "name", "check_similar", told, value=str(record.fields.get("name", "")))
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
        record.remark("check", "code", "check_code_again", params)
    by_code[str(record.fields["code"]).casefold()] = record
