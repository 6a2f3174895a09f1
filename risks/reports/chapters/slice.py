"""What a chapter is given and what it gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from risks.reports import marks
from risks.reports.evidence import Figure, Meta, Names


@dataclass(frozen=True)
class Slice:
    """The part of the snapshot that one chapter reads: the cover's facts, names of places, figures, and its own data."""

    meta: Meta
    places: Mapping[str, Names]
    figures: Mapping[str, Figure]
    data: Mapping[str, Any]

    def source(self, reference: str | None, *extra: object) -> SafeString:
        """The line under a table or chart, or nothing for a figure that does not exist."""
        if not reference or reference not in self.figures:
            return SafeString("")
        return marks.provenance(reference, self.figures[reference], *extra)

    def name(self, code: str) -> str:
        """The name of a country or area."""
        return marks.name(self.places, code)

    def names(self, codes: Sequence[str]) -> str:
        """Several names, with commas."""
        return ", ".join(self.name(code) for code in codes)

    def site(self, row: Mapping[str, Any]) -> str:
        """How the report calls a site."""
        return marks.site(self.places, row)


@dataclass(frozen=True)
class Chapter:
    """One printed chapter. `sections` are the sub-entries of the contents: (anchor, title).

    One that `flows` follows the chapter before it without a new page."""

    number: str
    anchor: str
    title: str
    html: SafeString
    sections: Sequence[tuple[str, str]] = field(default=())
    flows: bool = False


@dataclass(frozen=True)
class Chart:
    """What the component `_figure.html` prints."""

    number: str
    title: str
    note: str
    svg: SafeString
    source: str = ""
    legend: str = ""
