"""Sites from a list: which row is which site, what it would change, writing it, and taking it back."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.copying import insert_rows, update_rows
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Permission
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.records import CHECK, ERROR, NOTE, Record
from aimprogress.exchange.repeats import name_tokens
from aimprogress.exchange.rules import Rule, column_rules
from aimprogress.exchange.targets import Candidate, ImportTarget, Undone, register_target, remove_added
from aimprogress.exchange.text import key
from aimprogress.places.models import AdminArea
from members.models import Control, Damage, Site, SiteStatus
from members.models.site import new_checkin_code
from members.projection import refresh_many
from members.returning import left_for_safety
from members.safety import follows_safety_profile
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
COLUMNS = ("code", *PLAIN.values())
WRITTEN = (*PLAIN.values(), "exact_location")
NEW = {name: Site._meta.get_field(name).get_default() for name in COLUMNS}
RULES = (
    *column_rules(Site, [name for name in COLUMNS if name not in ("admin1_id", "settlement_id")]),
    Rule("admin1_id", "country <> (SELECT a.country FROM places_adminarea a WHERE a.code = admin1_id)",
         reason=_("This oblast or region is not in the chosen country.")),
    Rule("largest_shift", "largest_shift > baseline AND baseline <> 0 AND largest_shift <> 0",
         reason=_("The largest shift cannot be larger than the number of people.")),
)  # fmt: skip


class SiteImport(ImportTarget):
    """Lists of sites. A site is known by its code, else by place and name; an empty cell never erases a value."""

    name = "sites"
    title = _("Sites")
    order = 10
    about_sample = _("A small workbook of invented sites at real places, with everything that goes wrong in such lists.")
    permission = Permission.SITE_EDIT
    spec = SITES
    model = Site
    columns = COLUMNS
    rules = RULES
    shown_at = {attribute: name for name, attribute in PLAIN.items()} | {"admin1_id": "region", "settlement_id": "settlement"}

    def compare(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """Which row is which site; a row without a region, or with the code of another site, is a problem."""
        known = list(Site.objects.filter(organisation=organisation).select_related("settlement", "admin1"))
        by_code = {site.code.casefold(): site for site in known}
        by_name = {_identity(site.country, site.admin1_id, site.name): site for site in known}
        codes = _Codes({*by_code, *(str(c.record.fields.get("code", "")).casefold() for c in candidates)})
        met: dict[UUID, Record] = {}
        for candidate in candidates:
            record = candidate.record
            fields = record.fields
            if not fields.get("region_code"):
                record.remark(ERROR, "region", "required", {})
                continue
            site = by_code.get(str(fields.get("code", "")).casefold()) or by_name.get(
                _identity(fields["country"], fields["region_code"], fields["name"])
            )
            if site and _is_another(site, fields):
                record.remark(ERROR, "code", "code_in_portal", {"value": site.code})
            elif site and site.pk in met:
                first = met[site.pk]
                record.outcome, record.why = "duplicate", ("duplicate_record", {"row": first.row, "sheet": first.sheet})
            elif site:
                met[site.pk] = record
                _compare_with(candidate, site)
            else:
                if not fields.get("code"):
                    fields["code"] = codes.free(fields)
                    record.remark(NOTE, "code", "code_given", {"read": fields["code"]})
                candidate.values = {**NEW, "code": fields["code"], **_values(fields)}

    def missing(self, organisation: models.Model, met: Collection[UUID]) -> list[str]:
        left = Site.objects.filter(organisation=organisation).exclude(pk__in=met).order_by("name", "id")
        return [f"{name} ({code})" for name, code in left.values_list("name", "code")]

    def apply(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """New sites in one INSERT, changed ones in one UPDATE, their statuses in one INSERT."""
        _add(organisation, [candidate for candidate in candidates if candidate.record.outcome == "new"])
        known = _change([candidate for candidate in candidates if candidate.record.outcome == "changed"])
        _log(organisation, candidates, known)

    def undo(self, organisation: models.Model, rows: Sequence[ImportRow]) -> Undone:
        """New sites that nobody touched since go; one with a report stays, because reports are never deleted.

        A site that was changed gets its values back where they still are what the list said, whatever was reported since.
        """
        undone = Undone()
        sites = Site.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([row.target_id for row in rows])
        logged = {row.target_id: row.before["status_id"] for row in rows if row.before and row.before.get("status_id")}
        _retract(logged)
        reported = set(SiteStatus.objects.filter(site__in=list(sites)).order_by().values_list("site_id", flat=True).distinct())
        added, changed = [], []
        for row in rows:
            site, before = sites.get(row.target_id), row.before or {}
            if site is None:
                continue
            if row.outcome == ImportRow.Outcome.NEW:
                untouched = site.version == 1 and site.pk not in reported
            else:
                said = _values(row.fields)
                untouched = all(getattr(site, name) == said.get(name) for name in before["values"])
            if not untouched:
                undone.kept.append(site.code)
            elif row.outcome == ImportRow.Outcome.NEW:
                added.append(site)
            else:
                changed.append((site, before["values"]))
        _put_back(changed)
        undone.restored = len(changed)
        remove_added(added, undone)
        return undone


class _Codes:
    """Codes that are taken, and the next free one: three letters of the town and a number, KYV-01 (domain 3.1)."""

    def __init__(self, taken: set[str]) -> None:
        self.taken, self.last = taken, {}

    def free(self, fields: Mapping[str, Any]) -> str:
        town = key(str(fields.get("settlement") or fields.get("region") or fields["name"])).replace(" ", "").upper()
        letters = (re.sub(r"[^A-Z]", "", town) + "XXX")[:3]
        number = self.last.get(letters, 0) + 1
        while f"{letters}-{number:02d}".casefold() in self.taken:
            number += 1
        self.last[letters] = number
        self.taken.add(f"{letters}-{number:02d}".casefold())
        return f"{letters}-{number:02d}"


def _identity(country: str, region: str, name: str) -> tuple[str, str, frozenset[str]]:
    return country, region, name_tokens(name)


def _is_another(site: Site, fields: dict[str, Any]) -> bool:
    """The same code for another name in another region: not a change, but two sites."""
    return site.admin1_id != fields["region_code"] and not name_tokens(site.name) & name_tokens(fields["name"])


def _values(fields: Mapping[str, Any]) -> dict[str, Any]:
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


def _compare_with(candidate: Candidate, site: Site) -> None:
    record = candidate.record
    candidate.target_id = site.pk
    names = {attribute: name for name, attribute in PLAIN.items()} | {"exact_location": "point"}
    said = _values(record.fields)
    for attribute, value in said.items():
        old = getattr(site, attribute)
        if old != value:
            candidate.changes[names[attribute]] = [_said(site, attribute, old), _new_said(record, attribute, value)]
    candidate.values = {name: getattr(site, name) for name in COLUMNS} | said
    if status := record.fields.get("status"):
        _compare_status(candidate, site, status)


def _compare_status(candidate: Candidate, site: Site, status: str) -> None:
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
            return
        candidate.changes["status"] = [site.current_operational, f"{status}, {since}"]


def _lasting(site: Site | None) -> dict[str, Any]:
    """What a list does not say of a site's state stays as it is."""
    if site is None or not site.current_operational:
        return {"control": Control.MEMBER.value, "damage": Damage.NOT_ASSESSED.value, "access": ""}
    return {"control": site.current_control, "damage": site.current_damage, "access": site.current_access}


def _move(site: Site, status: str) -> Move:
    """A list says the status alone. Who imports changes sites, so is a coordinator."""
    lasting = _lasting(site)
    before = State(site.current_operational, site.current_reason, **lasting) if site.current_operational else None
    uncleared = left_for_safety(before)  # a list clears nothing: whoever signed the gates says it on the page of the site
    return Move(before, State(status, **lasting), by_coordinator=True, reason_follows=True, uncleared=uncleared)


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


def _profiles(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bool]:
    """Whether sites of a country and region follow the safety profile; each region is looked up once."""
    wanted = set(places)
    areas = AdminArea.objects.in_bulk({code for _country, code in wanted})
    return {(country, code): follows_safety_profile(country, areas[code]) for country, code in wanted}


def _add(organisation: models.Model, candidates: Sequence[Candidate]) -> None:
    numbers = dict(
        Site.objects.filter(organisation=organisation).values_list("admin1").annotate(last=Max("number_in_area")).order_by()
    )
    follows = _profiles((c.values["country"], c.values["admin1_id"]) for c in candidates)
    names, point = ("id", "organisation_id", "number_in_area", "safety_profile", "checkin_code", *COLUMNS), "exact_location"
    rows = []
    for candidate in candidates:
        values, area = candidate.values, candidate.values["admin1_id"]
        candidate.target_id = uuid7()
        numbers[area] = numbers.get(area, 0) + 1
        rows.append([
            candidate.target_id, organisation.pk, numbers[area], follows[values["country"], area], new_checkin_code(),
            *map(values.get, COLUMNS), _sealed(values.get(point), candidate.target_id),
        ])  # fmt: skip
    if rows:
        insert_rows(Site, [*names, point], rows)


def _sealed(point: dict[str, float] | None, pk: UUID) -> str | None:
    return None if point is None else Site._meta.get_field("exact_location").sealed(point, pk)


def _change(candidates: Sequence[Candidate]) -> dict[UUID, Site]:
    """Give the sites their new values; returns them, locked."""
    sites = Site.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([c.target_id for c in candidates])
    changed = []
    for candidate in candidates:
        site = sites[candidate.target_id]
        values = {name: value for name, value in _values(candidate.record.fields).items() if getattr(site, name) != value}
        candidate.before = {"values": {name: _plain(getattr(site, name)) for name in values}}
        if values:
            changed.append((site, values))
    _write(changed)
    return sites


def _write(changed: Sequence[tuple[Site, Mapping[str, Any]]]) -> None:
    """Give locked sites other values, in one UPDATE; a site that moves may come under the safety profile."""
    for site, values in changed:
        for name, value in values.items():
            setattr(site, name, value)
    follows = _profiles((site.country, site.admin1_id) for site, _values in changed)
    fields = [Site._meta.get_field(name) for name in WRITTEN]
    rows = (
        [site.pk, follows[site.country, site.admin1_id] if not site.area_id else site.safety_profile,
         *(field.pre_save(site, add=False) for field in fields)]
        for site, _values in changed
    )  # fmt: skip
    if changed:
        update_rows(Site, ["safety_profile", *WRITTEN], rows)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, UUID) else value


def _put_back(changed: Sequence[tuple[Site, dict[str, Any]]]) -> None:
    for _site, values in changed:
        if values.get("opened_on"):
            values["opened_on"] = dt.date.fromisoformat(values["opened_on"])
    _write([(site, values) for site, values in changed if values])


def _log(organisation: models.Model, candidates: Sequence[Candidate], known: Mapping[UUID, Site]) -> None:
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
        names = [
            "id",
            "organisation_id",
            "site_id",
            "operational",
            "observed_at",
            "reported_by_id",
            "control",
            "damage",
            "access",
        ]
        insert_rows(SiteStatus, names, rows)
        refresh_many([row[2] for row in rows])


def _retract(logged: Mapping[UUID, str]) -> None:
    """Take back the statuses that the import logged; the rows and their retractions stay in the log."""
    if logged:
        SiteStatus.objects.filter(pk__in=list(logged.values()), retracted_at=None).update(retracted_at=timezone.now())
        refresh_many(list(logged))


register_target(SiteImport())
