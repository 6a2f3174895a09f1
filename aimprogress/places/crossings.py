"""Border crossings of Ukraine to its neighbours in the west, from a list with a date: today it may be otherwise.

The bundled list holds what it called operational on its date, without Russia and Belarus. Pages print the date and "old, check";
they never say that a crossing lets anybody through (decisions.md 5.5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from aimprogress.places.area_status import OLD_AFTER
from aimprogress.places.countries import country_name
from aimprogress.places.geo import LatLon, distance_km
from aimprogress.places.reference import rows_of

LISTED_ON = date(2023, 5, 30)
SOURCE = "OCHA, Ukraine border crossings, 30 May 2023 (CC BY)"
KINDS: dict[str, str | Promise] = {
    "ROAD": gettext_lazy("road"),
    "RIVER": gettext_lazy("ferry"),
    "PEDESTRIAN": gettext_lazy("on foot only"),
}


@dataclass(frozen=True, slots=True)
class Crossing:
    """A crossing as the list has it; `country` is the neighbour."""

    code: str
    name_en: str
    name_local: str
    country: str
    kind: str
    lat: float
    lon: float

    @property
    def name(self) -> str:
        """The name in the reader's script."""
        return self.name_local if get_language() == "uk" else self.name_en

    @property
    def label(self) -> str:
        """Name, neighbour and kind."""
        told = {"name": self.name, "country": country_name(self.country), "kind": KINDS[self.kind]}
        return _("%(name)s (%(country)s, %(kind)s)") % told


@cache
def crossings() -> dict[str, Crossing]:
    """Every listed crossing by its code."""
    found = {}
    for row in rows_of("ua_border_crossings.csv.gz"):
        place = {"lat": float(row["lat"]), "lon": float(row["lon"])}
        found[row["code"]] = Crossing(**{key: row[key] for key in ("code", "name_en", "name_local", "country", "kind")}, **place)
    return found


def nearest_first(point: LatLon | None) -> list[tuple[Crossing, float | None]]:
    """All crossings with the distance as the crow flies from a public point; by name and without distance where there is none."""
    if point is None:
        return [(one, None) for one in sorted(crossings().values(), key=lambda one: one.name)]
    placed: Iterable[tuple[Crossing, float]] = ((one, distance_km(point, (one.lat, one.lon))) for one in crossings().values())
    return sorted(placed, key=lambda pair: pair[1])


def is_old(today: date) -> bool:
    """Whether the list is too old to be relied on."""
    return today - LISTED_ON > OLD_AFTER


def standing_words(today: date) -> str:
    """What may be said of every crossing of the list on a day: that it was listed, when, and that it must be checked."""
    day = {"day": date_format(LISTED_ON, "j E Y")}
    if is_old(today):
        return _("Listed as operational on %(day)s: old, check before people set off.") % day
    return _("Listed as operational on %(day)s: check before people set off.") % day
