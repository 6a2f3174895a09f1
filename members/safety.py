"""Which sites follow the safety profile: where a state is an adversary, less is collected and less is shown (decisions 5.1)."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from aimprogress.places.area_status import code_of, statuses_on
from aimprogress.places.countries import SAFETY_PROFILE_COUNTRIES
from aimprogress.places.models import AdminArea, Settlement
from members.models import Site


def follows_safety_profile(country: str, *places: AdminArea | Settlement | None) -> bool:
    """True for sites in Russia, Belarus and areas that the official list calls occupied, whichever of `places` says so."""
    if country in SAFETY_PROFILE_COUNTRIES:
        return True
    if country != "UA":
        return False
    standings = statuses_on({code_of(place) for place in places if place}, timezone.localdate())
    return any(standing.is_occupied for standing in standings.values())


def nearest_places(site: Site) -> list[AdminArea | Settlement]:
    """What is known of where a site is. Its oblast only where nothing nearer is: a part of it may be listed otherwise."""
    nearer = [site.settlement if site.settlement and site.settlement.area_id else None, site.area]
    return [place for place in nearer if place] or [site.admin1]


def taken_since() -> QuerySet:
    """Sites of whose places the official list calls one occupied by now, and that do not follow the safety profile yet."""
    outside = Site.objects.filter(country="UA", safety_profile=False)
    known = outside.order_by().values_list("area_id", "settlement__area_id", "admin1_id").distinct()
    standings = statuses_on({code for row in known for code in row if code}, timezone.localdate())
    occupied = [code for code, standing in standings.items() if standing.is_occupied]
    nearer = Q(area__in=occupied) | Q(settlement__area__in=occupied)
    return outside.filter(nearer | Q(area=None, settlement__area=None, admin1__in=occupied))
