"""Sites as they were known at an earlier moment: for one request a table of that name stands before the real one.

Filters, figures, the map and the lists read `Site.current_*`; what stood there then follows from the log by the one rule of
members/projection.py. So while somebody looks back, a temporary table `members_site` with what was known then hides the real one:
PostgreSQL looks for a name among the temporary tables first. It holds what row security shows to the Actor, and nothing else.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from aimprogress.figures.moment import knows_the_past, limits_the_past
from members.models import QuarterStanding, Site
from members.projection import projections_of, store_current, was_there
from members.retention.quarters import quarter_of
from members.retention.rules import OBSERVATIONS

PRESENT = ("current_control",)
"""Never taken from the past: a site that is lost today is shown no more exactly for the days before."""


OF_THEN = (
    "people.accounted_rate", "people.safe_rate", "people.displaced_rate", "people.unaccounted", "sites.", "plans.adequate",
    "plans.review_overdue", "plans.missing", "communication_plans.missing", "drills.",
)  # fmt: skip
"""The figures of this app that follow from the projection."""


@knows_the_past(*OF_THEN)
def put_the_past_before(moment: datetime) -> Callable[[], None]:
    """Let `Site` be read as known at `moment`: sites of which nothing was registered or reported by then are not there."""
    ids = list(Site.objects.order_by().values_list("pk", flat=True))
    said = projections_of(ids, moment)
    for fields in said.values():
        for name in PRESENT:
            del fields[name]
    there = [pk for pk in ids if was_there(pk, said[pk], moment)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE members_site (LIKE public.members_site) ON COMMIT DROP")
        cursor.execute("INSERT INTO pg_temp.members_site SELECT * FROM public.members_site WHERE id = ANY(%s::uuid[])", [there])
    store_current({pk: said[pk] for pk in there}, changed=False)
    return take_the_past_away


def take_the_past_away() -> None:
    """`Site` is the site of now again."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE pg_temp.members_site")


@limits_the_past
def why_not_kept(moment: datetime) -> str:
    """Nothing is shown of a time whose log was added up: what is left of it would say something else than was known then."""
    if moment >= timezone.now() - timedelta(days=OBSERVATIONS.kept_days):
        return ""
    if not QuarterStanding.objects.filter(quarter__gte=quarter_of(moment)).exists():
        return ""
    return _("What sites reported then was added up by quarter and is no longer kept. See “How long we keep what”.")
