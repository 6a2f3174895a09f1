"""Which sites follow the safety profile: where a state is an adversary, less is collected and less is shown (decisions 5.1)."""

from django.utils import timezone

from aimprogress.places.area_status import status_on
from aimprogress.places.models import AdminArea, AreaConflictStatus

HOSTILE_TERRITORY = frozenset({"RU", "BY"})


def follows_safety_profile(country: str, area: AdminArea) -> bool:
    """True for sites in Russia, Belarus and areas that the official list calls occupied."""
    if country in HOSTILE_TERRITORY:
        return True
    return country == "UA" and status_on(area, timezone.localdate()).status == AreaConflictStatus.Status.OCCUPIED
