"""Which sites follow the safety profile: where a state is an adversary, less is collected and less is shown (decisions 5.1)."""

from django.utils import timezone

from aimprogress.places.area_status import status_on
from aimprogress.places.countries import SAFETY_PROFILE_COUNTRIES
from aimprogress.places.models import AdminArea


def follows_safety_profile(country: str, area: AdminArea) -> bool:
    """True for sites in Russia, Belarus and areas that the official list calls occupied."""
    if country in SAFETY_PROFILE_COUNTRIES:
        return True
    return country == "UA" and status_on(area, timezone.localdate()).is_occupied
