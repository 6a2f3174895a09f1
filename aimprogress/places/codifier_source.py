"""The codifier of Ukraine's territorial units and the official list, as `make_reference` reads them."""

from __future__ import annotations

import re
import sys
from collections import defaultdict

from aimprogress.places.names import APOSTROPHES

Row = dict[str, str]


def plain(name: str) -> str:
    """A Ukrainian name for comparing: case, apostrophes and double spaces gone."""
    return " ".join(name.casefold().translate(dict.fromkeys(map(ord, APOSTROPHES))).split())


class Codifier:
    """The five-level codifier: parents, names and the settlements of every oblast by name."""

    def __init__(self, rows: list[Row]) -> None:
        self.name: dict[str, str] = {}
        self.parent: dict[str, str] = {}
        self.category: dict[str, str] = {}
        self.places: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.inside: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            *levels, category, name = (cell.strip() for cell in list(row.values())[:7])
            chain = [code for code in levels if code]
            if not chain:
                continue
            code = chain[-1]
            self.name[code], self.category[code] = name, category
            self.parent[code] = chain[-2] if len(chain) > 1 else ""
            if category in "CXMK":
                self.places[chain[0], plain(name)].append(code)
            for above in chain[:-1]:
                self.inside[above].append(code)

    def chain(self, code: str) -> list[str]:
        """The code and everything above it, nearest first."""
        out = []
        while code:
            out.append(code)
            code = self.parent[code]
        return out

    def level(self, code: str) -> int:
        """1 oblast, 2 raion, 3 hromada, 4 anything smaller."""
        return {"O": 1, "K": 1, "P": 2, "H": 3}.get(self.category[code], 4)


def excepted(text: str, area: str, codifier: Codifier) -> list[str]:
    """The codes that a line names after "за винятком" ("with the exception of"), looked up inside the line's own area."""
    _, found, tail = text.partition("винятком")
    if not found:
        return []
    explicit = re.findall(r"UA\d{17}", tail)
    codes = set(explicit)
    tail = re.sub(r"\([^)]*\)", "", tail.replace("\xa0", " ").replace("\n", " "))
    by_name = defaultdict(list)
    for code in codifier.inside[area]:
        by_name[plain(codifier.name[code])].append(code)
    for part in re.split(r",|\s+та\s+(?=с)|\s(?=с\.\s)", tail):
        name = re.sub(r"^\s*[:\s]*(с-ща|с-ще\.?|смт|с\.|c\.|м\.|частина м\.)\s*", "", part.strip())
        if part.strip().startswith("частина"):
            continue
        for code in by_name.get(plain(name), []):
            if not explicit or codifier.name[code] != "Новобахмутівка":
                codes.add(code)
        if plain(name) and plain(name) not in by_name:
            sys.stderr.write(f"  not found in {codifier.name[area]}: {name!r}\n")
    return sorted(codes)


def code_as_meant(printed: str) -> str:
    """A code without the slips of the print: a space inside, a digit too many at the end. It is checked against the codifier."""
    return printed.replace(" ", "")[: len("UA") + 17]


def day_as_meant(printed: str) -> str:
    """ISO; one line is printed as `31.03..2022`."""
    if "." not in printed:
        return printed
    day, month, year = (part for part in printed.split(".") if part)
    return f"{year}-{month}-{day}"


def statuses(rows: list[Row], codifier: Codifier) -> list[Row]:
    """The intervals of the official list, each with its exceptions as codes."""
    return [
        {
            "area": code_as_meant(row["katottg"]),
            "table": row["status"],
            "valid_from": day_as_meant(row["date_from"]),
            "valid_to": day_as_meant(row["date_to"]),
            "exceptions": " ".join(excepted(row["name"], code_as_meant(row["katottg"]), codifier)),
        }
        for row in rows
    ]
