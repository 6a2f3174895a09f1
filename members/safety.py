"""Which sites follow the safety profile: where a state is an adversary, less is collected and less is shown (decisions 5.1)."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from aimprogress.places.area_status import statuses_on
from aimprogress.places.countries import SAFETY_PROFILE_COUNTRIES
from members.models import Site

Where = tuple[str, tuple[str, ...]]
"""A country, and codes of what is known nearest of where a site is."""


def where(country: str, region: str, *nearer: str | None) -> Where:
    """An oblast counts only where nothing nearer is known: a part of it may be listed otherwise."""
    return country, tuple(code for code in nearer if code) or (region,)


def where_is(site: Site) -> Where:
    """The same of a site: its area, and that of its town."""
    return where(site.country, site.admin1_id, site.area_id, site.settlement.area_id if site.settlement else None)


def follows_safety_profile(site: Site) -> bool:
    """True for sites in Russia, Belarus and areas that the official list calls occupied, whichever of its places says so."""
    return follow_safety_profile([where_is(site)])[where_is(site)]


def follow_safety_profile(places: Iterable[Where]) -> dict[Where, bool]:
    """The same of many places, in constant queries."""
    wanted = set(places)
    standings = statuses_on({code for country, codes in wanted if country == "UA" for code in codes}, timezone.localdate())
    occupied = {code for code, standing in standings.items() if standing.is_occupied}
    return {
        (country, codes): country in SAFETY_PROFILE_COUNTRIES or (country == "UA" and not occupied.isdisjoint(codes))
        for country, codes in wanted
    }


def taken_since() -> QuerySet:
    """Sites of whose places the official list calls one occupied by now, and that do not follow the safety profile yet."""
    outside = Site.objects.filter(country="UA", safety_profile=False)
    known = outside.order_by().values_list("area_id", "settlement__area_id", "admin1_id").distinct()
    standings = statuses_on({code for row in known for code in row if code}, timezone.localdate())
    occupied = [code for code, standing in standings.items() if standing.is_occupied]
    nearer = Q(area__in=occupied) | Q(settlement__area__in=occupied)
    return outside.filter(nearer | Q(area=None, settlement__area=None, admin1__in=occupied))
