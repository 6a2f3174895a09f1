"""Columns matched by meaning: what a heading says in five languages, its HXL tag, and what the values look like.

A column of contact persons, e-mail addresses or telephone numbers is never read, whatever it is called.
"""

# ruff: noqa: E501, SIM905 - lists of words and numbers stay readable in few lines

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.countries import country_code
from aimprogress.exchange.points import read_degrees
from aimprogress.exchange.reading import Value, is_blank
from aimprogress.exchange.text import clean, key
from aimprogress.exchange.values import read_date, shown

LEAVE_OUT = ""
SURE, LIKELY, GUESS = 3.0, 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a target wants to know of each row.

    `kind` names the reader of the cell. `words` are headings in any language, compared folded. `several`: more than one
    column may feed it. `stored`: False where the portal understands it for matching but keeps it nowhere.
    """

    name: str
    label: str | Promise
    kind: str
    words: tuple[str, ...]
    hxl: tuple[str, ...] = ()
    required: bool = False
    several: bool = False
    stored: bool = True
    most: int = 200
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, str | Promise] = field(default_factory=dict)  # of the choices, for the control that mends a cell
    under: tuple[str, ...] = ()  # headings of the level above under which a vague heading means this


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table as it stands in the file, with its heading, the heading above it, and its first values."""

    at: int
    heading: str
    above: str = ""
    tag: str = ""
    samples: tuple[Value, ...] = ()

    @property
    def example(self) -> str:
        """The first value, as its author sees it."""
        return next((shown(value) for value in self.samples if not is_blank(value)), "")


@dataclass(frozen=True, slots=True)
class Match:
    """What a column is read as. `how`: exact, meaning, values (a guess), chosen; or why it is not read."""

    column: Column
    field: str
    how: str


CONTACT_WORDS = (
    "contact person phone telephone tel mobile fax email mail owner manager director ceo whatsapp telegram viber skype responsible "
    "контакт контактна контактний контактное особа лицо телефон тел моб пошта почта имейл директор керівник руководитель піб фио "
    "osoba kontakt kontaktowa telefon komorka dyrektor kierownik prezes ansprechpartner ansprechperson handy leiter kontaktperson "
    "passport паспорт birthdate"
).split()
_CONTACT_KEYS = frozenset(key(word) for word in CONTACT_WORDS)
_PERSON_PHRASES = tuple(
    key(phrase)
    for phrase in (
        "full name of",
        "first name",
        "last name",
        "surname",
        "прізвище",
        "фамилия",
        "nazwisko",
        "nachname",
        "worker name",
    )
)
_MILITARY_KEYS = frozenset(
    key(word)
    for word in "mobilised mobilized conscripted serving killed missing detained мобілізовані мобілізовано загиблі зниклі полонені "
    "мобилизованные погибшие пропавшие zmobilizowani polegli zaginieni einberufen gefallen vermisst".split()
)
_RUNNING = frozenset({"", "no", "nr", "n", "num", "row", "line", "lp", "pp", "pos", "lfd nr", "n p p"})
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}\.[a-zA-Z]{2,}")  # bounded: a cell may hold one word of 200,000 letters
_PHONE = re.compile(r"^(?:tel\.?:?\s*)?\+?\(?\d[\d\s().\-/]{7,}\d$")


def wordings(heading: str) -> list[str]:
    """A heading folded: whole, and each side of a slash, a bracket or a line break."""
    parts = [heading, *re.split(r"[/|(\[\n;]|\s[-–—:]\s", heading)]
    return list(dict.fromkeys(folded for part in parts if (folded := key(part.replace("№", " no ").replace("%", " percent ")))))


def is_contact(column: Column) -> bool:
    """True where a column holds people to be reached: by its heading, its tag or the look of its values."""
    if re.search(r"#contact|\+(email|phone|fax)", column.tag):
        return True
    words = set(" ".join(wordings(column.heading)).split())
    if words & _CONTACT_KEYS or any(phrase in key(column.heading) for phrase in _PERSON_PHRASES):
        return True
    texts = [clean(value) for value in column.samples if isinstance(value, str) and not is_blank(value)]
    looks = sum(bool(_EMAIL.search(text)) or bool(_PHONE.match(text) and "+" in text) for text in texts)
    return bool(texts) and looks * 2 >= len(texts)


def match_columns(columns: Sequence[Column], fields: Sequence[Field], chosen: Mapping[int, str] | None = None) -> list[Match]:
    """One Match per column. `chosen` (column position -> field name or LEAVE_OUT) overrules, never for contact columns."""
    chosen, never = chosen or {}, {column.at: reason for column in columns if (reason := _never_read(column))}
    looks: dict[tuple[int, str], float] = {}
    scores = sorted(
        ((score, -column.at, -order, how, column.at, wanted.name)
         for column in columns if column.at not in never and column.at not in chosen
         for order, wanted in enumerate(fields)
         for score, how in [_score(column, wanted, looks)] if score),
        reverse=True,
    )  # fmt: skip
    several = {wanted.name for wanted in fields if wanted.several}
    names = {wanted.name for wanted in fields}
    found = {at: (name, "chosen") for at, name in chosen.items() if at not in never and name in names}
    taken = {name: "chosen" for name, _how in found.values()}
    for _points, _at, _order, how, at, name in scores:
        if at in found or (name in taken and not (name in several and how != "values")):
            continue
        found[at], taken[name] = (name, how), how
    return [_matched(column, found, never, chosen) for column in columns]


def _matched(column: Column, found: dict[int, tuple[str, str]], never: dict[int, str], chosen: Mapping[int, str]) -> Match:
    if column.at in never:
        return Match(column, LEAVE_OUT, never[column.at])
    if column.at in found:
        return Match(column, *found[column.at])
    if column.at in chosen:
        return Match(column, LEAVE_OUT, "no_field")
    if all(is_blank(value) for value in column.samples):
        return Match(column, LEAVE_OUT, "nothing_in_it")
    return Match(column, LEAVE_OUT, "running_number" if _is_running_number(column) else "no_field")


def _never_read(column: Column) -> str:
    if is_contact(column):
        return "contact"
    if set(" ".join(wordings(column.heading)).split()) & _MILITARY_KEYS:
        return "military"
    return "running_number" if _is_running_number(column) and key(column.heading.replace("№", "no")) in _RUNNING else ""


def _is_running_number(column: Column) -> bool:
    numbers = [value for value in column.samples if isinstance(value, int) and not isinstance(value, bool)]
    rising = all(one < other for one, other in pairwise(numbers))
    return len(numbers) > 1 and numbers[0] in (0, 1) and rising and numbers[-1] <= numbers[0] + 3 * len(numbers)


def heading_score(heading: str, fields: Sequence[Field]) -> float:
    """How well a cell reads as a heading of any field: used to find the row of column names."""
    column = Column(0, heading)
    if is_contact(column):
        return LIKELY
    return max((_heading_score(column, wanted) for wanted in fields), default=0.0)


def _score(column: Column, wanted: Field, looked: dict[tuple[int, str], float]) -> tuple[float, str]:
    """How well a column fits a field, and how that is known. `looked` keeps how the values of each column look as each kind."""
    if column.tag and any(_tag_fits(column.tag, tag) for tag in wanted.hxl):
        return SURE + 1.5, "exact"
    words = _heading_score(column, wanted)
    if wanted.kind == "count" and "percent" in " ".join(wordings(column.heading)).split():
        return 0.0, ""  # a share of the people is no number of people
    looks = _LOOKS.get(wanted.kind)
    if looks and (column.at, wanted.kind) not in looked:
        looked[column.at, wanted.kind] = looks(column.samples)
    fits = looked.get((column.at, wanted.kind))
    if words:
        if fits is not None and fits < 0.25 and wanted.kind in ("country", "count", "percentage", "date") and column.samples:
            return (0.0, "") if words < SURE else (words - 1.5, "meaning")
        bonus = 0.4 * fits if fits is not None else 0.0
        return words + bonus, "exact" if words >= SURE else "meaning"
    if fits is not None and fits > 0.8 and wanted.kind in _BY_VALUES and not _says_otherwise(column):
        return GUESS * fits, "values"
    return 0.0, ""


def _says_otherwise(column: Column) -> bool:
    """A heading with words of its own that mean something else: an "operating region" full of country names."""
    return "operating" in key(column.heading).split()


def _heading_score(column: Column, wanted: Field) -> float:
    texts = wordings(column.heading)
    if not texts:
        return 0.0
    words = _folded(wanted.words)
    if texts[0] in words or texts[0] == key(str(wanted.label)):  # the reader's own words for it count as well
        best = SURE + 0.5
    elif any(text in words for text in texts):
        best = SURE
    else:
        best = max((_overlap(text, words) for text in texts), default=0.0)
    if wanted.under and any(text in _folded(wanted.under) for text in wordings(column.above)):
        best = best + 0.3 if best else 0.0
    return best


def _overlap(text: str, words: Mapping[str, frozenset[str]]) -> float:
    """A heading that holds all words of a synonym, "name of the supplier site" for "site name": likelier the more it covers."""
    have = frozenset(text.split()) - _FILLERS
    best = 0.0
    for word, want in words.items():
        if want <= have and len(have) <= len(want) + 3 and not (len(want) < 2 and len(have) > 2 and len(word) < 5):
            best = max(best, LIKELY * (0.5 + 0.5 * len(want) / len(have)) - 0.2)
    return best


_FILLERS = frozenset({"the", "of", "in", "a", "and", "or", "for", "de", "der", "die", "das", "your", "please", "data"})
_cache: dict[tuple[str, ...], dict[str, frozenset[str]]] = {}


def _folded(words: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Synonyms folded, each with its set of words."""
    if words not in _cache:
        folded = {key(word.replace("%", " percent ")) for word in words} - {""}
        _cache[words] = {word: frozenset(word.split()) for word in folded}
    return _cache[words]


def _tag_fits(tag: str, wanted: str) -> bool:
    """True where an HXL tag has the wanted base and all its attributes."""
    have, want = tag.lower().replace(" ", "").split("+"), wanted.split("+")
    return have[0] == want[0] and set(want[1:]) <= set(have[1:])


def _share(values: Iterable[Value], fits: Callable[[Value], bool]) -> float:
    filled = [value for value in values if not is_blank(value)]
    return sum(fits(value) for value in filled) / len(filled) if filled else 0.0


def _is_number(value: Value) -> bool:
    return bool(re.match(r"^[<≤~]?\s*-?\d", clean(str(value)))) and not re.search(r"[A-Za-z]{4,}", str(value))


def _is_country(value: Value) -> bool:
    return isinstance(value, str) and country_code(clean(value)) is not None


def _is_point(value: Value) -> bool:
    return isinstance(value, str) and isinstance(read_degrees(value).value, tuple)


def _is_share(value: Value) -> bool:
    text = clean(str(value)).rstrip("%").replace(",", ".")
    return bool(re.fullmatch(r"\d{1,3}(\.\d+)?\s*", text)) and float(text) <= 100


def _is_date(value: Value) -> bool:
    read = read_date(value)
    return read.value is not None or (read.error is not None and read.error[0] == "no_such_day")


_LOOKS: dict[str, Callable[[Sequence[Value]], float]] = {
    "country": lambda values: _share(values, _is_country),
    "count": lambda values: _share(values, _is_number),
    "percentage": lambda values: _share(values, _is_share),
    "point": lambda values: _share(values, _is_point),
    "date": lambda values: _share(values, _is_date),
}
_BY_VALUES = {"country", "point"}

PLACE_FIELDS: tuple[Field, ...] = (
    Field("country", _("Country"), "country",
          ("country", "country code", "country region", "location", "land", "nation", "iso", "iso2", "country name", "country of production",
           "країна", "держава", "страна", "kraj", "państwo", "țara", "tara", "ország", "staat"),
          ("#country+code", "#country+name", "#country"), required=True),
    Field("region", _("Oblast or region"), "text",
          ("region", "oblast", "province", "state", "state province", "adm1", "admin1", "voivodeship", "county", "judet", "area",
           "область", "регіон", "регион", "край", "województwo", "wojewodztwo", "bundesland", "provinz", "județ", "oblast region"),
          ("#adm1+name", "#adm1"), most=120),
    Field("district", _("District"), "text",
          ("district", "raion", "rayon", "adm2", "admin2", "powiat", "район", "landkreis", "kreis", "hromada", "громада", "gmina"),
          ("#adm2+name", "#adm2"), most=120, stored=False),
    Field("settlement", _("City or settlement"), "text",
          ("city", "town", "settlement", "place", "village", "municipality", "locality", "city town", "adm3", "city name",
           "місто", "населений пункт", "населенный пункт", "город", "нп", "miasto", "miejscowość", "miejscowosc", "ort", "stadt",
           "oraș", "localitate"),
          ("#adm3+name", "#adm4+name", "#loc+name", "#loc+settlement"), most=120),
    Field("address", _("Address"), "text",
          ("address", "street", "street address", "address 1", "address 2", "address 3", "address line 1", "address line 2", "addr",
           "адреса", "адрес", "вулиця", "улица", "ulica", "adres", "adresse", "straße", "strasse", "anschrift", "strada", "adresa"),
          ("#loc+address",), several=True, most=300),
    Field("postcode", _("Postal code"), "text",
          ("zip", "zip code", "postal code", "postcode", "post code", "plz", "індекс", "поштовий індекс", "индекс", "почтовый индекс",
           "kod pocztowy", "kod", "postleitzahl"),
          ("#loc+postcode",), most=20),
    Field("lat", _("Latitude"), "latitude",
          ("lat", "latitude", "lat dd", "y", "широта", "szerokość geograficzna", "szerokość", "breite", "breitengrad", "latitudine"),
          ("#geo+lat",), under=("coordinates", "координати", "координаты", "współrzędne", "koordinaten", "gps")),
    Field("lon", _("Longitude"), "longitude",
          ("lon", "lng", "long", "longitude", "x", "довгота", "долгота", "długość geograficzna", "długość", "länge", "längengrad"),
          ("#geo+lon",), under=("coordinates", "координати", "координаты", "współrzędne", "koordinaten", "gps")),
    Field("point", _("Coordinates in one cell"), "point",
          ("coordinates", "coords", "gps", "gps coordinates", "lat lon", "lat long", "location point", "geo", "map link",
           "координати", "координаты", "współrzędne", "koordinaten"),
          ("#geo+coord",)),
)  # fmt: skip
