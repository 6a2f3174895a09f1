"""One specification per noun: which columns a fast read takes, at what precision they leave, and their schema.

    SITE_ROWS = RowSpec("Site", (Column("id", "id", Kind.UUID), Column("name", "name"), ...), site="")

    rows = SITE_ROWS.values(Site.objects.filter(...))          # one query, dictionaries, nothing decrypted
    [SITE_ROWS.present(row, actor) for row in rows]            # reduced to what this Actor may see
    SITE_ROWS.schema()                                         # OpenAPI of the same columns

A specification about sites (`site` = the path to the site, "" for Site itself) also reads what the rules of
figures/precision.py need: it cannot be used without them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import get_language

from aimprogress.core.actor import Actor, current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.precision import FRONT, NEAR_FRONT, Precision, precision_for, present_site, sees_strict


class Kind(Enum):
    """The type of a column, as OpenAPI writes it."""

    TEXT = {"type": "string"}
    UUID = {"type": "string", "format": "uuid"}
    INSTANT = {"type": "string", "format": "date-time"}
    DATE = {"type": "string", "format": "date"}
    INTEGER = {"type": "integer"}
    NUMBER = {"type": "number"}
    BOOLEAN = {"type": "boolean"}
    LIST = {"type": "array", "items": {"type": "string"}}
    OBJECT = {"type": "object", "additionalProperties": True}
    COUNT = {"oneOf": [{"type": "integer"}, {"type": "string", "pattern": "^[<>][0-9]+$"}]}
    """People: outsiders read "<5" for one to four, and a bound where a difference would tell them."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in the answer, where it comes from, its type.

    source: the path as for `.values()`, or a function of no arguments that makes an expression (for what depends on
    the time). hidden: read because a rule needs it, never answered. may_be_absent: left out for some readers.
    """

    name: str
    source: str | Callable[[], Any] = ""
    kind: Kind = Kind.TEXT
    nullable: bool = True
    hidden: bool = False
    may_be_absent: bool = False
    choices: tuple[str, ...] = ()
    about: str = ""

    @property
    def key(self) -> str:
        """The key of this column in the rows of `.values()`."""
        return self.name if callable(self.source) else self.source or self.name

    def schema(self) -> dict[str, Any]:
        """OpenAPI 3.1 of this column."""
        found: dict[str, Any] = dict(self.kind.value)
        if self.choices:
            found["enum"] = [*self.choices, None] if self.nullable else list(self.choices)
        if self.nullable and "type" in found:
            found["type"] = [found["type"], "null"]
        elif self.nullable:
            found["oneOf"] = [*found["oneOf"], {"type": "null"}]
        if self.about:
            found["description"] = self.about
        return found


SITE_NEEDS = ("id", "organisation_id", "country", "safety_profile", "current_control")
"""What the precision of a row depends on."""


def place_columns(site: str = "") -> tuple[Column, ...]:
    """Where a site is, as far as the reader may know: name, member, country, region, district."""
    return (
        Column("name", f"{site}name", about="Outside the site's own organisation: member, region and a number"),
        Column("member_name", f"{site}organisation__short_name", about="Short name of the member"),
        Column("country", f"{site}country", nullable=False, about="ISO 3166-1 alpha-2"),
        Column("admin1_code", f"{site}admin1_id", about="KATOTTG code in Ukraine, ISO 3166-2 elsewhere"),
        Column("admin1_name", f"{site}admin1__name_en"),
        Column("area_code", f"{site}area_id"),
        Column("area_name", f"{site}area__name_en"),
        Column("number_in_area", f"{site}number_in_area", Kind.INTEGER, hidden=True),
        Column("_admin1_local", f"{site}admin1__name_local", hidden=True),
        Column("_area_local", f"{site}area__name_local", hidden=True),
        Column("_area_level", f"{site}area__level", Kind.INTEGER, hidden=True),
    )


FRONT_KEY = "_near_front"


def _near_the_front(site: str) -> Any:
    """Whether the official list, on today's date, has an area around the site as fought over, near the front or occupied.

    Rather too often than too seldom: exceptions inside a listed area are not taken out. Owners are not asked about it.
    """
    actor = current_actor()
    if not (actor.is_secretariat or actor.shared_only or actor.kind == "system"):
        return Value(False, output_field=BooleanField())
    from aimprogress.places.models import AreaConflictStatus  # late: the specification itself needs no table

    today = timezone.localdate()
    around = Q(area=OuterRef(f"{site}admin1_id"))
    for path in ("area_id", "area__parent_id", "settlement__area_id"):
        around |= Q(area=OuterRef(f"{site}{path}"))
    lines = AreaConflictStatus.objects.filter(around, status__in=FRONT, valid_from__lte=today)
    return Exists(lines.filter(Q(valid_to=None) | Q(valid_to__gte=today)))


@dataclass(frozen=True)
class RowSpec:
    """The columns of a noun. `site`: path to the site ("" for Site, "site__" for its facts), None for other nouns."""

    name: str
    columns: tuple[Column, ...]
    site: str | None = None
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = field(default=None)
    """Last word on a presented row: derived values that need no query."""
    derived: frozenset[str] = frozenset()
    """Columns that only `finish` uses and takes out of the row."""

    @property
    def shown(self) -> list[Column]:
        """The columns that stand in an answer, in order."""
        return [column for column in self.columns if not column.hidden and column.name not in self.derived]

    def values(self, queryset: QuerySet, *, also: Iterable[str] = ()) -> QuerySet:
        """`queryset` as dictionaries with this specification's columns; `also` names further ones, for cursors."""
        names = {column.key for column in self.columns if not callable(column.source)} | set(also)
        if self.site is not None:
            names |= {f"{self.site}{need}" for need in SITE_NEEDS}
        made = {column.name: column.source() for column in self.columns if callable(column.source)}
        if self.site is not None:
            made[FRONT_KEY] = _near_the_front(self.site)
        return queryset.values(*sorted(names), **made)

    def present(self, row: Mapping[str, Any], actor: Actor, *, granted: str | None = None) -> dict[str, Any]:
        """A row of `values` as `actor` may see it, with the key `precision` for rows about sites.

        `granted`: the precision of the DataShare through which it is read.
        """
        values = {column.name: row[column.key] for column in self.columns}
        if self.site is not None:
            values = self._reduced(values, row, actor, granted)
        hidden = {column.name for column in self.columns if column.hidden}
        seen = {key: value for key, value in values.items() if key not in hidden}
        return self.finish(seen) if self.finish else seen

    def _reduced(self, values: dict[str, Any], row: Mapping[str, Any], actor: Actor, granted: str | None) -> dict[str, Any]:
        site = {need: row[f"{self.site}{need}"] for need in SITE_NEEDS}
        site["area_status"] = NEAR_FRONT if row.get(FRONT_KEY) else None
        if "admin1_name" in values:
            values |= _area_names(values)
        precision = precision_for(actor, site, granted=granted)
        seen = present_site(
            values | {"safety_profile": site["safety_profile"]},
            precision,
            own=actor.owns(site["organisation_id"]),
            strict=sees_strict(actor, site, values if "reported_by_id" in values else None),
            people=actor.may(Permission.HEADCOUNT_READ),
        )
        if "safety_profile" not in values:
            del seen["safety_profile"]
        if precision is Precision.COUNTRY and not actor.owns(site["organisation_id"]):
            # An id would let two pulls be joined with somebody else's list at a finer precision.
            seen |= {key: None for key in ("site_id",) if key in seen}
        return seen | {"precision": precision.value}

    def schema(self) -> dict[str, Any]:
        """OpenAPI 3.1 of one presented row."""
        properties = {column.name: column.schema() for column in self.shown}
        required = [column.name for column in self.shown if not column.may_be_absent]
        if self.site is not None:
            properties["precision"] = {"type": "string", "enum": [step.value for step in Precision]}
            required.append("precision")
        return {"type": "object", "properties": properties, "required": required}


def _area_names(values: Mapping[str, Any]) -> dict[str, Any]:
    language = get_language() or "en"
    names = {
        "admin1_name": _area_label(
            values["admin1_code"], 1, values["admin1_name"], values.get("_admin1_local"), values["country"], language
        )
    }
    if values.get("area_code"):
        names["area_name"] = _area_label(
            values["area_code"], values["_area_level"], values["area_name"], values["_area_local"], values["country"], language
        )
    return names


@lru_cache(maxsize=4096)
def _area_label(code: str | None, level: int, name: str | None, local: str | None, country: str, language: str) -> str | None:
    """The label of an area as places prints it; `language` is part of the key because the label depends on it."""
    from aimprogress.places.models import AdminArea  # late: the specification itself needs no table

    if code is None or name is None:
        return None
    return AdminArea(code=code, level=level, name_en=name, name_local=local or name, country=country).label
