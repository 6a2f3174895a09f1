"""Cuts the bundled files of `data/` from their public sources. Run by hand when a source changes; the portal never runs it.

    python -m aimprogress.places.make_reference FOLDER

FOLDER holds the six source sets named in NOTICE (katottg, pcodes, settlements, ua_territory_status, boundaries,
ocha_humanitarian), each with the file names that `main` reads. Standard library only; the same input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

from aimprogress.places.names import APOSTROPHES, romanise, search_key
from aimprogress.places.regions_source import GEONAMES_UKRAINE, GERMAN_TOWNS, OBLASTS, REGIONS, RUSSIAN_NAMES

DATA = Path(__file__).parent / "data"
KEEP_ALTERNATES = 6
"""Other spellings kept per town, three times as many for cities: enough for Russian, Polish and English forms."""

AREA_FIELDS = ("code", "level", "parent", "country", "pcode", "iso", "name_en", "name_local", "lat", "lon")
SETTLEMENT_FIELDS = (
    "geonameid",
    "country",
    "admin1",
    "area",
    "katottg",
    "name",
    "name_local",
    "lat",
    "lon",
    "population",
    "others",
)
CROSSING_FIELDS = ("code", "name_en", "name_local", "country", "kind", "lat", "lon")
NEIGHBOURS = {"Hungary": "HU", "Moldova": "MD", "Poland": "PL", "Romania": "RO", "Slovakia": "SK"}
STATUS_FIELDS = ("area", "table", "valid_from", "valid_to", "exceptions")
Row = dict[str, str]


def read(path: Path, delimiter: str = ",") -> list[Row]:
    """All rows of a CSV file as dictionaries."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def write(name: str, fields: Iterable[str], rows: Iterable[Row]) -> int:
    """Write a gzipped CSV without a timestamp inside; returns its size in bytes."""
    text = io.StringIO()
    out = csv.DictWriter(text, fields, lineterminator="\n", extrasaction="ignore")
    out.writeheader()
    out.writerows(rows)
    packed = gzip.compress(text.getvalue().encode(), 9, mtime=0)
    (DATA / name).write_bytes(packed)
    return len(packed)


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
            print(f"  not found in {codifier.name[area]}: {name!r}", file=sys.stderr)  # noqa: T201
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


def ukrainian_areas(codifier: Codifier, listed: set[str], pcodes: dict[str, str]) -> dict[str, Row]:
    """Oblasts, raions, hromadas, and the settlements that the list names (or leaves out by name)."""
    out = {}
    for code in sorted(codifier.name):
        level = codifier.level(code)
        if level == 4 and code not in listed:
            continue
        pcode = code[: {1: 4, 2: 6, 3: 9}.get(level, 0)]
        name = codifier.name[code].strip()
        parent = next((c for c in codifier.chain(code)[1:] if codifier.level(c) < 4 or c in listed), "")
        row = {"code": code, "level": str(level), "parent": parent, "country": "UA", "pcode": pcode, "iso": ""}
        row |= {"name_en": romanise(name), "name_local": name, "lat": "", "lon": ""}
        if level == 1:
            english_name, local, iso = OBLASTS[pcode]
            row |= {"iso": iso, "name_en": english_name, "name_local": local}
        elif level == 2:
            row["name_en"] = pcodes.get(pcode, row["name_en"])
        out[code] = row
    return out


def foreign_areas(pcodes: list[Row]) -> dict[str, Row]:
    """Regions by ISO 3166-2, with OCHA's P-code where the names meet; whole-country areas for the other host countries."""
    alpha3 = {"PL": "POL", "SK": "SVK", "HU": "HUN", "RO": "ROU", "MD": "MDA", "BY": "BLR", "RU": "RUS"}
    by_name = {(row["Location"], squeeze(row["Name"])): row["P-Code"] for row in pcodes if len(row["Location"]) == 3}
    out = {}
    for region in REGIONS:
        keys = [region.pcode_name, region.name_en, region.name_local]
        pcode = next((p for k in keys if k and (p := by_name.get((alpha3.get(region.country, ""), squeeze(k))))), "")
        row = {"code": region.code, "level": "1", "parent": "", "country": region.country, "pcode": pcode}
        iso = region.code if "-" in region.code else ""
        out[region.code] = row | {"iso": iso, "name_en": region.name_en, "name_local": region.name_local, "lat": "", "lon": ""}
    return out


def squeeze(name: str) -> str:
    """Letters only, without the words that say what kind of region it is; l with stroke is lost in OCHA's table."""
    key = search_key(name.replace("Ł", "").replace("ł", "")).replace(" ", "")
    return re.sub("(kraj|megye|region)$", "", key)


def place_areas(areas: dict[str, Row], towns: list[Row], codifier: Codifier, outlines: dict[str, tuple[float, float]]) -> None:
    """Give each area a public point: the middle of its outline (oblasts) or its largest settlement."""
    largest: dict[str, Row] = {}
    for town in towns:
        codes = [c for c in codifier.chain(town["katottg"]) if c] if town["katottg"] else [town["admin1"]]
        for code in codes:
            if code not in largest or int(town["population"]) > int(largest[code]["population"]):
                largest[code] = town
    for code, row in areas.items():
        if row["iso"] in outlines:
            lat, lon = outlines[row["iso"]]
            row["lat"], row["lon"] = f"{lat:.3f}", f"{lon:.3f}"
        elif code in largest:
            row["lat"], row["lon"] = largest[code]["lat"], largest[code]["lon"]


def border_crossings(path: Path) -> list[Row]:
    """Crossings to the neighbours in the west that the list has as operational, by neighbour and name."""
    rows = []
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        said = feature["properties"]
        if said["Status"] == "Operational" and said["Country"] in NEIGHBOURS:
            name = said["Name_ENG"].replace("ł", "l").replace("Ł", "L")
            ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
            rows.append(
                {
                    "code": re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-"),
                    "name_en": said["Name_ENG"].replace(" - ", " – "),
                    "name_local": said["Name_UKR"].replace(" - ", " – ").replace("'", "’"),
                    "country": NEIGHBOURS[said["Country"]],
                    "kind": said["Type"].upper(),
                    "lat": f"{said['Lat']:.5f}",
                    "lon": f"{said['Lon']:.5f}",
                }
            )
    return sorted(rows, key=lambda row: (row["country"], row["code"]))


def main(folder: Path) -> None:
    """Read the sources, write the bundled files, print their sizes."""
    from aimprogress.charts.make_region_map import oblast_middles

    rows = read(folder / "katottg" / "kodifikator-16-05-2025.csv", ";")
    codifier = Codifier(rows)
    pcodes = read(folder / "pcodes" / "pcodes_ukraine_and_neighbours.csv")
    raions = {row["P-Code"]: row["Name"] for row in pcodes if row["Location"] == "UKR" and row["Admin Level"] == "2"}
    act = statuses(read(folder / "ua_territory_status" / "perelik_intervals.csv"), codifier)
    listed = {row["area"] for row in act} | {code for row in act for code in row["exceptions"].split()}
    areas = ukrainian_areas(codifier, listed, raions) | foreign_areas(pcodes)
    towns = settlements(read(folder / "settlements" / "geonames_settlements.csv"), codifier, areas)
    place_areas(areas, towns, codifier, oblast_middles(folder / "boundaries" / "ua_adm1.topo.json"))
    out = sys.stdout.write
    out(f"areas {len(areas)}: {write('areas.csv.gz', AREA_FIELDS, areas.values())} bytes\n")
    out(f"settlements {len(towns)}: {write('settlements.csv.gz', SETTLEMENT_FIELDS, towns)} bytes\n")
    out(f"statuses {len(act)}: {write('ua_territory_status.csv.gz', STATUS_FIELDS, act)} bytes\n")
    passages = border_crossings(folder / "ocha_humanitarian" / "UKR_Border_Crossings.geojson")
    out(f"crossings {len(passages)}: {write('ua_border_crossings.csv.gz', CROSSING_FIELDS, passages)} bytes\n")
    ukraine = [t for t in towns if t["country"] == "UA"]
    out(f"settlements of Ukraine with their own code: {sum(bool(t['katottg']) for t in ukraine)} of {len(ukraine)}\n")
    out(f"regions without a P-code: {[c for c, a in areas.items() if not a['pcode'] and a['country'] in RUSSIAN_NAMES]}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
