"""Free text that gives a position away. Exact places are kept encrypted; a note beside them is read by many more people.

Recognised: pairs of decimal degrees, degrees with minutes, grids (MGRS, UTM, Gauss-Krüger), plus codes, what3words, links to
maps. Words ("the bridge south of the plant") are not: no list of words would hold, and it would refuse urgent reports. Two
numbers without a letter are judged by where they would lie and how exactly; amounts, and lists of figures, are left alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

_NUMBER = r"[-+]?\d{1,3}[.,]\d{2,12}"
_SIXTIETHS = r"\d{1,3}[\s°º:]{1,3}[0-5]?\d(?:[\s'′’‘:]{1,3}[0-5]?\d)?(?:[.,]\d+)?[\s\"″”'′’]{0,3}"
_LATITUDE = (
    r"(?:(?i:lat(?:itude)?|широта|шир\.|szerokość|latitudine)[^\d\n]{0,5}?|[NS])",
    r"(?:[NS]|(?i:(?:пн|пд|с|ю)\.?\s?ш))(?![^\W\d_])",
)
_LONGITUDE = (
    r"(?:(?i:lon(?:g(?:itude)?)?|lng|довгота|долгота|довг\.|долг\.|długość|longitudine)[^\d\n]{0,5}?|[EW])",
    r"(?:[EW]|(?i:(?:сх|зх|в|з)\.?\s?д))(?![^\W\d_])",
)


def _said(number: str, words: tuple[str, str]) -> str:
    """A number with what it is before or behind it: "lat: 49.99", "N49.99", "49.99 N"."""
    return rf"(?:(?<![^\W_]){words[0]}[\s:=°]{{0,3}}{number}|(?<![\w.,]){number}\s?°?\s?{words[1]})"


def _both(number: str) -> str:
    """Latitude and longitude, in either order, with little between them."""
    lat, lon = _said(number, _LATITUDE), _said(number, _LONGITUDE)
    return rf"(?:{lat}[^\d\n]{{0,20}}?{lon}|{lon}[^\d\n]{{0,20}}?{lat})"


_EXPLICIT = re.compile(
    rf"""{_both(_NUMBER)}                                            # N49.9935, E36.2304; lat: 49.99, lng: 36.23
    | {_both(_SIXTIETHS)}                                            # 49 59 36 N 36 13 49 E
    | \b\d{{4}}(?:\d\d)?[NS][\s,/]?\d{{5}}(?:\d\d)?[EW]\b            # 495936N0361349E
    | \d{{1,3}}\s*[°º]\s*\d{{1,2}}(?:[.,]\d+)?\s*['′’‘]
        (?:\s*\d{{1,2}}(?:[.,]\d+)?\s*["″”])?\s*(?:[NSEW]\b)?       # 49° 50' 23" N
    # 35U LR 12345 67890
    | \b\d{{1,2}}[C-HJ-NP-X]\s?[A-HJ-NP-Z]{{2}}\s?(?:\d{{5}}\s?\d{{5}}|\d{{4}}\s?\d{{4}}|\d{{3}}\s?\d{{3}})\b
    | \b(?:3[2-9]|4[0-6])\s?[TUV]\s?[A-HJ-NP-Z]{{2}}\s?\d\d\s?\d\d\b
    | \b[3-5]\d\s?[N-X],?\s0?\d{{6}}(?:[.,]\d+)?\s?m?E?[\s,;/]{{1,3}}\d{{7}}(?:[.,]\d+)?(?!\d)N?  # 36U 302345 5541234
    | (?i:\b[xх]\s?[:=]?\s?\d{{5,7}}[\s,;]{{1,3}}[yу]\s?[:=]?\s?\d{{5,7}}\b)                     # X 5541234 Y 7302345
    | \b[23456789CFGHJMPQRVWX]{{4,8}}\+[23456789CFGHJMPQRVWX]{{2,3}}\b                            # 8GX8RPQJ+V2
    | ///[^\W\d_]+\.[^\W\d_]+\.[^\W\d_]+                                                        # ///three.plain.words
    | \bgeo:[-+]?\d\S*
    | (?i:\b(?:maps\.[a-z]|goo\.gl/maps|google\.[a-z.]+/maps|(?:yandex\.[a-z.]+|ya\.ru)/(?:maps|navi|profile)|2gis\.[a-z]
        |openstreetmap\.|osm\.org|osmand\.net|what3words\.[a-z]|w3w\.co|bing\.com/maps|wikimapia\.|waze\.com
        |wego\.here\.|visicom\.ua|mapy\.|deepstatemap\.|organicmaps\.|om://)\S*)
    """,
    re.VERBOSE,
)
_PAIR = re.compile(
    r"(?<![\w.,])(?P<first>[-+]?\d{1,3}[.,]\d{2,12})\s?°?(?:\s?[,;/|]\s?|\s)(?=(?P<second>[-+]?\d{1,3}[.,]\d{2,12})°?(?![\w]|[.,]\d))"
)
_AMOUNT = r"(?:EUR|USD|UAH|PLN|RON|MDL|GBP|CHF|BYN|RUB|грн|zł|lei|євро|евро|euro|[€$£₴₽%])"
_UNIT = re.compile(rf"\s?(?:{_AMOUNT}|(?:kg|t|kW|kWh|MW|m|m2|m3|km|l|h|кг|т|кВт|МВт|м|м2|м3|км|л|год|ч)\b)")
_OF_AMOUNT = re.compile(rf"{_AMOUNT}\s?$")
_MORE = re.compile(r"(?:\s?[,;/|]\s?|\s)[-+]?\d+[.,]\d\d(?!\d)")
_MORE_BEFORE = re.compile(r"\d[.,]\d\d(?:\s?[,;/|]\s?|\s)$")
_NEAR = (44, 57), (22, 41)
"""Ukraine, Moldova and just beyond their borders: there a pair with two decimals, a kilometre, is near enough to find a plant."""
_FAR = (35, 82), (5, 180)
"""Europe and Asia, where the members' sites are: there a pair with three decimals or more is no two figures by chance."""


SAID = _("“%(found)s” gives a position away. Take it out: exact places belong on the site's page, where they are encrypted.")


def position_in(text: str) -> str:
    """The first position that `text` names, as it stands there; "" for none."""
    begin, end = min(_spans(text), default=(0, 0))
    return text[begin:end].strip()


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where positions stand in `text`, in no order."""
    yield from (found.span() for found in _EXPLICIT.finditer(text))
    yield from ((pair.start(), pair.end("second")) for pair in _PAIR.finditer(text) if _is_position(pair))


def _is_position(pair: re.Match[str]) -> bool:
    """Whether two decimal numbers side by side are a place, and not two figures."""
    numbers, text, end = (pair["first"], pair["second"]), pair.string, pair.end("second")
    decimals = min(len(re.split("[.,]", number)[1]) for number in numbers)
    if decimals >= 4:
        return _lies(numbers, _FAR)
    before = text[max(0, pair.start() - 12) : pair.start()]
    if _UNIT.match(text, end) or _OF_AMOUNT.search(before):
        return False
    if all(number.endswith("0") for number in numbers):  # 45.50, 32.20 is a price, 45,500 a thousand
        return False
    if decimals == 3:
        return _lies(numbers, _FAR)
    return _lies(numbers, _NEAR) and not _MORE.match(text, end) and not _MORE_BEFORE.search(before)


def _lies(numbers: tuple[str, str], where: tuple[tuple[int, int], tuple[int, int]]) -> bool:
    one, other = (float(number.replace(",", ".")) for number in numbers)
    (south, north), (west, east) = where
    return any(south <= lat < north and west <= lon < east for lat, lon in ((one, other), (other, one)))


HELD_BACK = "[…]"
"""Stands in a text in the place of what gave a position away."""


def without_positions(text: str) -> str:
    """`text` with every position in it taken out. What is left names none, also not by what now stands together."""
    while spans := sorted(_spans(text), reverse=True):
        begin, end = spans[0]
        text = " ".join(f"{text[:begin]} {HELD_BACK} {text[end:]}".split())
    return text


def refused_position(found: str) -> ValidationError:
    """What is said beside a text that names the position `found`."""
    return ValidationError(SAID, code="position", params={"found": found})


def plain_texts(model: type[models.Model], names: Iterable[str]) -> list[str]:
    """Those of the columns `names` that hold people's own words in plain text; none may name a position. Encrypted texts may."""
    return [name for name in names if _is_plain(model._meta.get_field(name))]


def _is_plain(field: models.Field) -> bool:
    plain = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.URLField)
    return plain and not hasattr(field, "sealed") and not field.choices


def named_positions(texts: Iterable[str], row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each of the columns `texts` that names a position in `row`, with that position."""
    for name in texts:
        if found := position_in(row.get(name) or ""):
            yield name, found


def refuse_positions(row: models.Model, texts: Iterable[str]) -> None:
    """Raises ValidationError beside each of the columns `texts` of `row` that names a position."""
    found = named_positions(texts, vars(row))
    if errors := {name: refused_position(position) for name, position in found}:
        raise ValidationError(errors)
