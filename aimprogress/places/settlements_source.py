"""Settlements out of GeoNames, each of Ukraine with its code in the codifier, as `make_reference` reads them."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher

from aimprogress.places.codifier_source import Codifier, Row, plain
from aimprogress.places.names import romanise, search_key
from aimprogress.places.regions_source import GEONAMES_UKRAINE, GERMAN_TOWNS, REGIONS

KEEP_ALTERNATES = 6
"""Other spellings kept per town, three times as many for cities: enough for Russian, Polish and English forms."""


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Rough distance, good enough for choosing between homonyms."""
    return math.hypot((a[0] - b[0]) * 111.2, (a[1] - b[1]) * 111.2 * math.cos(math.radians(a[0])))


def point_of(row: Row) -> tuple[float, float]:
    """(lat, lon) of a GeoNames row."""
    return float(row["lat"]), float(row["lon"])


def candidates(row: Row, codifier: Codifier) -> list[str]:
    """Settlements of the codifier that this GeoNames row may be, by Ukrainian name or by its romanisation."""
    oblast = GEONAMES_UKRAINE[row["admin1code"]]
    code = next(c for c in codifier.name if c.startswith(oblast) and codifier.level(c) == 1)
    if oblast in ("UA80", "UA85") and row["name"] in ("Kyiv", "Sevastopol"):
        return [code]
    local = {plain(name) for name in row["alternatenames"].split("|") if re.search("[а-яіїєґ]", name, re.IGNORECASE)}
    found = {c for name in local for c in codifier.places.get((code, name), [])}
    if not found:
        wanted = {loose(name) for name in (row["name"], *row["alternatenames"].split("|"))}
        found = {
            c for (o, name), codes in codifier.places.items() if o == code and loose(romanise(name)) in wanted for c in codes
        }
    return sorted(found)


def loose(name: str) -> str:
    """Latin spelling without the differences between romanisations of Ukrainian."""
    key = search_key(name).replace(" ", "")
    for old, new in (("yy", "y"), ("iy", "y"), ("yi", "y"), ("ii", "y"), ("ij", "y"), ("ye", "e"), ("ie", "e"), ("ya", "a")):
        key = key.replace(old, new)
    for old, new in (("ia", "a"), ("yu", "u"), ("iu", "u"), ("yo", "o"), ("io", "o"), ("i", "y"), ("zgh", "zh"), ("g", "h")):
        key = key.replace(old, new)
    return key


def match_ukraine(rows: list[Row], codifier: Codifier) -> dict[str, str]:
    """geonameid -> codifier code. Homonyms are told apart by how near their hromada's (or raion's) known places lie."""
    options = {row["geonameid"]: candidates(row, codifier) for row in rows}
    by_id = {row["geonameid"]: row for row in rows}
    sure = {gid: codes[0] for gid, codes in options.items() if len(codes) == 1}
    for gid, codes in options.items():
        towns = [c for c in codes if codifier.category[c] in "MK"]
        if len(codes) > 1 and len(towns) == 1 and int(by_id[gid]["population"] or 0) >= 8000:
            sure[gid] = towns[0]
    near: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for gid, code in sure.items():
        for above in codifier.chain(code)[1:3]:
            near[above].append(point_of(by_id[gid]))
    centre = {area: (median(p[0] for p in points), median(p[1] for p in points)) for area, points in near.items()}
    for gid, codes in options.items():
        if len(codes) < 2 or gid in sure:
            continue
        at = point_of(by_id[gid])
        ranked = sorted((kilometres(at, centre[a]), c) for c in codes if (a := first_known(codifier.chain(c)[1:3], centre)))
        if ranked and ranked[0][0] < 40 and (len(ranked) == 1 or ranked[1][0] > 1.6 * ranked[0][0]):
            sure[gid] = ranked[0][1]
    # a place far from everything else of its hromada is a wrong homonym, and so is a village of 30,000: better the oblast alone
    wrong = {gid for gid, code in sure.items() if is_far(point_of(by_id[gid]), code, codifier, centre)}
    wrong |= {
        gid for gid, code in sure.items() if codifier.category[code] in "CX" and int(by_id[gid]["population"] or 0) > 30_000
    }
    twice = {code for code, times in Counter(sure.values()).items() if times > 1}
    return {gid: code for gid, code in sure.items() if gid not in wrong and (code not in twice or best(gid, code, sure, by_id))}


def best(gid: str, code: str, sure: dict[str, str], by_id: dict[str, Row]) -> bool:
    """Of several GeoNames rows with one code the most populous keeps it."""
    rivals = [g for g, c in sure.items() if c == code]
    return gid == max(rivals, key=lambda g: (int(by_id[g]["population"] or 0), g))


def first_known(areas: Iterable[str], centre: dict[str, tuple[float, float]]) -> str | None:
    """The first area with a known centre."""
    return next((area for area in areas if area in centre), None)


def is_far(at: tuple[float, float], code: str, codifier: Codifier, centre: dict[str, tuple[float, float]]) -> bool:
    """More than 40 km from the middle of its hromada, or 75 km from that of its raion."""
    hromada_and_raion = codifier.chain(code)[1:3]
    return any(
        area in centre and kilometres(at, centre[area]) > limit for area, limit in zip(hromada_and_raion, (40, 75), strict=False)
    )


def median(values: Iterable[float]) -> float:
    """Middle value."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def other_spellings(row: Row, taken: set[str]) -> list[str]:
    """A few alternate names: Cyrillic ones first, then Latin ones that begin with a capital."""
    names = [n for n in row["alternatenames"].split("|") if n]
    # of many Cyrillic forms the ones nearest to the Ukrainian name are the Russian, Belarusian and Bulgarian ones
    local = ukrainian(row)
    cyrillic = [n for n in names if re.search("[а-яА-ЯіїєґІЇЄҐ]", n)]
    cyrillic.sort(key=lambda n: (abs(len(n) - len(local)), -SequenceMatcher(None, n, local).ratio()))
    latin = [n for n in names if n[:1].isalpha() and n[:1].isupper() and n not in cyrillic and not n.isupper()]
    latin.sort(key=lambda n: -SequenceMatcher(None, n, row["name"]).ratio())
    keys: dict[str, str] = {}
    for name in [*cyrillic[: KEEP_ALTERNATES // 2], *latin]:
        keys.setdefault(search_key(name), name)
    wanted = [name for key, name in keys.items() if key and key not in taken]
    people = int(row["population"] or 0)
    limit = 3 * KEEP_ALTERNATES if people >= 100_000 else KEEP_ALTERNATES if people >= 5000 else 2
    return wanted[:limit]


def settlements(rows: list[Row], codifier: Codifier, areas: dict[str, Row]) -> list[Row]:
    """Settlements with their region and smallest known area."""
    matched = match_ukraine([row for row in rows if row["country"] == "UA"], codifier)
    region = {(r.country, r.geonames): r.code for r in REGIONS}
    out = []
    for row in rows:
        code = matched.get(row["geonameid"], "")
        if row["country"] == "UA":
            oblast = next(a for a in areas if a.startswith(GEONAMES_UKRAINE[row["admin1code"]]) and areas[a]["level"] == "1")
            admin1 = codifier.chain(code)[-1] if code else oblast
            area = next((c for c in codifier.chain(code) if c in areas), oblast) if code else oblast
            local = codifier.name[code] if code else ukrainian(row)
            name = romanise(codifier.name[code]) if code else row["name"]
            if not code and int(row["population"] or 0) >= 10_000:
                continue  # a district of a city: the city itself is there
        else:
            admin1 = area = region.get((row["country"], row["admin1code"]), row["country"] if row["country"] in areas else "")
            name = local = row["name"]
            if not admin1 or (row["country"] == "TR" and int(row["population"] or 0) < 100_000):
                continue
        found = {"geonameid": row["geonameid"], "country": row["country"], "admin1": admin1, "area": area, "katottg": code}
        found |= {"name": name, "name_local": local, "lat": f"{float(row['lat']):.4f}", "lon": f"{float(row['lon']):.4f}"}
        found |= {"population": row["population"] or "0"}
        others = ([row["name"]] if name != row["name"] else []) + other_spellings(row, {search_key(name), search_key(local)})
        out.append(found | {"others": "|".join(others)})
    for code, name, lat, lon, people in GERMAN_TOWNS:
        town = {"geonameid": "", "country": "DE", "admin1": code, "area": code, "katottg": "", "name": name, "name_local": name}
        out.append(town | {"lat": f"{lat:.4f}", "lon": f"{lon:.4f}", "population": str(people), "others": ""})
    return out


def ukrainian(row: Row) -> str:
    """The most Ukrainian-looking alternate of an unmatched row, else its Latin name."""
    cyrillic = [n for n in row["alternatenames"].split("|") if re.fullmatch(r"[А-ЩЬЮЯЄІЇҐа-щьюяєіїґ’' -]+", n)]
    return max(cyrillic, key=lambda n: len(re.findall("[іїєґ]", n.lower())), default=row["name"])
