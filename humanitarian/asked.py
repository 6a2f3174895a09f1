"""Checklists that are due of themselves: which sites are asked for one, which answered it, and which it is due at."""

from collections.abc import Generator, Mapping
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import QueryDict
from django.utils import timezone

from aimprogress.core.actor import Actor, current_actor
from aimprogress.instruments.definition import Instrument
from aimprogress.instruments.models import Assessment
from humanitarian.filters import AskedSiteFilterSet
from humanitarian.services.checks import site_instruments
from members.models import Operational, Site
from members.rows import SITE_ROWS

CHUNK = 500
SAID_OF_CHECKS = ("check_id", "check_at", "check_result", "check_current", "check_due")
"""What `rows_of` adds to a site: its newest whole answering, whether that still holds, and whether another one is due."""
FILE_COLUMNS = (
    "name", "member_name", "country", "admin1_name", "alert_level", "checklist", "check_at", "met", "total", "missing",
    "check_current", "check_due", "precision",
)  # fmt: skip


def asked_instruments() -> list[Instrument]:
    """The questionnaires about a site that are due of themselves, in some part of the year."""
    return [instrument for instrument in site_instruments() if instrument.asked]


def asked_sites(instrument: Instrument) -> QuerySet:
    """Open sites in the countries where the checklist is due, but for those that people have left."""
    countries = instrument.asked.countries if instrument.asked else ()
    return Site.objects.open().filter(country__in=countries).exclude(current_operational=Operational.EVACUATED)


def whole(instrument: Instrument, **more: object) -> QuerySet:
    """The answerings in which no question was left open, for a query over sites; newest first."""
    answered = Assessment.objects.filter(site=OuterRef("pk"), instrument=instrument.name, completed_at__isnull=False, **more)
    return answered.order_by("-completed_at", "-id")


def asked_instrument() -> Instrument:
    """The one checklist that is asked of sites so far: a second one needs a choice on page and API."""
    (only,) = asked_instruments()
    return only


def with_answers(instrument: Instrument) -> QuerySet:
    """The sites that are asked, each with `checklist` and SAID_OF_CHECKS."""
    now, found = timezone.now(), whole(instrument)
    return asked_sites(instrument).annotate(
        checklist=Value(instrument.name),
        check_id=Subquery(found.values("pk")[:1]), check_at=Subquery(found.values("completed_at")[:1]),
        check_result=Subquery(found.values("result")[:1]), check_current=_flag(is_current(instrument, now)),
        check_due=_flag(is_due(instrument, timezone.localdate(now))),
    )  # fmt: skip


def rows_of(instrument: Instrument) -> QuerySet:
    """The same as rows of SITE_ROWS with SAID_OF_CHECKS."""
    return SITE_ROWS.values(with_answers(instrument), also=("organisation__short_name", *SAID_OF_CHECKS))


def shown(row: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """A row of `rows_of` as `actor` may read it, with `met`, `total` and `missing` of the newest answers."""
    result = row["check_result"] or {}
    said = {name: row[name] for name in SAID_OF_CHECKS} | {name: result.get(name) for name in ("met", "total")}
    return SITE_ROWS.present(row, actor) | said | {"missing": result.get("missing") or []}


def rows_for_a_file(query: QueryDict) -> Generator[dict[str, Any]]:
    """The sites of a query string with how the checklist stands there. Raises ValidationError for a wrong filter."""
    actor = current_actor()
    for instrument in asked_instruments():
        found = AskedSiteFilterSet(query or None, queryset=rows_of(instrument))
        if found.is_bound and not found.is_valid():
            raise ValidationError([message for messages in found.errors.values() for message in messages])
        ordered = found.qs.order_by("country", "admin1_id", "number_in_area", "id")
        with closing(ordered.iterator(chunk_size=CHUNK)) as rows:
            yield from (_flat(instrument, shown(row, actor)) for row in rows)


def _flat(instrument: Instrument, row: dict[str, Any]) -> dict[str, Any]:
    said = {"checklist": instrument.name, "missing": ", ".join(row["missing"])}
    return {name: (row | said)[name] for name in FILE_COLUMNS}


def _flag(condition: Exists | Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))


def is_current(instrument: Instrument, now: datetime) -> Exists:
    """Whether a site answered within the time for which the answers hold."""
    days = instrument.validity.days if instrument.validity else 365
    return Exists(whole(instrument, completed_at__gte=now - timedelta(days=days), completed_at__lte=now))


def is_due(instrument: Instrument, today: date) -> Exists | Q:
    """Whether a site has not answered in the season that runs on a day; outside the seasons nothing is due."""
    since = instrument.asked.since(today) if instrument.asked else None
    if since is None:
        return Q(pk__in=[])
    return ~Exists(whole(instrument, completed_at__date__gte=since))
