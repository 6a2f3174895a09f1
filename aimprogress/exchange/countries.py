"""Countries as people type them: code, English, Ukrainian, Russian, Polish, German and own names."""

# ruff: noqa: E501 - lists of words and numbers stay readable in few lines

from functools import cache
from importlib import resources

from aimprogress.exchange.text import key, remembered

_DATA = "country_names.tsv"


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    text = resources.files("aimprogress.exchange").joinpath("data", _DATA).read_text(encoding="utf-8")
    for line in text.splitlines():
        code, alpha3, names = line.split("\t")
        for name in (code, alpha3, *names.split("|")):
            found.setdefault(_country_key(name), code)
    return found


def _country_key(text: str) -> str:
    return key(text).replace(" ", "")


@remembered(10_000)
def country_code(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country written in any of its usual ways; None if it is none."""
    folded = _country_key(text)
    return _names().get(folded) if folded else None


# Middle points that map services give for a whole country; never the place of a site.
CENTRES = {
    "CN": (35.86166, 104.195397), "IN": (20.593684, 78.96288), "BD": (23.684994, 90.356331), "VN": (14.058324, 108.277199),
    "US": (37.09024, -95.712891), "UA": (48.379433, 31.16558), "PL": (51.919438, 19.145136), "RU": (61.52401, 105.318756),
    "BY": (53.709807, 27.953389), "RO": (45.943161, 24.96676), "MD": (47.411631, 28.369885), "HU": (47.162494, 19.503304),
    "SK": (48.669026, 19.699024), "TR": (38.963745, 35.243322), "DE": (51.165691, 10.451526), "FR": (46.227638, 2.213749),
    "IT": (41.87194, 12.56738), "ES": (40.463667, -3.74922), "GB": (55.378051, -3.435973), "PT": (39.399872, -8.224454),
    "PK": (30.375321, 69.345116), "LK": (7.873054, 80.771797), "KH": (12.565679, 104.990963), "ID": (-0.789275, 113.921327),
    "TH": (15.870032, 100.992541), "MX": (23.634501, -102.552784), "PE": (-9.189967, -75.015152), "BR": (-14.235004, -51.92528),
    "GE": (42.315407, 43.356892), "BG": (42.733883, 25.48583), "LT": (55.169438, 23.881275), "LV": (56.879635, 24.603189),
    "EE": (58.595272, 25.013607), "CZ": (49.817492, 15.472962), "KR": (35.907757, 127.766922), "TW": (23.69781, 120.960515),
}  # fmt: skip

# Generous frames (south, west, north, east) in degrees: enough to see that two numbers were exchanged.
FRAMES = {
    "UA": (44.2, 22.0, 52.5, 40.4), "BY": (51.2, 23.1, 56.3, 32.9), "MD": (45.4, 26.5, 48.6, 30.3), "PL": (48.9, 14.0, 55.0, 24.3),
    "RO": (43.5, 20.2, 48.4, 30.0), "HU": (45.6, 16.0, 48.7, 23.0), "SK": (47.6, 16.7, 49.7, 22.7), "BG": (41.1, 22.2, 44.4, 28.8),
    "LT": (53.8, 20.8, 56.6, 26.9), "LV": (55.6, 20.7, 58.2, 28.4), "EE": (57.4, 21.5, 59.9, 28.4), "CZ": (48.4, 12.0, 51.2, 19.0),
    "GE": (41.0, 39.9, 43.7, 46.8), "TR": (35.7, 25.5, 42.3, 45.0), "DE": (47.1, 5.7, 55.2, 15.2), "RU": (41.0, 19.4, 82.0, 180.0),
    "AM": (38.8, 43.3, 41.4, 46.7), "AZ": (38.3, 44.7, 42.0, 50.8), "KZ": (40.5, 46.4, 55.5, 87.4), "AT": (46.3, 9.4, 49.1, 17.3),
    "IT": (35.4, 6.5, 47.2, 18.6), "FR": (41.2, -5.3, 51.2, 9.7), "ES": (27.5, -18.3, 43.9, 4.4), "GB": (49.8, -8.7, 60.9, 1.9),
    "NL": (50.7, 3.3, 53.6, 7.3), "BE": (49.4, 2.5, 51.6, 6.5), "CH": (45.7, 5.9, 47.9, 10.6), "PT": (32.3, -31.4, 42.2, -6.1),
    "CN": (18.0, 73.4, 53.7, 135.2), "IN": (6.6, 68.0, 35.7, 97.5), "BD": (20.5, 88.0, 26.7, 92.8), "VN": (8.3, 102.0, 23.5, 109.6),
}  # fmt: skip
