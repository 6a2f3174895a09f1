"""What a total covers: how many sites are current enough, and how many workers they employ."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import ngettext

from aimprogress.figures.freshness import Freshness
from aimprogress.figures.numbers import number
from aimprogress.figures.percent import as_percent, rate


@dataclass(frozen=True, slots=True)
class Coverage:
    """Sites and workers (baseline or expected people) behind a figure, out of all that should be behind it."""

    sites: int
    of_sites: int
    workers: int
    of_workers: int

    @property
    def stale_sites(self) -> int:
        """Sites left out because they are out of date or never reported."""
        return self.of_sites - self.sites

    @property
    def stale_workers(self) -> int:
        """Workers in the sites left out."""
        return self.of_workers - self.workers

    @property
    def percent(self) -> Decimal | None:
        """Share of workers covered, as printed; None where there is nobody to cover."""
        return rate(self.workers, self.of_workers)

    @property
    def too_thin(self) -> bool:
        """Whether more workers are in stale sites than a report may be issued with (check C-22)."""
        return self.stale_workers * 100 > self.of_workers * number("STALE_BLOCK_PERCENT")

    @property
    def text(self) -> str:
        """One sentence part for beside a figure."""
        return ngettext(
            "%(sites)s of %(of_sites)s site current enough, covering %(workers)s of %(of_workers)s workers (%(share)s)",
            "%(sites)s of %(of_sites)s sites current enough, covering %(workers)s of %(of_workers)s workers (%(share)s)",
            self.of_sites,
        ) % {
            "sites": number_format(self.sites),
            "of_sites": number_format(self.of_sites),
            "workers": number_format(self.workers),
            "of_workers": number_format(self.of_workers),
            "share": as_percent(self.workers, self.of_workers),
        }


def cover(facts: Iterable[tuple[Freshness, int]]) -> Coverage:
    """The coverage of facts, each given as its freshness and the workers it speaks for."""
    sites = of_sites = workers = of_workers = 0
    for fresh, people in facts:
        of_sites += 1
        of_workers += people
        if fresh.counts:
            sites += 1
            workers += people
    return Coverage(sites, of_sites, workers, of_workers)
