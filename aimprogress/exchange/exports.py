"""Exports: any list of the portal as a file, made by a Job with the requester's scope, precision and filters.

An app declares in its `exports` module what a noun's export holds, from the specification that pages and API use, too:

    exportable(Export(
        "sites", title=_("Sites"), permission=Permission.SITE_READ,
        columns=columns_of(SITE_ROWS), rows=rows_of(SITE_ROWS, Site, SiteFilterSet, "country", "id"),
    ))
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from aimprogress.core.actor import Actor, acting_as, current_actor
from aimprogress.core.files import StoredFile, store_file
from aimprogress.core.permissions import Permission
from aimprogress.core.scoping import DataClass
from aimprogress.core.services import service
from aimprogress.figures.rows import RowSpec
from aimprogress.jobs.kinds import PermanentFailure, Progress, job_kind
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import enqueue
from aimprogress.web.filters import FilterSet

from .cells import as_csv, as_geojson, as_xlsx, counted

Row = Mapping[str, Any]

MOST_ROWS = 200_000
TELL_EVERY = 500
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}
SHARPEST = (Permission.HEADCOUNT_READ, Permission.HEADCOUNT_STRICT, Permission.SITE_EXACT)
TOO_MANY = gettext_noop("These are more rows than one file takes. Filter the list first.")


@dataclass(frozen=True, slots=True)
class Export:
    """What a noun's export holds and who may have it."""

    noun: str
    title: str | Promise
    permission: Permission
    columns: Sequence[tuple[str, str | Promise]]
    """(key in a row, heading). In GeoJSON the keys are the property names."""
    rows: Callable[[QueryDict], Generator[Row]]
    """Rows for a query string, as the current Actor may see them. Raises ValidationError for a wrong filter."""
    point: tuple[str, str] | None = None
    """The keys of latitude and longitude, where there is a place."""
    own_only: bool = False
    """Whether it holds the own organisation's rows alone; the AIM-Progress team, which has none, is not offered it."""

    def is_for(self, actor: Actor) -> bool:
        """Whether `actor` may have it."""
        return actor.may(self.permission) and not (self.own_only and actor.is_secretariat)

    @property
    def formats(self) -> tuple[str, ...]:
        return ("csv", "xlsx", "geojson") if self.point else ("csv", "xlsx")


EXPORTS: dict[str, Export] = {}


def exportable(export: Export) -> Export:
    """Offer a noun's export. Declared once a noun."""
    EXPORTS[export.noun] = export
    return export


def columns_of(spec: RowSpec) -> list[tuple[str, str]]:
    """The columns of a specification, headed by their names in the API."""
    names = [column.name for column in spec.shown]
    return [(name, name) for name in [*names, *(["precision"] if spec.site is not None else [])]]


def rows_of(
    spec: RowSpec, model: type[Model], filterset: type[FilterSet], *order: str, only: Callable[[Actor], Q] = lambda _: Q()
) -> Callable[[QueryDict], Generator[Row]]:
    """The rows of a noun as its list shows them: same filters, same scope, same precision; `only` narrows the scope.

    Commercial rows are the own organisation's alone: a staff session is for looking, and a file would outlive its hour.
    """

    def rows(query: QueryDict) -> Generator[Row]:
        actor = current_actor()
        found = model._default_manager.filter(only(actor))
        if getattr(model, "data_class", None) == DataClass.COMMERCIAL:
            found = found.filter(organisation_id=actor.organisation_id)
        found = filterset(query or None, queryset=found)
        if found.is_bound and not found.is_valid():
            raise ValidationError([message for messages in found.errors.values() for message in messages])
        # Closed here, whatever happens: a cursor that outlives its transaction would break the next one.
        with closing(spec.values(found.qs.order_by(*order)).iterator(chunk_size=2000)) as found_rows:
            for row in found_rows:
                yield spec.present(row, actor)

    return rows


@service(Permission.EXPORT_RUN)
def request_export(*, noun: str, file_format: str = "csv", query: str = "", idempotency_key: str | None = None) -> Job:
    """Ask for a noun's rows as a file; `query` is the list's query string.

    Raises PermissionDenied where the Actor may not read the noun, ValidationError for an unknown noun or format.
    """
    export = EXPORTS.get(noun)
    if export is None:
        raise ValidationError(_("There is no such export."), code="noun")
    if not export.is_for(current_actor()):
        raise PermissionDenied
    if file_format not in export.formats:
        raise ValidationError({"file_format": _("This list is not offered in that format.")})
    asked = {"noun": noun, "format": file_format, "query": query[:4000], "saw": sorted(saw(current_actor()))}
    return enqueue("export", asked, idempotency_key=idempotency_key)


def may_open_export(job: Job, actor: Actor) -> bool:
    """Still holding both permissions, to export and to read the noun, and seeing as exactly as when the file was asked for."""
    export = EXPORTS.get(job.params.get("noun", ""))
    if export is None or not actor.may(Permission.EXPORT_RUN) or not export.is_for(actor):
        return False
    return set(job.params.get("saw", ())) <= saw(actor)


def saw(actor: Actor) -> set[str]:
    """What lets `actor` see more of a row than others who may read it: a file made with it is closed without it."""
    return {str(permission) for permission in SHARPEST if actor.may(permission)}


def title_of_export(job: Job) -> str:
    export = EXPORTS.get(job.params.get("noun", ""))
    return _("Download: %(what)s") % {"what": export.title if export else job.params.get("noun", "")}


@job_kind("export", title=_("Download"), max_runtime=timedelta(minutes=10), may_open=may_open_export, title_of=title_of_export)
def write_export(job: Job, progress: Progress) -> StoredFile:
    """Write the file that `job` asks for. Runs as the requester; running it again is safe."""
    export, file_format = EXPORTS[job.params["noun"]], job.params["format"]
    if not may_open_export(job, current_actor()):
        raise PermissionDenied
    with acting_as(_as_asked(job)), closing(export.rows(QueryDict(job.params["query"]))) as rows:
        data = _written(export, file_format, counted(rows, TELL_EVERY, lambda n: _tell(progress, n)))
    name = f"{export.noun}-{timezone.localtime():%Y-%m-%d-%H%M}.{file_format}"
    return store_file(data, name=name, content_type=TYPES[file_format], kind="export", organisation_id=job.organisation_id)


def _as_asked(job: Job) -> Actor:
    """The requester, seeing no more exactly than when the file was asked for, so that `may_open_export` knows what is in it."""
    actor = current_actor()
    return replace(actor, permissions=actor.permissions - (set(SHARPEST) - set(job.params.get("saw", ()))))


def _tell(progress: Progress, rows: int) -> None:
    if rows > MOST_ROWS:
        raise PermanentFailure(TOO_MANY)
    progress(rows, 0, gettext_noop("Writing the rows"))


def _written(export: Export, file_format: str, rows: Iterable[Row]) -> bytes:
    columns = [(key, str(label)) for key, label in export.columns]
    if file_format == "geojson":
        return as_geojson(columns, rows, export.point or ("lat", "lon"))
    if file_format == "xlsx":
        return as_xlsx(columns, rows, str(export.title))
    return as_csv(columns, rows)
