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
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from aimprogress.places.codifier_source import Codifier, Row, statuses
from aimprogress.places.names import romanise, search_key
from aimprogress.places.regions_source import OBLASTS, REGIONS, RUSSIAN_NAMES
from aimprogress.places.settlements_source import settlements

DATA = Path(__file__).parent / "data"
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
