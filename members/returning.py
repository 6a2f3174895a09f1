"""Whether people may go back to work at a site that they left for their safety (domain.md 3.9).

Only the ten gates of the instrument `return_to_work` say so: all pass or do not apply, signed after people left, not older than
30 days, used once: by the entry of the log that stands on them. Whoever takes that entry back, or corrects it to something else,
has not used them. What the portal knows itself - the official list, the age of the plans - is asked when they are signed and
again when they are used.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.figures.moment import as_of
from aimprogress.instruments.models import Assessment
from aimprogress.instruments.services import standing_permits
from aimprogress.places.area_status import AreaStanding, status_on
from aimprogress.places.models import AreaConflictStatus
from members.models import (
    ENDED,
    CommunicationPlan,
    EvacuationPlan,
    Operational,
    PlanActivation,
    PlanStatus,
    Reason,
    Site,
    SiteStatus,
)
from members.models.fact import AWAY
from members.projection import newest, standing

GATES = "return_to_work"
FOR_SAFETY = ("", Reason.SAFETY)
"""Reasons of a stop that mean danger. A phone gives none while people leave: that is danger until somebody says otherwise."""
PLANS_AT_MOST = timedelta(days=30)
AREA_GATE, PLANS_GATE, FAILS = "1", "8", "FAIL"
FORBIDDING = (AreaConflictStatus.Status.OCCUPIED, AreaConflictStatus.Status.ACTIVE_HOSTILITIES)
RENEWED: dict[type[Model], Promise] = {
    EvacuationPlan: _("Gate 8: no evacuation plan of this site was approved within the last 30 days."),
    CommunicationPlan: _("Gate 8: no communication plan of this site was approved within the last 30 days."),
}
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
"""Forms ask for minutes: what was seen in the minute of the signature was not seen before it."""


def uncleared(sites: QuerySet, at: datetime, *, known: datetime | None = None, without: Any = None) -> QuerySet:
    """Those of `sites` that people left and that nothing has let operate since, in one query: a stop in between, or work at a
    reduced level, is no way around. People left where the log says so, and where an evacuation of everybody began.

    known: what was known at that moment; None for all that is known. without: an entry that is being corrected.
    """
    log = _log(at, known, without)
    left = Greatest(_first(log.filter(_left(at, known)), "-observed_at"), _first(_emptied(at, known), "-activated_at"))
    operated = log.filter(operational=Operational.OPERATING, observed_at__gt=OuterRef("left_at"))
    return sites.alias(left_at=left).filter(~Exists(operated), left_at__isnull=False)


def waiting_for_return(sites: QuerySet, at: datetime) -> QuerySet:
    """The open ones that operate again only by the gates, as known at the moment that is spoken of. A site that is seen
    operating, and is not being left, is none: its log is not asked."""
    candidates = sites.exclude(current_operational__in=ENDED).exclude(
        current_operational=Operational.OPERATING, evacuating_since=None
    )
    return uncleared(candidates, at, known=as_of())


def is_uncleared(site: Site, at: datetime, *, without: Any = None) -> bool:
    """Whether people left the site and nothing has let it operate since."""
    return uncleared(Site.objects.filter(pk=site.pk), at, without=without).exists()


def has_left_since(site: Site, moment: datetime, at: datetime) -> bool:
    """Whether an evacuation of everybody began after one moment and until another."""
    return PlanActivation.objects.filter(site=site, activated_at__gt=moment, activated_at__lte=at).of_everybody().exists()


def left_at(site: Site, at: datetime) -> datetime | None:
    """Since when people are away from a site that nothing has let operate since; None where nobody left."""
    return next((when for _site, when in _when_left(uncleared(Site.objects.filter(pk=site.pk), at), at).values()), None)


def _log(at: datetime, known: datetime | None, without: Any) -> QuerySet:
    """What stands of a site's log until a moment."""
    return standing(SiteStatus.objects.filter(site=OuterRef("pk"), observed_at__lte=at).exclude(pk=without), known)


def _left(at: datetime, known: datetime | None) -> Q:
    """Entries that say that people are away for their safety. A stop without a reason is none any more as soon as another
    reason was given for the same stop."""
    same_stop = SiteStatus.objects.filter(
        site=OuterRef("site"), operational=Operational.SUSPENDED, observed_at__gt=OuterRef("observed_at"), observed_at__lte=at
    )
    between = SiteStatus.objects.filter(
        site=OuterRef("site"), observed_at__lt=OuterRef("observed_at"), observed_at__gt=OuterRef(OuterRef("observed_at"))
    ).exclude(operational=Operational.SUSPENDED)
    said_otherwise = standing(same_stop.exclude(reason__in=FOR_SAFETY), known).exclude(Exists(standing(between, known)))
    stop = Q(operational=Operational.SUSPENDED)
    unsaid = stop & Q(reason="") & ~Q(Exists(said_otherwise))
    said = Q(operational=Operational.EVACUATED) | (stop & Q(reason=Reason.SAFETY)) | unsaid
    return Q(operational__in=AWAY) & said  # as the index `status_of_leaving` has it


def _emptied(at: datetime, known: datetime | None) -> QuerySet:
    """Evacuations of everybody at a site that had begun by a moment, but for those that nobody left in."""
    begun = PlanActivation.objects.filter(site=OuterRef("pk"), activated_at__lte=at).of_everybody()
    return begun if known is None else begun.filter(recorded_at__lte=known)


def _first(rows: QuerySet, order: str) -> Subquery:
    return Subquery(rows.order_by(order).values(order.lstrip("-"))[:1])


@dataclass(frozen=True, slots=True)
class Return:
    """A site that people left, and what lets it operate again. `against`: what the portal knows against it all the same."""

    site: Site
    left_at: datetime
    permit: Assessment | None = None
    against: tuple[str, ...] = ()


def returns(sites: Collection[UUID], at: datetime, now: datetime, *, corrected: SiteStatus | None = None) -> dict[UUID, Return]:
    """Of these sites those that people left and nothing has let operate since, each with the gates that let it operate at `at`.

    at: when the site was seen operating. corrected: the entry whose correction says so; it keeps the gates that it stands on,
    but not past a moment when people left again. Two queries, and a few more for each site whose gates are signed.
    """
    without = corrected and corrected.pk
    left = _when_left(uncleared(Site.objects.filter(pk__in=sites), at, without=without), at, without)
    permits = standing_permits(GATES, {pk: when for pk, (_site, when) in left.items()}, now)
    found = {}
    for pk, (site, when) in left.items():
        permit = _kept(corrected, site, at) if corrected and corrected.permit else None
        permit = permit or permits.get(pk)
        if permit and permit.signed_at >= at + MINUTE:
            permit = None  # it was seen before anybody had signed
        found[pk] = Return(site, when, permit, tuple(forbidding(permit)) if permit else ())
    return found


def _when_left(sites: QuerySet, at: datetime, without: Any = None) -> dict[UUID, tuple[Site, datetime]]:
    """Since when people are away: the first entry that says so after the last one that did not, or an evacuation after it."""
    log = _log(at, None, without)
    left, last = log.filter(_left(at, None)), OuterRef("left_last")
    before = _first(log.exclude(_left(at, None)).filter(observed_at__lt=last), "-observed_at")
    began = left.filter(observed_at__gt=OuterRef("else_at"), observed_at__lte=last)
    rows = (
        sites.select_related("settlement", "area", "admin1")
        .annotate(left_last=_first(left, "-observed_at"))
        .annotate(else_at=Coalesce(before, Value(LONG_AGO)))
        .annotate(away_since=Greatest(_first(began, "observed_at"), _first(_emptied(at, None), "-activated_at")))
    )
    return {site.pk: (site, site.away_since) for site in rows}


def _kept(corrected: SiteStatus, site: Site, at: datetime) -> Assessment | None:
    if is_uncleared(site, max(at, corrected.observed_at)):
        return None
    return Assessment.objects.filter(pk=corrected.permit).first()


def forbidding(check: Assessment) -> list[str]:
    """What the portal knows against a return, in words; what it does not know is no word for one.

    Two gates are judged whatever was answered, but for an answer that stops the return itself. The list is asked as it is today;
    the plans are to be renewed when the gates are signed, and the signature then holds as long as it holds.
    """
    found, given = [], check.outcome.items if check.outcome else {}
    standing_there = area_standing(check.site)
    if given.get(AREA_GATE) != FAILS and standing_there.status in FORBIDDING:
        found.append(_("Gate 1: %(words)s Nobody returns while the list says so.") % {"words": standing_there.wording})
    if given.get(PLANS_GATE) != FAILS:
        since = (check.signed_at or timezone.now()) - PLANS_AT_MOST
        for model, words in RENEWED.items():
            renewed = model.objects.filter(site_id=check.site_id, status=PlanStatus.APPROVED, approved_at__gte=since)
            if not renewed.exists():
                found.append(words)
    return found


def area_standing(site: Site) -> AreaStanding:
    """What the official list says today of the place of a site."""
    return status_on(site.settlement or site.area or site.admin1, timezone.localdate())


def settle_permits(permits: Iterable[UUID | None]) -> None:
    """Entries of the log on these permits were made, corrected or taken back: each is used by what stands on it, or free again.

    How long it holds is counted from its signature as before.
    """
    for permit in Assessment.objects.filter(pk__in={one for one in permits if one}):
        used = newest(SiteStatus.objects.filter(site=permit.subject_id, permit=permit.pk)).first()
        permit.used_at = used and used.recorded_at
        permit.save(update_fields=["used_at"])
