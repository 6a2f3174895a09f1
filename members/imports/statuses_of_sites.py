"""What a list of sites says of their state: by the rules of every report, of its own day, and taken back with the list."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from aimprogress.core.actor import current_actor
from aimprogress.core.copying import insert_rows
from aimprogress.core.ids import uuid7
from aimprogress.exchange.records import CHECK, ERROR, NOTE
from aimprogress.exchange.targets import Candidate
from members.models import Control, Damage, Escalation, Site, SiteStatus
from members.projection import refresh_many
from members.transitions import Move, State, refusals


def compare_status(candidate: Candidate, site: Site | None, *, uncleared: bool = False) -> None:
    """What the list says of the state of a known site, or of a new one: of its own day, and by the rules of every report."""
    status, since = (candidate.record.fields.get(name) for name in ("status", "status_since"))
    if not status:
        return
    if not since:
        candidate.record.remark(CHECK, "status_since", "status_without_day", {})
    elif site and site.current_status_at and timezone.localdate(site.current_status_at).isoformat() >= since:
        if site.current_operational != status:
            candidate.record.remark(NOTE, "status", "portal_is_newer", {"value": status})
    elif site is None or site.current_operational != status or not site.current_status_at:
        if wrong := refusals(_move(site, status, uncleared)):
            reasons = " ".join(str(reason) for reasons in wrong.values() for reason in reasons)
            candidate.record.remark(ERROR, "status", "refused_by_rules", {"reason": reasons})
        elif site:
            candidate.changes["status"] = [site.current_operational, f"{status}, {since}"]


def _lasting(site: Site | None) -> dict[str, Any]:
    """What a list does not say of a site's state stays as it is."""
    if site is None or not site.current_operational:
        return {"control": Control.MEMBER.value, "damage": Damage.NOT_ASSESSED.value, "access": ""}
    return {"control": site.current_control, "damage": site.current_damage, "access": site.current_access}


def _move(site: Site | None, status: str, uncleared: bool) -> Move:
    """A list says the status alone. Who imports changes sites, so is a coordinator. It clears nothing: whoever signed the gates
    says it on the page of the site."""
    lasting = _lasting(site)
    before = State(site.current_operational, site.current_reason, **lasting) if site and site.current_operational else None
    return Move(before, State(status, **lasting), by_coordinator=True, reason_follows=True, uncleared=uncleared)


def log_statuses(organisation: models.Model, candidates: Sequence[Candidate], known: Mapping[UUID, Site]) -> None:
    """The statuses of a list, each of its own day, at noon there; never newer than now."""
    zone, now, rows = timezone.get_current_timezone(), timezone.now(), []
    for candidate in candidates:
        status, since = (candidate.record.fields.get(name) for name in ("status", "status_since"))
        if not status or not since or (candidate.record.outcome == "changed" and "status" not in candidate.changes):
            continue
        day = dt.datetime.combine(dt.date.fromisoformat(since), dt.time(12), tzinfo=zone)
        lasting = _lasting(known.get(candidate.target_id)).values()
        rows.append([uuid7(), organisation.pk, candidate.target_id, status, min(day, now), current_actor().user_id, *lasting])
        candidate.before = {**(candidate.before or {}), "status_id": str(rows[-1][0])}
    if rows:
        said = ("operational", "observed_at", "reported_by_id", "control", "damage", "access")
        insert_rows(SiteStatus, ["id", "organisation_id", "site_id", *said], rows)
        refresh_many([row[2] for row in rows])
        versions = dict(Site.objects.filter(pk__in=[row[2] for row in rows]).order_by().values_list("pk", "version"))
        for candidate in candidates:
            if candidate.target_id in versions:
                candidate.before["version"] = versions[candidate.target_id]


def spoken_of(sites: Collection[UUID], logged: Collection[UUID]) -> set[UUID]:
    """Those of the sites that anything but the statuses of the import speaks of; that they are late, the clock says by itself."""
    found: set[UUID] = set()
    relations = Site._meta.get_fields(include_hidden=True) if sites else ()
    for relation in relations:
        if (relation.one_to_many or relation.one_to_one) and relation.related_model is not Escalation:
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": sites})
            rows = rows.exclude(pk__in=logged) if relation.related_model is SiteStatus else rows
            found |= set(rows.order_by().values_list(relation.field.name, flat=True))
    return found


def retract_statuses(logged: Mapping[UUID, UUID]) -> None:
    """Take back the statuses that the import logged; the rows and their retractions stay in the log."""
    if logged:
        SiteStatus.objects.filter(pk__in=list(logged.values()), retracted_at=None).update(retracted_at=timezone.now())
        refresh_many(list(logged))
