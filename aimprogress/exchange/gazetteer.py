"""Places by name in any spelling, by region and by point. Built from rows, so that it needs no database in tests."""

# ruff: noqa: E501, SIM905 - lists of words and numbers stay readable in few lines

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from aimprogress.exchange.points import Point
from aimprogress.exchange.text import key
from aimprogress.places.geo import distance_km

SAME_POINT_KM = 0.15
FOUND_BY_POINT_KM = 3.0
_KINDS = frozenset(
    key(word)
    for word in "oblast region obl область обл край krai kray raion район р-н province county judet județ woj województwo wojewodztwo voivodeship "
    "voblast voblasts вобласць republic республика республіка of the".split()
)
_BEFORE_NAMES = re.compile(r"^(?:м|г|с|смт|пгт|c|місто|город|село|miasto|city of|town of)\.?\s+", re.IGNORECASE)
_ENDINGS = re.compile(r"(?:skaya|skaia|skoi|skyi|skyy|skiy|skij|skii|sky|ska|ske|skoe|skie|ckie|zkie)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A settlement with its public point and the code of its region."""

    id: str
    name: str
    country: str
    region: str
    area: str
    point: Point
    population: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """A first-level area."""

    code: str
    country: str
    name: str
    keys: tuple[str, ...]


@dataclass
class Gazetteer:
    """Look-ups over places and regions."""

    places: list[Place] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[Place]]:
        found: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place in self.places:
            for name in {name.replace(" ", "") for name in place.keys}:
                found[place.country, name].append(place)
        return found

    @cached_property
    def _by_country(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for place in self.places:
            found[place.country].append(place)
        return found

    @cached_property
    def _by_cell(self) -> dict[tuple[str, int, int], list[Place]]:
        """By country and whole degree: what is near a point is looked for in a few cells, not in the whole country."""
        found: dict[tuple[str, int, int], list[Place]] = defaultdict(list)
        for place in self.places:
            found[place.country, math.floor(place.point[0]), math.floor(place.point[1])].append(place)
        return found

    @cached_property
    def _region_names(self) -> dict[str, dict[str, Region]]:
        found: dict[str, dict[str, Region]] = defaultdict(dict)
        for fold in (str, _plain_region, _stem):  # a full name wins over a shortened one: Minsk region, Minsk city
            for region in self.regions:
                for name in region.keys:
                    found[region.country].setdefault(fold(name), region)
        return found

    @cached_property
    def _by_code(self) -> dict[str, Region]:
        return {region.code: region for region in self.regions}

    def knows(self, country: str) -> bool:
        """True where settlements of the country are in the list at all."""
        return country in self._by_country

    def region_name(self, code: str) -> str:
        """The English name of a region; the code where it is unknown."""
        region = self._by_code.get(code)
        return region.name if region else code

    def only_region(self, country: str) -> Region | None:
        """The one region of a country that has no finer ones here."""
        regions = {region.code: region for region in self._region_names.get(country, {}).values()}
        return next(iter(regions.values())) if len(regions) == 1 else None

    def named(self, country: str, text: str) -> list[Place]:
        """All settlements of that name in a country, largest first."""
        name = key(_BEFORE_NAMES.sub("", text.strip())).replace(" ", "")
        return sorted(self._by_name.get((country, name), []), key=lambda place: -place.population) if name else []

    def spelt_nearly(self, country: str, text: str) -> list[Place]:
        """Settlements whose name differs from `text` by a letter or two; only for names of at least six letters."""
        name = key(_BEFORE_NAMES.sub("", text.strip())).replace(" ", "")
        if len(name) < 6:
            return []
        alike = [other for other in self._beginnings.get((country, name[:3]), ()) if abs(len(other) - len(name)) <= 2]
        close = get_close_matches(name, alike, n=1, cutoff=0.9)
        return self.named(country, close[0]) if close else []

    @cached_property
    def _beginnings(self) -> dict[tuple[str, str], set[str]]:
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for country, name in self._by_name:
            found[country, name[:3]].add(name)
        return found

    def region(self, country: str, text: str) -> Region | None:
        """A region by its code, its name in any form, or the name of its chief town."""
        if not text or country not in self._region_names:
            return None
        code = text.strip().upper()
        if code in self._by_code:
            return self._by_code[code]
        names = self._region_names[country]
        for name in (key(text), _plain_region(key(text)), _stem(key(text))):
            if name in names:
                return names[name]
        for name in (_plain_region(key(text)), _stem(key(text))):
            if towns := self._by_name.get((country, name.replace(" ", ""))):
                namesakes = [other for town in towns for other in self.named(country, town.name)]
                return self._by_code.get(max([*towns, *namesakes], key=lambda place: place.population).region)
        close = get_close_matches(_stem(key(text)), names, n=1, cutoff=0.78)
        return names[close[0]] if close else None

    def nearest(self, country: str, point: Point, *, within_km: float = FOUND_BY_POINT_KM) -> Place | None:
        """The settlement of a country whose public point is nearest, within a distance."""
        degrees = within_km / 50
        rows, columns = _cells_of(point[0], degrees), _cells_of(point[1], degrees * 2)
        near = [
            (distance_km(point, place.point), place)
            for row in rows
            for column in columns
            for place in self._by_cell.get((country, row, column), ())
            if abs(place.point[0] - point[0]) < degrees and abs(place.point[1] - point[1]) < degrees * 2
        ]
        best = min(near, key=lambda pair: pair[0], default=None)
        return best[1] if best and best[0] <= within_km else None


def _cells_of(degree: float, reach: float) -> range:
    return range(math.floor(degree - reach), math.floor(degree + reach) + 1)


def _plain_region(name: str) -> str:
    return " ".join(word for word in name.split() if word not in _KINDS) or name


def _stem(name: str) -> str:
    return " ".join(_ENDINGS.sub("", word) for word in _plain_region(name).split())


_OTHER_NAMES = {
    "UA21": ("zakarpatska", "zakarpate", "zakarpattya", "transcarpathia", "karpatalja", "podkarpatska rus"),
    "UA07": ("volynska", "volhynia", "wolyn"),
    "UA01": ("crimea", "krym", "krim", "ar krym", "arc"),
    "UA80": ("kyiv", "kiev", "kyiv city", "kiev city", "m kyiv", "m kiiv", "kijow"),
    "UA32": ("kyivska", "kiivska", "kievskaya", "kyiv oblast", "kiev oblast"),
    "UA85": ("sevastopol", "m sevastopol"),
    "UA35": ("kirovohradska", "kirovogradskaya", "kropyvnytskyi"),
    "UA12": ("dnipropetrovska", "dnepropetrovskaya", "dnipro"),
    "BY-HR": ("grodno", "hrodna", "grodnenskaya"),
    "BY-HO": ("gomel", "homel", "gomelskaya"),
    "BY-VI": ("vitebsk", "vitebskaya"),
    "BY-MI": ("minsk", "minskaya", "minsk region"),
    "BY-HM": ("minsk city", "g minsk"),
    "BY-MA": ("mogilev", "mogilevskaya"),
}
"""Old, Russian and other names of regions, folded; Ukrainian ones by the P-code that their KATOTTG begins with."""


def from_rows(places: Iterable[tuple], regions: Iterable[tuple]) -> Gazetteer:
    """A Gazetteer of (id, name, country, region, area, lat, lon, population, "key|key") and (code, country, *names)."""
    return Gazetteer(
        [
            Place(str(row[0]), row[1], row[2], row[3] or "", row[4] or "", (row[5], row[6]), row[7],
                  tuple(dict.fromkeys(name for part in row[8].split("|") if (name := key(part)))))
            for row in places
        ],
        [
            Region(code, country, names[0],
                   (*_OTHER_NAMES.get(code, ()), *_OTHER_NAMES.get(code[:4] if country == "UA" else code, ()),
                    *(name for text in names if (name := key(text)))))
            for code, country, *names in regions
        ],
    )  # fmt: skip


def from_database() -> Gazetteer:
    """The reference data of this portal."""
    from aimprogress.places.models import AdminArea, Settlement  # late: the rest of this module needs no database

    return from_rows(
        Settlement.objects.values_list(
            "id", "name", "country", "admin1", "area", "lat", "lon", "population", "search_key"
        ).iterator(),
        AdminArea.objects.filter(level=1).values_list("code", "country", "name_en", "name_local").iterator(),
    )
