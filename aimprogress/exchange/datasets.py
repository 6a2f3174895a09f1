"""What a member can share: datasets by key, each with its rows, its columns and how current they are.

An app declares in its module `shared` what it offers:

    shareable(Dataset("SITE_STATUS", rows=SITE_ROWS, queryset=lambda receiver: Site.objects.all(), columns=("name", ...)))

The rows are read as somebody who looks through a share (members.services.sharing.through): one member, one dataset's
permissions, never the owner's precision. `columns` is a positive list: a column that is added to a noun is not shared by itself.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aimprogress.core.actor import Actor
from aimprogress.figures.freshness import Band
from aimprogress.figures.precision import Precision
from aimprogress.figures.rows import RowSpec
from aimprogress.web.keyset import keyset_page

TOO_OLD = (Band.STALE, Band.NEVER)
NEVER_AT_COUNTRY = ("id", "number")
"""Where the whole country is all that may be known, an id or a number would let two pulls be joined at a finer place."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset that can be shared.

    queryset: rows for a receiver's organisation id, scoped as every queryset. columns: what leaves. freshness: the column
    that says how current a row is, "" where rows do not age.
    """

    key: str
    rows: RowSpec
    queryset: Callable[[UUID], QuerySet]
    columns: Sequence[str]
    headings: Mapping[str, str | Promise]
    freshness: str = ""
    ordering: Sequence[str] = ("id",)

    def shown(self, row: Mapping[str, Any], actor: Actor, precision: str) -> dict[str, Any]:
        """A row as it leaves: the positive list, at the precision granted."""
        seen = self.rows.present(row, actor, granted=precision)
        names = self.column_names()
        if seen.get("precision") == Precision.COUNTRY:
            seen |= {key: None for key in NEVER_AT_COUNTRY if key in seen}
        return {name: seen.get(name) for name in names}

    def column_names(self) -> list[str]:
        """The columns that leave, in order."""
        return [*self.columns, *(["precision"] if self.rows.site is not None else [])]

    def schema(self) -> dict[str, Any]:
        """OpenAPI 3.1 of one row that leaves."""
        whole = self.rows.schema()["properties"]
        return {"type": "object", "properties": {name: whole[name] for name in self.column_names()}}


@dataclass(frozen=True, slots=True)
class Pull:
    """Some rows of a dataset as the receiver sees them."""

    rows: list[dict[str, Any]]
    next: str | None
    coverage: str
    suppressed: int


DATASETS: dict[str, Dataset] = {}


def shareable(dataset: Dataset) -> Dataset:
    """Offer a dataset; once a key."""
    DATASETS[dataset.key] = dataset
    return dataset


@cache
def datasets() -> dict[str, Dataset]:
    """Every dataset that an app offers in its module `shared`."""
    autodiscover_modules("shared")
    return DATASETS


def pull(dataset: Dataset, *, actor: Actor, receiver: UUID, precision: str, cursor: str = "", size: int = 50) -> Pull:
    """A page of `dataset` for `actor`, who already looks through the share. Raises BadRequest for a wrong cursor."""
    rows = dataset.rows.values(dataset.queryset(receiver), also=[name.lstrip("-") for name in dataset.ordering])
    page = keyset_page(rows, dataset.ordering, after=cursor, size=size)
    shown = [dataset.shown(row, actor, precision) for row in page.rows]
    return Pull(
        shown, page.next, coverage_of(dataset, rows), sum(is_suppressed(value) for row in shown for value in row.values())
    )


def coverage_of(dataset: Dataset, rows: QuerySet) -> str:
    """How much of what there is, is current enough to rely on."""
    if not dataset.freshness:
        count = rows.order_by().count()
        return ngettext("%(count)s row, all that is recorded", "%(count)s rows, all that is recorded", count) % {"count": count}
    bands = Counter(rows.order_by().values_list(dataset.freshness, flat=True))
    every = sum(bands.values())
    if not every:
        return _("nothing is recorded")
    current = every - sum(bands[band] for band in TOO_OLD)
    text = ngettext("%(current)s of %(every)s site current enough", "%(current)s of %(every)s sites current enough", every)
    return text % {"current": current, "every": every}


def is_suppressed(value: Any) -> bool:
    """Whether a value stands for a small count that is kept back: "<5", ">415"."""
    return isinstance(value, str) and value[:1] in ("<", ">") and value[1:].isdigit()
