"""How a site is shown now: the display group, with "no contact" derived from age when it is read (decisions 4.1)."""

from datetime import datetime

from django.db.models import Case, Q, TextField, Value, When

from aimprogress.figures.freshness import Band, Fact, in_bands
from members.models import GROUP_OF, Operational, StatusGroup
from members.models.site import ENDED

SILENT = (Band.STALE, Band.NEVER)


def shown_group(operational: str, band: str) -> StatusGroup:
    """The display group of a status of this age. A closed site is not silent; a stale one is out of contact."""
    if operational in ENDED:
        return StatusGroup.CLOSED
    if band in SILENT or not operational:
        return StatusGroup.NO_CONTACT
    return GROUP_OF[Operational(operational)]


def in_group(group: str, *, now: datetime, site: str = "") -> Q:
    """The same as a condition on sites, so that a number and the list behind it agree."""
    operational = f"{site}current_operational"
    codes = [code for code, of in GROUP_OF.items() if of == group]
    silent = silent_sites(now=now, site=site)
    if group == StatusGroup.CLOSED:
        return Q(**{f"{operational}__in": ENDED})
    if group == StatusGroup.NO_CONTACT:
        return ~Q(**{f"{operational}__in": ENDED}) & (silent | Q(**{f"{operational}__in": ["", Operational.UNKNOWN]}))
    return Q(**{f"{operational}__in": codes}) & ~silent


def silent_sites(*, now: datetime, site: str = "") -> Q:
    return in_bands(SILENT, Fact.STATUS, now=now, observed=f"{site}current_status_at", level=f"{site}alert_level")


def group_expression(*, now: datetime, site: str = "") -> Case:
    """The display group of each row as SQL."""
    branches = [When(in_group(group, now=now, site=site), then=Value(group.value)) for group in StatusGroup]
    return Case(*branches, default=Value(StatusGroup.NO_CONTACT.value), output_field=TextField())
