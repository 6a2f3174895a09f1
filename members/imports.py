"""Sites from a list: which row is which site, what it would change, writing it, and taking it back."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.records import CHECK, ERROR, NOTE, Record
from aimprogress.exchange.repeats import name_tokens
from aimprogress.exchange.targets import Candidate, Undone, register_target
from aimprogress.exchange.text import key
from aimprogress.places.models import AdminArea
from members.models import Control, Site, SiteStatus
from members.safety import follows_safety_profile
from members.services.sites import add_status, lock, refresh_current
from members.site_columns import SITES
from members.transitions import Move, State, refusals

PLAIN = {
    "name": "name",
    "kind": "kind",
    "country": "country",
    "region_code": "admin1_id",
    "settlement_id": "settlement_id",
    "address": "address",
    "workers": "baseline",
    "largest_shift": "largest_shift",
    "opened_on": "opened_on",
    "essential_goods": "essential_goods",
}
"""Field of the list -> attribute of the site."""


class SiteImport:
    """Lists of sites. A site is known by its code, else by place and name; an empty cell never erases a value."""

    name = "sites"
    title = _("Sites")
    permission = Permission.SITE_EDIT
    spec = SITES

    def compare(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """New, changed or the same; a row without a region, or that the rules of a site refuse, is a problem."""
        known = list(Site.objects.filter(organisation=organisation).select_related("settlement", "admin1"))
        by_code = {site.code.casefold(): site for site in known}
        by_name = {_identity(site.country, site.admin1_id, site.name): site for site in known}
        codes = set(by_code) | {str(c.record.fields.get("code", "")).casefold() for c in candidates}
        met: dict[UUID, Record] = {}
        for candidate in candidates:
            record = candidate.record
            if not record.fields.get("region_code"):
                record.remark(ERROR, "region", "required", {})
                continue
            fields = record.fields
            site = by_code.get(str(fields.get("code", "")).casefold()) or by_name.get(
                _identity(fields["country"], fields["region_code"], fields["name"])
            )
            if site and _is_another(site, fields):
                record.remark(ERROR, "code", "code_in_portal", {"value": site.code})
                continue
            if site and site.pk in met:
                first = met[site.pk]
                record.outcome, record.why = "duplicate", ("duplicate_record", {"row": first.row, "sheet": first.sheet})
                continue
            if site:
                met[site.pk] = record
                _compare_with(candidate, site)
            else:
                _as_new(candidate, organisation, codes)

    def apply(self, organisation: models.Model, rows: Sequence[ImportRow]) -> None:
        """New sites in one INSERT, changed ones one by one, then the statuses through the rule of the log."""
        self._add(organisation, [row for row in rows if row.outcome == ImportRow.Outcome.NEW])
        for row in rows:
            if row.outcome == ImportRow.Outcome.CHANGED:
                _change(row)
        for row in rows:
            if status := _status_of(row):
                _log(row, *status)

    def _add(self, organisation: models.Model, rows: Sequence[ImportRow]) -> None:
        areas = AdminArea.objects.in_bulk({row.fields["region_code"] for row in rows})
        numbers = dict(
            Site.objects.filter(organisation=organisation).values_list("admin1").annotate(last=Max("number_in_area")).order_by()
        )
        sites = []
        for row in rows:
            site = _built(organisation, row.fields)
            numbers[site.admin1_id] = site.number_in_area = numbers.get(site.admin1_id, 0) + 1
            site.safety_profile = follows_safety_profile(site.country, areas[site.admin1_id])
            sites.append(site)
            row.target_id, row.before = site.pk, {"new": True}
        Site.objects.bulk_create(sites, batch_size=1000)

    def undo(self, organisation: models.Model, rows: Sequence[ImportRow]) -> Undone:
        """Sites that nobody touched since go; a site with a report stays, because reports are never deleted."""
        undone = Undone()
        sites = Site.objects.in_bulk([row.target_id for row in rows])
        for row in rows:
            site = sites.get(row.target_id)
            if site is None:
                continue
            _retract(site, row.before.get("status_id"))
            if site.version != row.before.get("version", 1) or SiteStatus.objects.filter(site=site).exists():
                undone.kept.append(site.code)
            elif row.before.get("new"):
                try:
                    site.delete()
                    undone.removed += 1
                except models.ProtectedError:
                    undone.kept.append(site.code)
            else:
                _put_back(site, row.before["values"])
                undone.restored += 1
        return undone


def _identity(country: str, region: str, name: str) -> tuple[str, str, frozenset[str]]:
    return country, region, name_tokens(name)


def _is_another(site: Site, fields: dict[str, Any]) -> bool:
    """The same code for another name in another region: not a change, but two sites."""
    return site.admin1_id != fields["region_code"] and not name_tokens(site.name) & name_tokens(fields["name"])


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    """The site's attributes that a row speaks of. A town's point is no site's place, so it is not kept."""
    values = {attribute: fields[name] for name, attribute in PLAIN.items() if fields.get(name) not in (None, "")}
    if opened := values.get("opened_on"):
        values["opened_on"] = dt.date.fromisoformat(opened)
    if "settlement_id" in values:
        values["settlement_id"] = UUID(values["settlement_id"])
    if fields.get("precision") == "site":
        values["exact_location"] = {"lat": fields["lat"], "lon": fields["lon"]}
    if "address" in values:
        values["address"] = ", ".join(filter(None, [fields["address"], fields.get("postcode")]))[:200]
    return values


def _built(organisation: models.Model, fields: dict[str, Any]) -> Site:
    return Site(organisation_id=organisation.pk, code=fields["code"], **_values(fields))


def _as_new(candidate: Candidate, organisation: models.Model, codes: set[str]) -> None:
    record = candidate.record
    if not record.fields.get("code"):
        record.fields["code"] = _free_code(record.fields, codes)
        record.remark(NOTE, "code", "code_given", {"read": record.fields["code"]})
    codes.add(record.fields["code"].casefold())
    if _refused(record, _built(organisation, record.fields)):
        return
    record.outcome = "new"


def _free_code(fields: dict[str, Any], codes: set[str]) -> str:
    """Three letters of the town and a number: KYV-01, in the manner of domain 3.1."""
    town = key(str(fields.get("settlement") or fields.get("region") or fields["name"])).replace(" ", "").upper()
    letters = (re.sub(r"[^A-Z]", "", town) + "XXX")[:3]
    number = 1
    while f"{letters}-{number:02d}".casefold() in codes:
        number += 1
    return f"{letters}-{number:02d}"


def _refused(record: Record, site: Site) -> bool:
    """True where the rules of a site refuse the row; each reason stands at its field."""
    skip = {"organisation", "admin1", "area", "settlement", "id"}
    try:
        site.full_clean(exclude=skip, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        back = {attribute.removesuffix("_id"): name for name, attribute in PLAIN.items()} | {"admin1": "region"}
        for attribute, reasons in error.message_dict.items():
            record.remark(ERROR, back.get(attribute, attribute), "refused_by_rules", {"reason": " ".join(reasons)})
        return True
    return False


def _compare_with(candidate: Candidate, site: Site) -> None:
    record = candidate.record
    candidate.target_id = site.pk
    names = {attribute: name for name, attribute in PLAIN.items()} | {"exact_location": "point"}
    for attribute, value in _values(record.fields).items():
        old = getattr(site, attribute)
        if old != value:
            candidate.changes[names[attribute]] = [_said(site, attribute, old), _new_said(record, attribute, value)]
            setattr(site, attribute, value)
    if _refused(record, site):
        return
    status = record.fields.get("status")
    if status and not _compare_status(candidate, site, status):
        return
    record.outcome = "changed" if candidate.changes else "same"
    if record.outcome == "same":
        record.why = ("same", {})


def _compare_status(candidate: Candidate, site: Site, status: str) -> bool:
    """False where the state of the site now cannot be followed by this one."""
    since = candidate.record.fields.get("status_since")
    if not since:
        candidate.record.remark(CHECK, "status_since", "status_without_day", {})
    elif site.current_status_at and site.current_status_at.date().isoformat() >= since:
        if site.current_operational != status:
            candidate.record.remark(NOTE, "status", "portal_is_newer", {"value": status})
    elif site.current_operational != status or not site.current_status_at:
        if wrong := refusals(_move(site, status)):
            reasons = " ".join(str(reason) for reasons in wrong.values() for reason in reasons)
            candidate.record.remark(ERROR, "status", "refused_by_rules", {"reason": reasons})
            return False
        candidate.changes["status"] = [site.current_operational, f"{status}, {since}"]
    return True


def _move(site: Site, status: str) -> Move:
    """A list says the status alone; the other dimensions stay as they are. Who imports changes sites, so is a coordinator."""
    lasting = {"control": site.current_control or Control.MEMBER, "access": site.current_access}
    if site.current_damage is not None:
        lasting["damage"] = site.current_damage
    before = State(site.current_operational, site.current_reason, **lasting) if site.current_operational else None
    return Move(before, State(status, **lasting), by_coordinator=True, reason_follows=True)


def _said(site: Site, attribute: str, value: Any) -> Any:
    if value is None or value == "":
        return ""
    if attribute in ("settlement_id", "admin1_id"):
        return str(getattr(site, attribute.removesuffix("_id")) or "")
    if attribute == "exact_location":
        return f"{value['lat']}, {value['lon']}"
    return value.isoformat() if isinstance(value, dt.date) else value


def _new_said(record: Record, attribute: str, value: Any) -> Any:
    if attribute == "settlement_id":
        return record.fields.get("settlement", "")
    if attribute == "admin1_id":
        return record.fields.get("region", "")
    if attribute == "exact_location":
        return f"{value['lat']}, {value['lon']}"
    return value.isoformat() if isinstance(value, dt.date) else value


def _change(row: ImportRow) -> None:
    site = lock(Site(pk=row.target_id))
    values = _values(row.fields)
    changed = {name: value for name, value in values.items() if getattr(site, name) != value}
    row.before = {"values": {name: _plain(getattr(site, name)) for name in changed}, "version": site.version}
    if not changed:
        return
    for name, value in changed.items():
        setattr(site, name, value)
    site.save()
    row.before["version"] = site.version


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, UUID) else value


def _put_back(site: Site, values: dict[str, Any]) -> None:
    if not values:
        return
    for name, value in values.items():
        setattr(site, name, dt.date.fromisoformat(value) if name == "opened_on" and value else value)
    site.save()


def _status_of(row: ImportRow) -> tuple[str, str] | None:
    status, since = row.fields.get("status"), row.fields.get("status_since")
    if not status or not since or (row.outcome == ImportRow.Outcome.CHANGED and "status" not in row.changes):
        return None
    return status, since


def _log(row: ImportRow, status: str, since: str) -> None:
    """A status of its own day, at noon there; never newer than now."""
    day = dt.datetime.combine(dt.date.fromisoformat(since), dt.time(12), tzinfo=timezone.get_current_timezone())
    site = lock(Site(pk=row.target_id))
    made = add_status(site, operational=status, observed_at=min(day, timezone.now()), reason_follows=True)
    row.before = {**row.before, "status_id": str(made.pk), "version": site.version}


def _retract(site: Site, status_id: str | None) -> None:
    """Take back the status that the import logged; the row and its retraction stay in the log."""
    if status_id:
        SiteStatus.objects.filter(pk=status_id, retracted_at=None).update(retracted_at=timezone.now())
        version = site.version
        refresh_current(site)
        site.version = version


register_target(SiteImport())
