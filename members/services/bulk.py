"""One report for many sites: looked at before it is made, judged site by site, taken back whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import BulkCheckIn, Operational, Site, SiteStatus
from members.models.bulk import UNDO_WITHIN
from members.returning import Return, returns, settle_permits
from members.services.sites import add_status, refresh_current
from members.transitions import Move, State, refusals

MOST_SITES = 500


@dataclass(frozen=True, slots=True)
class Planned:
    """What the report would make of one site: from which status to which, or why it would not."""

    site: Site
    before: str
    after: str
    refusal: str | Promise = ""


def planned(sites: Iterable[Site], *, operational: str, observed_at: datetime, reason: str = "") -> list[Planned]:
    """What a report of `operational` ("" for "as before") would do at each of these sites. Their gates are asked all at once."""
    after = {site: operational or site.current_operational for site in sites}
    operate = [site.pk for site, code in after.items() if code == Operational.OPERATING]
    back = returns(operate, observed_at, timezone.now()) if operate else {}
    return [_planned(site, code, observed_at, reason, back.get(site.pk)) for site, code in after.items()]


def _planned(site: Site, after: str, observed_at: datetime, reason: str, back: Return | None) -> Planned:
    as_before = after == site.current_operational
    move = Move(_state(site, site.current_operational, site.current_reason) if site.current_operational else None,
                _state(site, after, site.current_reason if as_before else reason), by_coordinator=True,
                uncleared=back is not None and back.permit is None)  # fmt: skip
    if not after:
        refusal: str | Promise = _("Nothing was ever reported, so nothing can be as before.")
    elif site.current_status_at and site.current_status_at >= observed_at:
        refusal = _("A newer report is there.")
    elif site.help_needed_since:
        refusal = _("Somebody asked for help there: report it by itself.")
    else:
        against = back.against if back else ()
        refusal = next((reasons[0] for reasons in refusals(move).values()), next(iter(against), ""))
    return Planned(site, site.current_operational, after, refusal)


def _state(site: Site, operational: str, reason: str) -> State:
    lasting: dict[str, Any] = {"control": site.current_control or "MEMBER", "access": site.current_access}
    if site.current_damage is not None:
        lasting["damage"] = site.current_damage
    return State(operational, reason, **lasting)


@service(Permission.SITE_STATUS_LOG)
def check_in_together(
    *, sites: list[UUID], operational: str, observed_at: datetime, told_by: str, reason: str = "", **source: Any
) -> BulkCheckIn:
    """Log one status for many sites of the own organisation, as told by somebody (a role), all or none.

    operational: a status, or "" where each site is as it was. A site that cannot take it raises ValidationError. No head count
    is renewed: nobody counted.
    """
    actor = current_actor()
    found = list(Site.objects.select_for_update(of=("self",)).filter(pk__in=sites).order_by("pk"))
    if not found or len(found) != len(set(sites)) or len(found) > MOST_SITES:
        raise ValidationError({"sites": _("Choose at least one site, and at most %(most)s.") % {"most": MOST_SITES}})
    if any(site.organisation_id != actor.organisation_id or not actor.acts_at(site.pk) for site in found):
        raise PermissionDenied
    wrong = [one for one in planned(found, operational=operational, observed_at=observed_at, reason=reason) if one.refusal]
    if wrong:
        raise ValidationError({"sites": [f"{one.site}: {one.refusal}" for one in wrong]})
    bulk = BulkCheckIn(
        organisation_id=actor.organisation_id, operational=operational, observed_at=observed_at, told_by=told_by.strip(),
        sites=len(found), by_id=actor.user_id, **source,
    )  # fmt: skip
    bulk.save(force_insert=True)
    for site in found:
        status = operational or site.current_operational
        why = reason if operational and operational != site.current_operational else site.current_reason
        add_status(
            site, operational=status, reason=why, observed_at=observed_at, told_by=bulk.told_by, bulk=bulk, **source
        )  # fmt: skip
    refresh_current(*found)
    return bulk


@service(Permission.SITE_STATUS_LOG)
def undo_bulk_check_in(*, bulk: BulkCheckIn) -> BulkCheckIn:
    """Take the whole report back, within a quarter of an hour and by who made it. The rows and their retraction stay."""
    now = timezone.now()
    if bulk.by_id != current_actor().user_id:
        raise PermissionDenied
    if bulk.undone_at or now - bulk.made_at > UNDO_WITHIN:
        raise Conflict(_("It is too late to take this back. Correct the reports of the sites instead."))
    made = SiteStatus.objects.filter(bulk=bulk, retracted_at=None)
    sites = list(made.values_list("site_id", flat=True))
    made.update(retracted_at=now)
    bulk.undone_at = now
    bulk.save(update_fields=["undone_at"])
    settle_permits(SiteStatus.objects.filter(bulk=bulk).values_list("permit", flat=True))
    refresh_current(*Site.objects.select_for_update(of=("self",)).filter(pk__in=sites).order_by("pk"))
    return bulk
