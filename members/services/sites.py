"""What people do with sites: register, change, log what they saw, correct it. The projection follows in the same transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.headcounts import killed_fell
from members.models import (
    STOPPED,
    AlertLevel,
    AlertLevelChange,
    CommunicationPlan,
    Device,
    EvacuationPlan,
    HeadCount,
    Operational,
    Organisation,
    PlanStatus,
    Site,
    SiteStatus,
)
from members.models.fact import Fact
from members.planning import review_date
from members.projection import newest, projections, standing
from members.returning import has_left_since, returns, settle_permits
from members.safety import follows_safety_profile
from members.transitions import LOWERED, Move, State, levels_for, refusals

RETRACT_WITHIN = timedelta(seconds=60)
CARRIED = ("control", "damage", "access")
"""Dimensions of a site's state that stay as they were where a report says nothing of them."""


class ForbiddenMove(ValidationError):
    """What was said of a site cannot follow what stands (members/transitions.py)."""


@service(Permission.SITE_EDIT)
def register_site(*, organisation: Organisation, **fields: Any) -> Site:
    """Add a site. Its number inside its oblast is given once and never reused: it is the site's name where names are reduced."""
    site = Site(organisation=organisation, **fields)
    site.number_in_area = _next_number(site)
    _place(site)
    site.save(force_insert=True)
    return site


@service(Permission.SITE_EDIT)
def change_site(*, site: Site, **fields: Any) -> Site:
    """Change what a site is. What happened at it is logged, never edited. In another oblast it gets another number."""
    site = lock(site)  # as it stands now: a report that came in meanwhile is not written over
    region, town, shift = site.admin1_id, site.settlement_id, site.largest_shift
    for name, value in fields.items():
        setattr(site, name, value)
    if site.admin1_id != region:
        site.number_in_area = _next_number(site)
    if (site.admin1_id, site.settlement_id) != (region, town) and "area" not in fields:
        site.area = None  # else it stays: retention may have emptied the town, and the profile follows from the area that is left
    _place(site)
    site.save()
    if site.largest_shift != shift:
        refresh_current(site)  # whether its plan is adequate
    end_phones_inside([site])
    return site


@service(Permission.SITE_EDIT)
def take_under_the_profile(*, site: Site) -> Site:
    """The official list calls the site's area occupied by now: from this moment on less is collected, and its phones end."""
    site = lock(site)
    site.safety_profile = True
    site.save(update_fields=["safety_profile"])
    end_phones_inside([site])
    return site


@service(Permission.SITE_EDIT)
def allow_check_in_from_inside(*, site: Site, reason: str) -> Site:
    """Let people at a safety-profile site report from inside (decisions 5.1). An empty reason ends the phones there."""
    site.inside_checkin_reason = reason.strip()
    site.save(update_fields=["inside_checkin_reason"])
    end_phones_inside([site])
    return site


@service(Permission.SITE_STATUS_LOG)
def log_site_status(
    *, site: Site, operational: str, observed_at: datetime | None = None, guided: bool = False, **fields: Any
) -> SiteStatus:
    """Add a status to a site's log and bring the site's projection up to date. `guided`: what a stop asks for is settled.

    Raises ValidationError if `observed_at` (aware) lies more than two minutes ahead, or where members/transitions.py forbids
    the change; PermissionDenied where a site reporter reports from inside a safety-profile site.
    """
    site = lock(site)
    unguided = not guided and needs_guidance(site, operational)
    status = add_status(site, operational=operational, observed_at=observed_at or timezone.now(), unguided=unguided, **fields)
    refresh_current(site)
    return status


@service(Permission.SITE_STATUS_LOG)
def correct_site_status(
    *, status: SiteStatus, operational: str, observed_at: datetime | None = None, **fields: Any
) -> SiteStatus:
    """Replace a wrong status by a right one, with the reason; both stay in the log. It was seen when the wrong one was."""
    site = lock(status.site)
    unguided = operational != status.operational and needs_guidance(site, operational)
    seen_at = observed_at or status.observed_at
    right = add_status(site, supersedes=status, operational=operational, observed_at=seen_at, unguided=unguided, **fields)
    refresh_current(site)
    return right


@service(Permission.SITE_STATUS_LOG)
def retract_site_status(*, status: SiteStatus) -> SiteStatus:
    """Take back an own status within a minute: both the row and its retraction stay in the log."""
    site = lock(status.site)
    retract(status)
    settle_permits([status.permit, status.supersedes and status.supersedes.permit])
    refresh_current(site)
    return status


@service(Permission.HEADCOUNT_LOG)
def log_head_count(*, site: Site, expected: int, observed_at: datetime | None = None, **fields: Any) -> HeadCount:
    """Add a head count. Its nine states must sum to `expected`, and the killed never become fewer without a correction.

    Raises ValidationError in words that say how many people have no state, or too many.
    """
    site = lock(site)
    count = add_head_count(site, expected=expected, observed_at=observed_at or timezone.now(), **fields)
    refresh_current(site)
    return count


@service(Permission.HEADCOUNT_LOG)
def correct_head_count(*, head_count: HeadCount, observed_at: datetime | None = None, **fields: Any) -> HeadCount:
    """Replace a wrong head count by a right one, with the reason; both stay in the log."""
    site = lock(head_count.site)
    right = add_head_count(site, supersedes=head_count, observed_at=observed_at or head_count.observed_at, **fields)
    refresh_current(site)
    return right


@service(Permission.HEADCOUNT_LOG)
def retract_head_count(*, head_count: HeadCount) -> HeadCount:
    """Take back an own head count within a minute."""
    retract(head_count)
    refresh_current(lock(head_count.site))
    return head_count


@service(Permission.ALERT_RAISE)
def change_alert_level(
    *, site: Site, level: int, reason: str = "", observed_at: datetime | None = None, **fields: Any
) -> AlertLevelChange:
    """Set a site's alert level. Lowering it is for coordinators and analysts, and from severe or extreme needs a reason.

    Raises ValidationError where the level is that of now, or held before (`observed_at`) the newest change did: an entry that
    was wrong is corrected; PermissionDenied where a site reporter reports from inside a safety-profile site.
    """
    site = lock(site)
    may_report_from_here(site)
    return add_alert_level(site, level=level, reason=reason, observed_at=observed_at, **fields)


@service(Permission.ALERT_RAISE)
def correct_alert_level(
    *, change: AlertLevelChange, level: int, observed_at: datetime | None = None, **fields: Any
) -> AlertLevelChange:
    """Replace a wrong change of level by a right one, with what was wrong; both stay in the log."""
    site = lock(change.site)
    may_report_from_here(site)
    return add_alert_level(site, supersedes=change, level=level, observed_at=observed_at, **fields)


@service(Permission.ALERT_RAISE)
def retract_alert_level(*, change: AlertLevelChange) -> AlertLevelChange:
    """Take back an own change of level within a minute: the level is again what it was, also where that is lower."""
    site = lock(change.site)
    retract(change)
    refresh_current(site)
    _review_plans_at_new_level(site)
    return change


def lock(site: Site) -> Site:
    """The site's row, held until the transaction ends, so that two reports cannot mix their projections."""
    return Site.objects.select_for_update(of=("self",)).get(pk=site.pk)


def needs_guidance(site: Site, operational: str) -> bool:
    """Whether this status stops work that the guided page has to stop: not where a reporter says what is so at the own site."""
    actor = current_actor()
    decides = actor.kind != "system" and actor.reports_at is None
    return decides and operational in STOPPED and operational != site.current_operational


def add_status(
    site: Site, *, operational: str, observed_at: datetime, reason_follows: bool = False, unguided: bool = False, **fields: Any
) -> SiteStatus:
    """The rule of a new status row, for the services above, the check-in and the import. `site` is locked, and the caller
    brings its projection up to date (`refresh_current`) once all of its rows are there.

    What the report does not say of control, damage and access stays as it was. `reason_follows`, `unguided`: see `Move`.
    """
    may_report_from_here(site)
    status = SiteStatus(
        organisation_id=site.organisation_id, site=site, operational=operational, observed_at=observed_at,
        reported_by_id=current_actor().user_id, **fields,
    )  # fmt: skip
    check_correction(status, status.correction_reason, "correction_reason")
    before = newest(SiteStatus.objects.filter(site=site, observed_at__lte=observed_at).exclude(pk=status.supersedes_id)).first()
    for name in CARRIED:
        if before and name not in fields:
            setattr(status, name, getattr(before, name))
    by_coordinator, corrected = current_actor().may(Permission.SITE_EDIT), status.supersedes
    back, operated = None, before is not None and before.operational == Operational.OPERATING
    if operational == Operational.OPERATING and (not operated or has_left_since(site, before.observed_at, observed_at)):
        back = returns([site.pk], observed_at, timezone.now(), corrected=corrected).get(site.pk)
    status.permit = back.permit.pk if back and back.permit else None
    uncleared = back is not None and back.permit is None
    move = Move(before and _state(before), _state(status), by_coordinator, reason_follows, uncleared, unguided)
    wrong = refusals(move)
    if back and back.against:
        wrong.setdefault("operational", []).extend(back.against)
    if wrong:
        raise ForbiddenMove(wrong)
    status.save(force_insert=True)
    settle_permits([status.permit, corrected and corrected.permit])
    return status


def _state(status: SiteStatus) -> State:
    return State(status.operational, status.reason, status.control, status.damage, status.access)


def add_alert_level(
    site: Site, *, level: int, observed_at: datetime | None = None, reason: str = "", **fields: Any
) -> AlertLevelChange:
    """The rule of a new alert level, for the services above and for an evacuation. `site` is locked; its projection follows.

    Without `observed_at` it holds from now on, or from when the newest change does where a clock was ahead.
    """
    change = AlertLevelChange(
        organisation_id=site.organisation_id, site=site, level=level, reason=reason.strip(),
        reported_by_id=current_actor().user_id, **fields,
    )  # fmt: skip
    check_correction(change, change.correction_reason, "correction_reason")
    others = newest(AlertLevelChange.objects.filter(site=site).exclude(pk=change.supersedes_id))
    if change.supersedes_id is None:
        _check_new_level(site, change)
        last = others.values_list("observed_at", flat=True).first()
        if observed_at and last and observed_at < last:
            raise ValidationError({"observed_at": _("The level was changed after that. If that entry is wrong, correct it.")})
        change.observed_at, change.previous = observed_at or max(filter(None, (timezone.now(), last))), site.alert_level
    else:
        change.observed_at = observed_at or change.supersedes.observed_at
        before = others.filter(observed_at__lte=change.observed_at).first()
        change.previous = before.level if before else AlertLevel.NORMAL
    was = site.alert_level
    change.save(force_insert=True)
    refresh_current(site)
    if site.alert_level not in levels_for(current_actor(), was):
        raise ValidationError({"level": LOWERED})
    _review_plans_at_new_level(site)
    return change


def _check_new_level(site: Site, change: AlertLevelChange) -> None:
    if change.level == site.alert_level:
        raise ValidationError({"level": _("The site is already at this level.")})
    if change.level not in levels_for(current_actor(), site.alert_level):
        raise PermissionDenied(str(LOWERED))
    if change.level < site.alert_level and site.alert_level >= 3 and not change.reason:
        raise ValidationError({"reason": _("Lowering a severe or extreme level needs a reason.")})


def check_correction(fact: Fact, reason: str, field: str) -> None:
    """A correction replaces a fact that still stands, and says why. That it is one of the same site, `Fact.clean` says."""
    if fact.supersedes_id is None:
        return
    if not standing(type(fact).objects.filter(pk=fact.supersedes_id)).exists():
        raise ValidationError({"supersedes": _("This entry was corrected or taken back already. Correct the newer one.")})
    if not reason.strip():
        raise ValidationError({field: _("Say what was wrong.")})


def add_head_count(site: Site, *, expected: int, observed_at: datetime, **fields: Any) -> HeadCount:
    """The rule of a new head-count row, as `add_status` is of a status."""
    may_report_from_here(site)
    count = HeadCount(
        organisation_id=site.organisation_id, site=site, expected=expected, observed_at=observed_at,
        reported_by_id=current_actor().user_id, **fields,
    )  # fmt: skip
    check_correction(count, count.reason, "reason")
    if problem := _killed_out_of_order(count):
        raise ValidationError(_other_problems(count) | {"killed": [problem]})
    count.save(force_insert=True)
    return count


def _killed_out_of_order(count: HeadCount) -> str:
    """Why the killed of a count do not fit those of the counts before and after it, whenever each was entered; empty if they do.

    A count that is too old to keep its protected states says nothing of them, so the next one that does is asked.
    """
    told = sum((F(name) for name in ("safe_idp", "safe_abroad", "injured", "unaccounted")), F("safe_local"))
    others = standing(HeadCount.objects.filter(site=count.site).exclude(pk=count.supersedes_id))
    others = others.filter(Q(strict__isnull=False) | Q(expected=told))
    before = others.filter(observed_at__lte=count.observed_at).order_by("-observed_at", "-id").first()
    after = others.filter(observed_at__gt=count.observed_at).order_by("observed_at", "id").first()
    how = {"is_correction": count.supersedes_id is not None, "reason": count.reason}
    if before and (problem := killed_fell(before.states, count.states, **how)):
        return problem
    if after and killed_fell(count.states, after.states, **how):
        return _("A later count says that fewer people were killed. If it is wrong, correct it first, with a reason.")
    return ""


def _other_problems(count: HeadCount) -> dict[str, list[str]]:
    """What else is wrong with a count that is refused already, so that nobody has to come back for it."""
    try:
        count.full_clean()
    except ValidationError as found:
        return found.message_dict
    return {}


def retract(fact: Fact) -> None:
    """Raises PermissionDenied for somebody else's row, Conflict after a minute. Nobody's is not everybody's."""
    actor = current_actor()
    if fact.reported_by_id != actor.user_id or (actor.user_id is None and actor.kind != "system"):
        raise PermissionDenied
    if fact.retracted_at or timezone.now() - fact.recorded_at > RETRACT_WITHIN:
        raise Conflict(_("It is too late to take this back. Send a new report instead."))
    type(fact).objects.filter(pk=fact.pk).update(retracted_at=timezone.now())
    fact.retracted_at = timezone.now()


def refresh_current(*sites: Site) -> None:
    """Bring the projection of locked sites up to date."""
    now = projections(sites)
    for site in sites:
        for name, value in now[site.pk].items():
            setattr(site, name, value)
        site.save()


def _place(site: Site) -> None:
    """The area of a site is that of its town where nobody says it otherwise; by both the safety profile is judged."""
    if site.area_id is None:
        site.area = site.settlement.area if site.settlement else None
    site.safety_profile = follows_safety_profile(site)


def _next_number(site: Site) -> int:
    """The number of a site that is new in its oblast."""
    return last_numbers(site.organisation_id).get(site.admin1_id, 0) + 1


def last_numbers(organisation_id: UUID) -> dict[str, int]:
    """The last number given in each oblast. The organisation is held: two sites must not get one number at once."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    numbers = Site.objects.filter(organisation_id=organisation_id).order_by().values_list("admin1_id")
    return dict(numbers.annotate(last=Max("number_in_area")))


def end_phones_inside(sites: Iterable[Site]) -> None:
    """No phone stays at a site with the safety profile unless somebody said why (decisions 5.1)."""
    if inside := [site.pk for site in sites if site.safety_profile and not site.inside_checkin_reason]:
        Device.objects.filter(site__in=inside).end(Device.Ended.CLOSED)


def _review_plans_at_new_level(site: Site) -> None:
    """Another alert level, another cadence: plans in force carry the date that follows from the level of now."""
    for model in (EvacuationPlan, CommunicationPlan):
        for plan in model.objects.filter(site=site, status=PlanStatus.APPROVED, approved_at__isnull=False):
            plan.next_review_on = review_date(site.alert_level, timezone.localdate(plan.approved_at))
            plan.save(update_fields=["next_review_on"])


def may_report_from_here(site: Site) -> None:
    """At a safety-profile site nobody reports from inside unless the coordinator said why (decisions 5.1)."""
    if site.safety_profile and current_actor().reports_at is not None and not site.inside_checkin_reason:
        raise PermissionDenied
