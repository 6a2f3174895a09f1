"""What of this app can be taken away as a file. On a map a site stands at the public point of the area its reader may know."""

from collections.abc import Generator
from contextlib import closing
from functools import cache
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.exchange.exports import Export, columns_of, exportable, rows_of
from aimprogress.places.models import AdminArea
from members.filters import (
    ActivationFilterSet,
    DrillFilterSet,
    HazardFilterSet,
    HeadCountFilterSet,
    SiteFilterSet,
    SiteStatusFilterSet,
)
from members.models import (
    Bulletin,
    Drill,
    HazardReport,
    HeadCount,
    Meeting,
    PlanActivation,
    Site,
    SiteStatus,
    SupportCase,
)
from members.plan_gaps import FILE_COLUMNS, rows_for_a_file
from members.rows import ACTIVATION_ROWS, DRILL_ROWS, HAZARD_ROWS, HEAD_COUNT_ROWS, SITE_ROWS, STATUS_ROWS
from members.support_filters import BulletinFilterSet, CaseFilterSet, MeetingFilterSet
from members.support_rows import BULLETIN_ROWS, CASE_ROWS, MEETING_ROWS


def _not_taken_back(actor: Actor) -> Q:
    return Q(retracted_at=None)


_sites = rows_of(SITE_ROWS, Site, SiteFilterSet, "country", "admin1_id", "number_in_area", "id")


def _sites_on_the_map(query: QueryDict) -> Generator[dict[str, Any]]:
    """Sites with the point of their area, as coarse as the row already is: never the exact place."""

    @cache
    def point_of(code: str) -> tuple[float | None, float | None]:
        return AdminArea.objects.filter(code=code).values_list("lat", "lon").first() or (None, None)

    with closing(_sites(query)) as rows:
        for row in rows:
            code = row.get("area_code") or row.get("admin1_code")
            lat, lon = point_of(code) if code else (None, None)
            yield {**row, "lat": lat, "lon": lon}


exportable(
    Export(
        "sites",
        title=_("Sites"),
        permission=Permission.SITE_READ,
        columns=[*columns_of(SITE_ROWS), ("lat", "lat"), ("lon", "lon")],
        rows=_sites_on_the_map,
        point=("lat", "lon"),
    )
)
exportable(
    Export(
        "site-statuses",
        title=_("Status log"),
        permission=Permission.SITE_READ,
        columns=columns_of(STATUS_ROWS),
        rows=rows_of(STATUS_ROWS, SiteStatus, SiteStatusFilterSet, "-observed_at", "id", only=_not_taken_back),
    )
)
exportable(
    Export(
        "head-counts",
        title=_("Head counts"),
        permission=Permission.HEADCOUNT_READ,
        columns=columns_of(HEAD_COUNT_ROWS),
        rows=rows_of(HEAD_COUNT_ROWS, HeadCount, HeadCountFilterSet, "-observed_at", "id", only=_not_taken_back),
    )
)
exportable(
    Export(
        "hazard-reports",
        title=_("Hazards"),
        permission=Permission.SITE_READ,
        columns=columns_of(HAZARD_ROWS),
        rows=rows_of(HAZARD_ROWS, HazardReport, HazardFilterSet, "-observed_at", "id", only=_not_taken_back),
    )
)
exportable(
    Export(
        "drills",
        title=_("Drills"),
        permission=Permission.PLAN_READ,
        columns=columns_of(DRILL_ROWS),
        rows=rows_of(DRILL_ROWS, Drill, DrillFilterSet, "-held_on", "id"),
    )
)
exportable(
    Export(
        "activations",
        title=_("Evacuations"),
        permission=Permission.PLAN_READ,
        columns=columns_of(ACTIVATION_ROWS),
        rows=rows_of(ACTIVATION_ROWS, PlanActivation, ActivationFilterSet, "-activated_at", "id"),
    )
)
exportable(
    Export(
        "bulletins",
        title=_("Bulletins"),
        permission=Permission.BULLETIN_READ,
        columns=columns_of(BULLETIN_ROWS),
        rows=rows_of(BULLETIN_ROWS, Bulletin, BulletinFilterSet, "-issued_at", "-id"),
    )
)
exportable(
    Export(
        "support-cases",
        title=_("Support cases"),
        permission=Permission.CASE_READ,
        columns=columns_of(CASE_ROWS),
        rows=rows_of(CASE_ROWS, SupportCase, CaseFilterSet, "-opened_at", "-id"),
    )
)
exportable(
    Export(
        "meetings",
        title=_("Meetings"),
        permission=Permission.MEETING_READ,
        columns=columns_of(MEETING_ROWS),
        rows=rows_of(MEETING_ROWS, Meeting, MeetingFilterSet, "-held_on", "-id"),
    )
)
exportable(
    Export(
        "plan-gaps",
        title=_("Sites without an adequate evacuation plan"),
        permission=Permission.PLAN_READ,
        columns=[(name, name) for name in FILE_COLUMNS],
        rows=rows_for_a_file,
    )
)
