"""Free text that gives a position away. Exact places are kept encrypted; a note beside them is read by many more people.

Recognised: pairs of decimal degrees, degrees with minutes, military grid references (MGRS), plus codes, what3words, links to
maps. Words ("the bridge south of the plant") are not: no list of words would hold, and it would refuse urgent reports.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

_DEGREES = r"[-+]?\d{1,3}[.,]\d{3,}\s*°?\s*[NSEWnsew]?"
_NEAR = r"(?:4[4-9]|5[0-6])[.]\d\d\s*°?\s*[,;]\s*(?:2[2-9]|3\d|40)[.]\d\d\s*°?"
"""A kilometre is near enough to find a plant: a pair with two decimals that lies in Ukraine or just beyond its borders."""
_POSITIONS = re.compile(
    rf"""(?<![\w.,]){_DEGREES}\s*[,;/\s]\s*{_DEGREES}(?![\w.])     # 49.8397, 24.0297
    | (?<![\w.,]){_NEAR}(?![\w.,]*\d)                             # 49.99, 36.23
    | \d{{1,3}}\s*[°º]\s*\d{{1,2}}(?:[.,]\d+)?\s*['′’‘]             # 49° 50' 23" N
    # 35U LR 12345 67890
    | \b\d{{1,2}}[C-HJ-NP-X]\s?[A-HJ-NP-Z]{{2}}\s?(?:\d{{4}}\s?\d{{4}}|\d{{5}}\s?\d{{5}}|\d{{3}}\s?\d{{3}})\b
    | \b[23456789CFGHJMPQRVWX]{{4,8}}\+[23456789CFGHJMPQRVWX]{{2,3}}\b      # 8GX8RPQJ+V2
    | ///[^\W\d_]+\.[^\W\d_]+\.[^\W\d_]+                             # ///three.plain.words
    | \bgeo:[-+]?\d | \b(?:maps\.|goo\.gl/maps|google\.\w+/maps|openstreetmap\.|osm\.org|what3words\.)\S*
    """,
    re.VERBOSE,
)

SAID = _("“%(found)s” gives a position away. Take it out: exact places belong on the site's page, where they are encrypted.")


def position_in(text: str) -> str:
    """The first position that `text` names, as it stands there; "" for none."""
    found = _POSITIONS.search(text)
    return found[0].strip() if found else ""


HELD_BACK = "[…]"
"""Stands in a text in the place of what gave a position away."""


def without_positions(text: str) -> str:
    """`text` with every position in it taken out. What is left names none, also not by what now stands together."""
    while position_in(text):
        text = " ".join(_POSITIONS.sub(f" {HELD_BACK} ", text).split())
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


def refuse_positions(row: models.Model, exclude: Collection[str]) -> None:
    """Raises ValidationError beside each plain text of `row` that names a position."""
    texts = plain_texts(type(row), [field.name for field in row._meta.concrete_fields if field.name not in exclude])
    found = named_positions(texts, vars(row))
    if errors := {name: refused_position(position) for name, position in found}:
        raise ValidationError(errors)
