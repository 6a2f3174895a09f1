"""Which sites follow the safety profile: where a state is an adversary, less is collected and less is shown (decisions 5.1)."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from aimprogress.places.area_status import status_on, statuses_on
from aimprogress.places.countries import SAFETY_PROFILE_COUNTRIES
from aimprogress.places.models import AdminArea
from members.models import Site


def follows_safety_profile(country: str, area: AdminArea) -> bool:
    """True for sites in Russia, Belarus and areas that the official list calls occupied."""
    if country in SAFETY_PROFILE_COUNTRIES:
        return True
    return country == "UA" and status_on(area, timezone.localdate()).is_occupied


def taken_since() -> QuerySet:
    """Sites whose area the official list calls occupied by now, and that do not follow the safety profile yet."""
    outside = Site.objects.filter(country="UA", safety_profile=False)
    areas = {area or region for area, region in outside.order_by().values_list("area_id", "admin1_id").distinct()}
    occupied = [code for code, standing in statuses_on(areas, timezone.localdate()).items() if standing.is_occupied]
    return outside.filter(Q(area__in=occupied) | Q(area=None, admin1__in=occupied))
