"""Whether people may go back to work at a site that they left for their safety (domain.md 3.9).

Only the ten gates of the instrument `return_to_work` say so: all pass or do not apply, signed, not older than 30 days, used once.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q

from aimprogress.instruments.models import Assessment
from aimprogress.instruments.services import standing_permit
from members.models import Operational, Reason, Site, SiteStatus
from members.projection import newest
from members.transitions import State

GATES = "return_to_work"
LEFT = Q(operational=Operational.EVACUATED) | Q(operational=Operational.SUSPENDED, reason=Reason.SAFETY)


def left_for_safety(state: State | None) -> bool:
    """Whether a state means that people are away because it was dangerous."""
    stopped = state is not None and state.operational == Operational.SUSPENDED and state.reason == Reason.SAFETY
    return stopped or (state is not None and state.operational == Operational.EVACUATED)


def is_uncleared(site: Site, at: datetime, *, without: Any = None) -> bool:
    """Whether people left the site and nothing has let it operate since: a stop in between, or work at a reduced level,
    is no way around. `without`: an entry that is being corrected."""
    entries = SiteStatus.objects.filter(site=site, observed_at__lte=at).exclude(pk=without)
    left = newest(entries.filter(LEFT)).first()
    if left is None:
        return False
    return not newest(entries.filter(operational=Operational.OPERATING, observed_at__gt=left.observed_at)).exists()


def clearance(site: Site, now: datetime) -> Assessment | None:
    """The signed gates that stand and were not used yet."""
    return standing_permit(GATES, site.pk, now)
