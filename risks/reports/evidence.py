"""What a report knows: a frozen snapshot of facts as canonical JSON, whose sha256 is the report's identity.

The snapshot is complete (nothing else is asked when the pages are set), holds codes instead of words (the chapters
translate), and is already redacted: what a reader may not see is not in it. Conventions inside it:

- moments are text, UTC, `2026-11-22T06:40:00Z`, the cut-off with its microseconds; days are `2026-11-22`; decimals are text
  (`"95.75"`), counts are numbers
- `None` means that nobody reported it and prints "not reported"; it is never zero
- a count or rate that exists and is not printed is one of the words in `WITHHELD`
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

SCHEMA = "EVD-1"
FINGERPRINT_LENGTH = 8

Count = int | str | None
"""A count of people or things: a number, a word of `WITHHELD`, or None where nobody reported it."""

WITHHELD = frozenset({"few", "hidden", "not_collected", "few_people"})
"""few: 1 to 4 people · hidden: would give another cell away · not_collected: protects people · few_people: rate of under 20."""

AT_LEAST = ">="
"""Before a rate of which only the least is told, because what it lacks is 1 to 4 people: ">=99.4"."""

Names = dict[str, str]
"""The same name in the languages of the report: {"en": "Lviv oblast", "uk": "Львівська область"}."""


class Source(TypedDict):
    """How many records of a figure come from one kind of source, at one confidence (A confirmed, B credible, C unverified)."""

    source: str
    confidence: str
    rows: int


class Coverage(TypedDict):
    """How far a figure reaches: of `needed` things (`unit` says of what) `counted` are in it; people where they count too."""

    unit: str
    counted: int
    needed: int
    people: int | None
    of_people: int | None


class Figure(TypedDict):
    """Where a number comes from. Its key is the reference that is printed: E-014.

    `kind` names the figure (words.FIGURES), `query` says in plain words which records were read, `rows` how many,
    `oldest` and `as_of` when the oldest and newest of them were observed, `sha256` the rows as frozen.
    """

    kind: str
    query: str
    rows: int
    as_of: str | None
    oldest: str | None
    freshness: str | None
    coverage: Coverage | None
    sources: list[Source]
    sha256: str
    strict: bool


class Organisation(TypedDict):
    """The member that the report is about."""

    id: str
    name: str
    short_name: str
    sector: str


class LogHead(TypedDict):
    """The newest entry of the member's audit log: its number and its hash, which stands for every entry before it."""

    seq: int
    hash: str


class Meta(TypedDict):
    """What the cover says. `audience` is INTERNAL in this release; `fonts` maps a font file to its sha256.

    `log` is where the member's audit log ended when the facts were frozen: what was written after it is not in the report.
    """

    number: str
    revision: int
    organisation: Organisation
    period_from: str
    period_to: str
    as_of: str
    log: LogHead
    language: Literal["en", "uk"]
    audience: str
    status: str
    asked_by: str
    formula: str
    replaces: str | None
    fonts: dict[str, str]


class Exclusion(TypedDict):
    """Something the report leaves out, with the reason, in the member's words."""

    what: str
    reason: str


class Scope(TypedDict):
    """Chapter 2: which sites and countries, where, at what alert level, and what is left out.

    `map`: one row per area with the number of sites per display group. `timeline`: per area the alert levels since
    `timeline_from`, as [day, level] steps. `areas`: conflict status from the official list, never newer than its act.
    """

    figure: str
    timeline_figure: str
    area_figure: str
    sites: int
    open_sites: int
    people: Count
    countries: list[dict[str, Any]]
    map: list[dict[str, Any]]
    timeline_from: str
    timeline_to: str
    timeline: list[dict[str, Any]]
    areas: list[dict[str, Any]]
    exclusions: list[Exclusion] | None


class Issue(TypedDict):
    """One salient human-rights issue as scored at the cut-off; score and band follow from the formula named in `Meta`."""

    code: str
    kind: str
    title: str
    countries: list[str]
    rights: list[str]
    groups: list[str]
    involvement: str
    scale: int
    scope: int
    irremediability: int
    likelihood: int
    is_actual: bool
    severity_level: int
    severity_sum: int
    likelihood_counted: int
    score: str
    band: str
    shown_band: str
    open_flags: list[str]
    conflict_driver: bool
    is_salient: bool
    response: str | None
    steps_open: int | None
    steps_late: int | None
    assessed_on: str | None
    review_on: str | None
    actions: list[dict[str, Any]]


class Issues(TypedDict):
    """Chapter 5: the register, most severe first; `added` and `dropped` since the report that this one follows, None if first."""

    figure: str
    rows: list[Issue]
    countries_assessed: int
    of_countries: int
    added: list[str] | None
    dropped: list[str] | None


class HeadCounts(TypedDict):
    """People in nine states per group of countries; stale sites are left out and named in the coverage of the figure."""

    figure: str
    columns: list[dict[str, Any]]
    states: dict[str, list[Count]]
    expected: list[Count]
    accounted: list[str | None]
    safe: list[str | None]
    displaced: list[str | None]
    overlays: dict[str, Count]
    overlays_figure: str | None


class People(TypedDict):
    """Chapter 6: head counts, site status, freshness, plans, drills, actions. A part that nobody reported is None.

    evacuations, returns, roll_calls, stops, checks: there only where there were any, or a site is asked for a checklist.
    """

    head_counts: HeadCounts | None
    trend: dict[str, Any] | None
    status: dict[str, Any]
    sites: list[dict[str, Any]]
    attention: list[dict[str, Any]]
    plans: dict[str, Any] | None
    drills: dict[str, Any] | None
    communication: dict[str, Any] | None
    actions: dict[str, Any] | None
    evacuations: NotRequired[dict[str, Any]]
    returns: NotRequired[dict[str, Any]]
    roll_calls: NotRequired[dict[str, Any]]
    stops: NotRequired[dict[str, Any]]
    checks: NotRequired[dict[str, Any]]


class Supply(TypedDict):
    """Chapter 11: the supply chain in counts only; no supplier is named."""

    figure: str
    suppliers: int
    links: int
    by_country: list[dict[str, Any]]
    by_tier: list[dict[str, Any]]
    by_commodity: list[dict[str, Any]]
    measures: list[dict[str, Any]]


class Aid(TypedDict):
    """Chapter 13: money per currency first. `total` is indicative and only there with the `rates` it was made from."""

    figure: str
    since: str
    currencies: list[dict[str, Any]]
    contributions: list[dict[str, Any]]
    rates: dict[str, Any] | None
    total: dict[str, str] | None
    left_out: list[dict[str, Any]]
    in_kind: int | None
    reach: dict[str, Any] | None


class Quality(TypedDict):
    """Annex B: per data set how many sites should have reported and how fresh they are; records by source and confidence."""

    figure: str
    open_sites: int
    datasets: list[dict[str, Any]]
    sources: list[Source]
    replaced: int | None


class Chapters(TypedDict):
    """The slices of the snapshot, one per chapter that needs facts of its own. None: not collected in this release."""

    summary: dict[str, Any]
    scope: Scope
    issues: Issues
    people: People
    pay: dict[str, Any] | None
    measures: dict[str, Any] | None
    supply: Supply | None
    aid: Aid | None
    quality: Quality


class Evidence(TypedDict):
    """The whole snapshot. `places` names every country and area code used; `tables` are the rows attached as CSV."""

    schema: str
    meta: Meta
    places: dict[str, Names]
    figures: dict[str, Figure]
    chapters: Chapters
    tables: dict[str, dict[str, list[Any]]]


class EvidenceError(ValueError):
    """The snapshot cannot be printed: it is of another schema, or a figure that a chapter names is missing."""


def canonical(value: Mapping[str, Any] | list[Any]) -> bytes:
    """The one way to write a value: sorted keys, no spaces, UTF-8. Raises ValueError for NaN, TypeError for other types."""
    _refuse_floats(value, "$")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _refuse_floats(value: Any, path: str) -> None:
    if isinstance(value, float):
        raise TypeError(f"{path} is a binary fraction; a snapshot holds decimals as text")
    if isinstance(value, Mapping):
        for key, part in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{path} has a key that is not text: {key!r}")
            _refuse_floats(part, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            _refuse_floats(part, f"{path}[{place}]")


def sha256_of(value: Mapping[str, Any] | list[Any]) -> str:
    """The sha256 of a value in canonical form, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def fingerprint(evidence: Mapping[str, Any]) -> str:
    """The report's identity, sha256 of the whole snapshot; its first eight digits stand on every page."""
    return sha256_of(evidence)


def read(data: bytes) -> Evidence:
    """The snapshot in `data`. Raises EvidenceError if it is not one of this schema, written canonically."""
    try:
        evidence = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EvidenceError("the snapshot is not JSON") from error
    if not isinstance(evidence, dict) or evidence.get("schema") != SCHEMA:
        raise EvidenceError(f"the snapshot is not of schema {SCHEMA}")
    try:
        same = canonical(evidence) == data
    except (ValueError, TypeError, RecursionError):  # half of a surrogate pair, a binary fraction, too deep
        same = False
    if not same:
        raise EvidenceError("the snapshot is not in canonical form")
    return evidence


def referenced(value: Any) -> set[str]:
    """Every evidence reference (E-014) that a slice names under `figure` or `..._figure`."""
    found: set[str] = set()
    if isinstance(value, Mapping):
        for key, part in value.items():
            if (key == "figure" or key.endswith("_figure")) and isinstance(part, str):
                found.add(part)
            else:
                found |= referenced(part)
    elif isinstance(value, list | tuple):
        for part in value:
            found |= referenced(part)
    return found


def check(evidence: Evidence) -> None:
    """Refuse a snapshot in which a chapter names a figure that annex E could not show. Raises EvidenceError."""
    missing = referenced(evidence["chapters"]) - set(evidence["figures"])
    if missing:
        raise EvidenceError(f"figures without evidence: {', '.join(sorted(missing))}")
    for reference, figure in evidence["figures"].items():
        if len(figure["sha256"]) != 64:
            raise EvidenceError(f"{reference} has no fingerprint")
