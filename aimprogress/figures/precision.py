"""How exactly somebody sees a site (domain.md 8.2-8.4, decisions 5). The only place that decides it.

Whoever is not of the site's own organisation sees no name, code or address: the site reads
"<member>, <oblast>, site n". Counts of one to four people are printed "<5" for everyone but the site's own reporter
and coordinator (small_counts.py says how, `counts_exactly` to whom), and the states that endanger people (STRICT) leave
the organisation never.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.aggregates import Hidden, protect
from aimprogress.figures.numbers import number
from aimprogress.figures.small_counts import published, small_count

STRICT_STATES = frozenset({"SERVING", "DETAINED", "MISSING", "KILLED"})
PARTY_COUNTRIES = frozenset({"RU", "BY"})
NEAR_FRONT = "NEAR_FRONT"
FRONT = frozenset({NEAR_FRONT, "OCCUPIED", "ACTIVE_HOSTILITIES"})
LOST_CONTROL = frozenset({"LOST", "SEIZED"})


class Precision(models.TextChoices):
    """How exactly a place is shown, finest first."""

    EXACT = "EXACT", _("Exact point")
    GRID = "GRID", _("Square of 0.1 degrees")
    ADM2 = "ADM2", _("District")
    ADM1 = "ADM1", _("Region")
    COUNTRY = "COUNTRY", _("Country")

    def reaches(self, other: "Precision") -> bool:
        """Whether this precision is at least as fine as `other`."""
        return LADDER.index(self) <= LADDER.index(other)


LADDER = tuple(Precision)


def coarser(first: str, second: str) -> Precision:
    """The less exact of two precisions."""
    return max(Precision(first), Precision(second), key=LADDER.index)


def precision_for(actor: Actor, site: Mapping[str, Any], *, granted: str | None = None) -> Precision:
    """How exactly `actor` sees the place of a site.

    `site` holds organisation_id, id, country, safety_profile, and where known current_control and area_status.
    `granted` is the precision a DataShare names; never finer than the district, and the region for protected sites.
    """
    if actor.owns(site.get("organisation_id")):
        exact = actor.may(Permission.SITE_EXACT) and actor.acts_at(site.get("id"))
        return Precision.EXACT if exact else Precision.ADM2
    if actor.is_secretariat or actor.kind == "system":
        return Precision.ADM1 if is_protected(site) else Precision.GRID
    if granted is not None:
        return coarser(Precision.ADM1 if is_protected(site) else Precision.ADM2, granted)
    return Precision.COUNTRY


def is_protected(site: Mapping[str, Any]) -> bool:
    """Whether even the secretariat sees the region only: safety profile, Russia, Belarus, front, occupation."""
    return bool(
        site.get("safety_profile")
        or site.get("country") in PARTY_COUNTRIES
        or site.get("area_status") in FRONT
        or site.get("current_control") in LOST_CONTROL
    )


def sees_strict(actor: Actor, site: Mapping[str, Any], count: Mapping[str, Any] | None = None) -> bool:
    """Whether `actor` may read how many people serve, are held, missing or dead at this one site.

    `count`: the head count in question (reported_by_id, check_in_id). Who typed it reads it back; a check-in is no typing:
    it takes the four states over from whoever counted before.
    """
    if not actor.owns(site.get("organisation_id")):
        return False
    if actor.may(Permission.HEADCOUNT_STRICT):
        return True
    typed = count is not None and count.get("check_in_id") is None and count.get("reported_by_id") is not None
    return typed and actor.may(Permission.HEADCOUNT_LOG) and count["reported_by_id"] == actor.user_id


def counts_exactly(actor: Actor) -> bool:
    """Whether totals of people are told to `actor` as they are: every site in sight is a coordinator's or reporter's own."""
    exact = actor.kind != "system" and actor.may(Permission.SITE_EXACT) and not actor.shared_only
    return exact and actor.safety <= {actor.organisation_id} and actor.reports_at == actor.sites


def reduced_name(*, member: str, area: str, ordinal: int | None) -> str:
    """What a site is called outside its organisation; without `ordinal`, the place only."""
    if ordinal is None:
        return gettext("%(member)s, %(area)s") % {"member": member, "area": area}
    return gettext("%(member)s, %(area)s, site %(ordinal)s") % {"member": member, "area": area, "ordinal": ordinal}


def grid_point(latitude: Decimal | float | None, longitude: Decimal | float | None) -> tuple[Decimal, Decimal] | None:
    """The middle of the grid square (0.1 degrees) that holds a point, as (latitude, longitude)."""
    if latitude is None or longitude is None:
        return None
    return _middle(latitude), _middle(longitude)


def _middle(degrees: Decimal | float) -> Decimal:
    step = Decimal(number("GRID_DEGREES"))
    return (Decimal(str(degrees)) / step).to_integral_value(ROUND_FLOOR) * step + step / 2


MONEY_BANDS = ((100_000, "<100k"), (1_000_000, "100k-1m"), (10_000_000, "1-10m"))
"""Upper ends, not included, and names; the same as of the spend with a supplier."""


def money_band(amount: Decimal) -> str:
    """An amount as somebody outside the organisation reads it, in its own currency: "100k-1m"; "0" for nothing (domain 7.4)."""
    return next((name for end, name in MONEY_BANDS if amount < end), ">10m") if amount else "0"


def _exact_only(value: Any, precision: Precision) -> Any:
    return value if precision is Precision.EXACT else None


def _at_least(wanted: Precision) -> Callable[[Any, Precision], Any]:
    return lambda value, precision: value if precision.reaches(wanted) else None


PLACE_RULES: dict[str, Callable[[Any, Precision], Any]] = {
    **dict.fromkeys(("exact_location", "shelter_capacity", "routes", "shelters", "assembly_points", "checkin_code"), _exact_only),
    **dict.fromkeys(("settlement", "settlement_id", "settlement_name", "settlement_code"), _exact_only),
    **dict.fromkeys(("area", "area_id", "area_name", "area_code", "admin2_name"), _at_least(Precision.ADM2)),
    **dict.fromkeys(("admin1", "admin1_id", "admin1_name", "admin1_code"), _at_least(Precision.ADM1)),
}
IDENTITY = (
    "name",
    "code",
    "address",
    "search_text",
    "sort_key",
    "note",
    "reason",
    "correction_reason",
    "measures",
    "told_by",
    "products",
    "opened_on",
    "closed_on",
)
"""What tells one site from another, and free text that may: known inside the organisation, at whatever precision."""
COUNTS = ("baseline", "largest_shift", "people", "expected", "accounted", "current_expected", "current_accounted")
NESTED = (("expected", "accounted"), ("current_expected", "current_accounted"))
"""Whole and part: what "<5" hides, their difference may not tell."""
STATES = (
    "safe_local", "safe_idp", "safe_abroad", "injured", "unaccounted",
    "current_safe", "current_displaced", "current_unaccounted",
)  # fmt: skip
"""Expected less these is the sum of the STRICT ones, so who may not read those gets the totals expected and accounted for."""
SPLITS = ("by_contract", "by_gender")
"""Parts that add up to the people expected."""
STRICT_FIELDS = ("strict", "serving", "detained", "missing", "killed", *STRICT_STATES)
POINT = ("latitude", "longitude")


def present_site(
    values: Mapping[str, Any], precision: str, *, own: bool = False, strict: bool = False, people: bool = True
) -> dict[str, Any]:
    """The values of a site, or of a fact about a site, as somebody with `precision` may see them.

    `own`: the reader belongs to the site's organisation and knows it by name. `strict`: may read STRICT states.
    `people`: may read how many people are at one site. Keys that may not be seen are dropped where they are dangerous by
    their presence (STRICT states, point), and None elsewhere, so that every row of a list has the same keys. A point is
    snapped to the grid and then dropped. Keys it does not know pass unchanged: a new field is judged in the row
    specification (figures/rows.py).
    """
    precision = Precision(precision)
    own = own or precision is Precision.EXACT
    seen = {key: value for key, value in values.items() if key not in POINT}
    for key in STRICT_FIELDS:
        if not (strict and own) or values.get("safety_profile"):
            seen.pop(key, None)
    for key, rule in PLACE_RULES.items():
        if key in seen:
            seen[key] = rule(seen[key], precision)
    seen |= _point(values, precision)
    if precision is not Precision.EXACT or not (strict or values.get("safety_profile")):
        for key in STATES:
            seen.pop(key, None)
    if precision is not Precision.EXACT:
        seen |= {key: _split(seen[key]) if people else {} for key in SPLITS if key in seen}
        seen |= {key: {} for key in ("overlays",) if key in seen}
    if not people:
        seen |= {key: None for key in COUNTS if key in seen}
    elif precision is not Precision.EXACT:
        seen |= _people(seen)
    if not own:
        seen |= {key: None for key in IDENTITY if key in seen}
        seen |= _name(values, precision)
    return seen


def _name(values: Mapping[str, Any], precision: Precision) -> dict[str, Any]:
    if "name" not in values:
        return {}
    member = values.get("member_name") or ""
    if precision is Precision.COUNTRY:
        return {"name": reduced_name(member=member, area=values.get("country_name") or values.get("country") or "", ordinal=None)}
    return {
        "name": reduced_name(
            member=member,
            area=str(values.get("admin1_name") or values.get("country_name") or values.get("country") or ""),
            ordinal=values.get("number_in_area"),
        )
    }


def _point(values: Mapping[str, Any], precision: Precision) -> dict[str, Any]:
    if not all(key in values for key in POINT):
        return {}
    if precision is Precision.EXACT:
        return {key: values[key] for key in POINT}
    point = grid_point(values["latitude"], values["longitude"]) if precision is Precision.GRID else None
    return dict(zip(POINT, point or (None, None), strict=True))


def _split(parts: Mapping[str, int]) -> dict[str, Any]:
    """The parts of a whole that everybody knows: small ones are hidden, and as many others as it takes; else none is told."""
    if not parts:
        return {}
    protected = protect(list(parts.values()))
    if protected.total is None:
        return {}
    hidden = {Hidden.SMALL: small_count(1), Hidden.SUPPRESSED: None}
    return {name: hidden.get(cell, cell) for name, cell in zip(parts, protected.cells, strict=True)}


def _people(seen: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of people as outsiders read them: "<5", and a bound for a part whose difference to the whole is small."""
    shown = {key: small_count(seen[key]) for key in COUNTS if key in seen}
    for whole, part in NESTED:
        if isinstance(seen.get(whole), int) and isinstance(seen.get(part), int):
            shown |= {key: known.shown for key, known in zip((whole, part), published(seen[whole], seen[part]), strict=True)}
    return shown
