"""What a member can share of this app's nouns: how its sites stand, how many people are accounted for, plans in place."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.datasets import Dataset, shareable
from members.models import DataShare, Site
from members.rows import SITE_ROWS

PLACE = ("id", "name", "member_name", "country", "admin1_code", "admin1_name", "area_code", "area_name")
HEADINGS = {
    "name": _("Site"), "kind": _("Kind"), "operational": _("Status"), "alert_level": _("Alert level"),
    "status_observed_at": _("Observed"), "status_freshness": _("How current"), "admin1_name": _("Oblast or region"),
    "area_name": _("Raion or district"), "current_expected": _("People expected"), "current_accounted": _("People accounted for"),
    "head_count_observed_at": _("Head count of"), "head_count_freshness": _("How current"),
    "plan_adequate": _("Plan is adequate"), "plan_review_on": _("Review due on"),
}  # fmt: skip


STATUS_COLUMNS = (*PLACE, "kind", "operational", "alert_level", "status_observed_at", "status_freshness")
COUNT_COLUMNS = (*PLACE, "current_expected", "current_accounted", "head_count_observed_at", "head_count_freshness")
PLAN_COLUMNS = (*PLACE, "plan_adequate", "plan_review_on")


def _headings(columns: Sequence[str]) -> dict[str, str | Promise]:
    return {name: HEADINGS[name] for name in columns if name in HEADINGS}


def _sites(receiver: UUID) -> QuerySet:
    return Site.objects.all()


def _counted_sites(receiver: UUID) -> QuerySet:
    """Head counts are read from the site: the newest one, with the accounted total in place of the single states.

    Expected less the three safe states would tell how many are detained, missing or dead.
    """
    return Site.objects.exclude(current_headcount_id=None)


STATUS = shareable(
    Dataset(
        DataShare.Dataset.SITE_STATUS,
        rows=SITE_ROWS,
        queryset=_sites,
        columns=STATUS_COLUMNS,
        headings=_headings(STATUS_COLUMNS),
        freshness="status_freshness",
    )
)
COUNTS = shareable(
    Dataset(
        DataShare.Dataset.HEAD_COUNTS,
        rows=SITE_ROWS,
        queryset=_counted_sites,
        columns=COUNT_COLUMNS,
        headings=_headings(COUNT_COLUMNS),
        freshness="head_count_freshness",
    )
)
PLANS = shareable(
    Dataset(
        DataShare.Dataset.PLANS,
        rows=SITE_ROWS,
        queryset=_sites,
        columns=PLAN_COLUMNS,
        headings=_headings(PLAN_COLUMNS),
    )
)
