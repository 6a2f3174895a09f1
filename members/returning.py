"""Whether people may go back to work at a site that they left for their safety (domain.md 3.9).

Only the ten gates of the instrument `return_to_work` say so: all pass or do not apply, signed, not older than 30 days, used once:
by the entry of the log that stands on them. Whoever takes that entry back, or corrects it to something else, has not used them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

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


def clearance(site: Site, at: datetime, now: datetime, *, corrected: SiteStatus | None = None) -> Assessment | None:
    """The signed gates that stand and were not used yet, or by nothing but the entry that is being corrected.

    at: when the site was seen operating. A correction does not carry them past a moment when people left again.
    """
    if corrected and corrected.permit and not is_uncleared(site, max(at, corrected.observed_at)):
        return Assessment.objects.filter(pk=corrected.permit).first()
    return standing_permit(GATES, site.pk, now)


def settle_permits(permits: Iterable[UUID | None]) -> None:
    """Entries of the log on these permits were made, corrected or taken back: each is used by what stands on it, or free again.

    How long it holds is counted from its signature as before.
    """
    for permit in Assessment.objects.filter(pk__in={one for one in permits if one}):
        used = newest(SiteStatus.objects.filter(site=permit.subject_id, permit=permit.pk)).first()
        permit.used_at = used and used.recorded_at
        permit.save(update_fields=["used_at"])
