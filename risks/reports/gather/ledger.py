"""What every slice needs while facts are gathered: the moment, the open sites, and a register of figures."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone, translation

from aimprogress.figures.freshness import Band, Fact, Freshness, freshness
from aimprogress.figures.small_counts import is_small
from aimprogress.places.countries import country_name
from aimprogress.places.models import AdminArea
from members.models import ENDED, Organisation, Site
from members.projection import projections
from members.standing import shown_group
from risks.reports.evidence import Coverage, Figure, Names, Source, sha256_of

LANGUAGES = ("en", "uk")
ORDER = (Band.CURRENT, Band.DUE_SOON, Band.OVERDUE, Band.STALE, Band.NEVER)
Place = tuple[str, int]
"""How a snapshot names a site: the code of its area, its number in it."""


def exactly(at: datetime) -> str:
    """The cut-off as the snapshot writes it: with its microseconds, so that the same facts can be told apart again."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def stamp(at: datetime | None) -> str | None:
    """A moment as the snapshot writes it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def iso(on: date | None) -> str | None:
    """A day as the snapshot writes it."""
    return on.isoformat() if on else None


def few(count: int | None) -> int | str | None:
    """A count of people: 1 to 4 are withheld, None stays "not reported"."""
    return "few" if is_small(count) else count


@dataclass(frozen=True)
class StandingSite:
    """A site with how fresh its two facts are at the cut-off."""

    site: Site
    status: Freshness
    count: Freshness
    group: str

    @property
    def is_open(self) -> bool:
        return self.site.current_operational not in ENDED

    @property
    def counts(self) -> bool:
        """Whether its head count goes into totals: fresh enough, and not unverified hearsay."""
        return self.is_open and self.count.counts and self.site.current_headcount_confidence != "C"

    @property
    def people(self) -> int:
        """People who should be counted here: the last expected number, else the baseline."""
        return self.site.current_expected if self.site.current_expected is not None else self.site.baseline


@dataclass
class Ledger:
    """The facts of one member as they were known at one moment, and the figures made from them."""

    organisation: Organisation
    as_of: datetime
    period_from: date
    period_to: date
    sites: list[StandingSite] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)
    places: dict[str, Names] = field(default_factory=dict)
    tables: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def load_sites(self, only: Collection[Place] | None = None) -> None:
        """Read the sites, what the log said of them at the moment, and name their places. `only`: no others than these."""
        rows = (
            Site.objects.filter(organisation=self.organisation)
            .select_related("admin1", "settlement")
            .order_by("country", "admin1_id", "number_in_area")
        )
        chosen = [site for site in rows if only is None or (site.admin1_id, site.number_in_area) in only]
        said = projections(chosen, self.as_of)
        for site in chosen:
            for name, value in said[site.pk].items():
                setattr(site, name, value)
            status = freshness(Fact.STATUS, observed_at=site.current_status_at, alert_level=site.alert_level, now=self.as_of)
            count = freshness(
                Fact.HEAD_COUNT, observed_at=site.current_headcount_at, alert_level=site.alert_level, now=self.as_of
            )
            group = str(shown_group(site.current_operational, status.band)) if site.current_operational else "none"
            self.sites.append(StandingSite(site, status, count, group))
            self.name_country(site.country)  # first: an area that stands for a whole country has its code, and no name of its own
            self.name_area(site.admin1)

    @property
    def today(self) -> date:
        """The day of the cut-off where the people are, not in UTC: what is due is due on their day."""
        return timezone.localdate(self.as_of)

    @property
    def open_sites(self) -> list[StandingSite]:
        return [standing for standing in self.sites if standing.is_open]

    def name_area(self, area: AdminArea) -> str:
        """Remember the names of an area; its code."""
        if area.code not in self.places:
            self.places[area.code] = _names(lambda: area.label)
        return area.code

    def name_country(self, code: str) -> str:
        """Remember the names of a country; its code."""
        if code not in self.places:
            self.places[code] = _names(lambda: country_name(code))
        return code

    def place_of(self, standing: StandingSite) -> dict[str, Any]:
        """How the snapshot names a site: area and number."""
        site = standing.site
        return {"area": site.admin1_id, "ordinal": site.number_in_area, "country": site.country}

    def cover(self, counted: Iterable[StandingSite], *, people: bool = False) -> Coverage:
        """How many of the open sites, and of their people, stand behind a figure; no people where the rest would be 1 to 4."""
        inside = list(counted)
        told, whole = sum(one.people for one in inside), sum(one.people for one in self.open_sites)
        people = people and not is_small(whole - told)
        return {
            "unit": "site",
            "counted": len(inside),
            "needed": len(self.open_sites),
            "people": told if people else None,
            "of_people": whole if people else None,
        }

    def add(
        self,
        reference: str,
        kind: str,
        query: str,
        rows: Sequence[Any],
        *,
        observed: Iterable[datetime | None] = (),
        band: Band | None = None,
        coverage: Coverage | None = None,
        sources: Counter | None = None,
        strict: bool = False,
    ) -> str:
        """Register a figure under its reference, freeze its rows by their hash, and give the reference back."""
        moments = sorted(at for at in observed if at is not None)
        self.figures[reference] = {
            "kind": kind,
            "query": query,
            "rows": len(rows),
            "as_of": stamp(moments[-1]) if moments else stamp(self.as_of),
            "oldest": stamp(moments[0]) if moments else None,
            "freshness": band.value if band else None,
            "coverage": coverage,
            "sources": _sources(sources if sources is not None else Counter({("RECORD", "A"): len(rows)})),
            "sha256": sha256_of(list(rows)),
            "strict": strict,
        }
        return reference

    def table(self, name: str, columns: list[str], rows: list[list[Any]]) -> None:
        """Attach rows in full as a CSV file."""
        self.tables[name] = {"columns": columns, "rows": rows}


def worst(bands: Iterable[Band]) -> Band | None:
    """The oldest band among them; None where there is none."""
    return max(bands, key=ORDER.index, default=None)


def _sources(counts: Counter) -> list[Source]:
    return [{"source": kind, "confidence": sure, "rows": rows} for (kind, sure), rows in sorted(counts.items())]


def _names(label: Any) -> Names:
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            found[language] = str(label())
    return found
