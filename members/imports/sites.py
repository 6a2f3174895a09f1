"""Sites from a list: which row is which site, what it would change, writing it, and taking it back."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import models
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
from members.models import Control, Damage, Escalation, Site, SiteStatus
from members.models.site import new_checkin_code
from members.projection import refresh_many
from members.returning import uncleared
from members.safety import follow_safety_profile, where, where_is
from members.services.sites import end_phones_inside, last_numbers
from members.site_columns import SITES
from members.site_of_row import named_sites, names_of
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
    "hazardous_stock": "hazardous_stock",
}
"""Field of the list -> attribute of the site."""
SHOWN_AT = {attribute: name for name, attribute in PLAIN.items()} | {"admin1_id": "region", "settlement_id": "settlement"}
COLUMNS = ("code", *PLAIN.values())
WRITTEN = (*PLAIN.values(), "area_id", "number_in_area", "exact_location")
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
    shown_at = SHOWN_AT

    def compare(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """Which row is which site; where that is not sure, or the row has no region, a person decides."""
        known = _KnownSites(organisation)
        codes = _Codes({*known.by_code, *(str(c.record.fields.get("code", "")).casefold() for c in candidates)})
        placed = []
        for candidate in candidates:
            if candidate.record.fields.get("region_code"):
                placed.append(candidate)
            else:
                candidate.record.remark(ERROR, "region", "required", {})
        met = known.met_surely(placed)
        left = set(uncleared(Site.objects.filter(organisation=organisation), timezone.now()).values_list("pk", flat=True))
        for candidate in placed:
            record, fields = candidate.record, candidate.record.fields
            if fields.get("settlement") and not fields.get("settlement_id"):
                _leave_town_out(record)
            found = known.alike(record, met)
            site = found[0] if len(found) == 1 else None
            if len(found) > 1:
                record.remark(ERROR, "code", "several_sites", {"value": fields["name"]}, value=str(fields.get("code", "")))
            elif site and _is_another(site, fields):
                record.remark(ERROR, "code", "code_in_portal", {"value": site.code})
            elif site and fields.get("code") and site.code.casefold() != fields["code"].casefold():
                params = {"name": site.name, "code": site.code, "own": True}
                record.remark(ERROR, "code", "other_code_in_portal", params, value=fields["code"])
            elif site and (first := met.setdefault(site.pk, record)) is not record:
                record.outcome, record.why = "duplicate", ("duplicate_record", {"row": first.row, "sheet": first.sheet})
            elif site:
                _compare_with(candidate, site, left)
            else:
                if not fields.get("code"):
                    fields["code"] = codes.free(fields)
                    record.remark(NOTE, "code", "code_given", {"read": fields["code"]})
                candidate.values = {**NEW, "code": fields["code"], **_values(fields)}
                _compare_status(candidate, None)

    def missing(self, organisation: models.Model, candidates: Sequence[Candidate]) -> list[str]:
        """Sites that no row is or names, rows with a problem included."""
        met = {candidate.target_id for candidate in candidates if candidate.target_id}
        named = named_sites(candidate.record for candidate in candidates)
        left = Site.objects.filter(organisation=organisation).exclude(pk__in=met).order_by("name", "id")
        return [f"{name} ({code})" for name, code in left.values_list("name", "code") if named.isdisjoint(names_of(code, name))]

    def apply(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """Changed sites in one UPDATE, new ones in one INSERT, their statuses in one INSERT."""
        known = _change([candidate for candidate in candidates if candidate.record.outcome == "changed"])
        _add(organisation, [candidate for candidate in candidates if candidate.record.outcome == "new"])
        _log(organisation, candidates, known)

    def undo(self, organisation: models.Model, rows: Sequence[ImportRow]) -> Undone:
        """New sites that nobody touched since go. Reports are never deleted: a new site whose only report is the list's is
        withdrawn with it, one with any other stays.

        A site that was changed gets its values back where they still are what the list said, whatever was reported since.
        """
        undone = Undone()
        sites = Site.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([row.target_id for row in rows])
        logged = {row.target_id: UUID(row.before["status_id"]) for row in rows if row.before and row.before.get("status_id")}
        new = [row.target_id for row in rows if row.outcome == ImportRow.Outcome.NEW]
        spoken_of = _spoken_of([pk for pk in new if pk in logged], logged.values())
        reported = set(SiteStatus.objects.filter(site__in=new).order_by().values_list("site_id", flat=True).distinct())
        _retract(logged)
        added, withdrawn, changed = [], [], []
        for row in rows:
            site, before = sites.get(row.target_id), row.before or {}
            if site is None:
                continue
            if row.outcome == ImportRow.Outcome.NEW:
                untouched = site.version == before.get("version", 1) and site.pk not in (
                    spoken_of if site.pk in logged else reported
                )
            else:
                said = _values(row.fields)
                untouched = all(getattr(site, name) == said.get(name) for name in before["values"])
            if not untouched:
                undone.kept.append(site.code)
            elif row.outcome == ImportRow.Outcome.NEW:
                (withdrawn if site.pk in logged else added).append(site)
            else:
                changed.append((site, before))
        _put_back(changed)
        undone.restored = len(changed)
        _withdraw(withdrawn)
        undone.removed = len(withdrawn)
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


class _KnownSites:
    """The organisation's sites, and which of them a row may be: by its code; else by oblast, town and name, then by address."""

    def __init__(self, organisation: models.Model) -> None:
        sites = Site.objects.filter(organisation=organisation).select_related("settlement", "admin1")
        self.by_code, self._by_name = {}, defaultdict(list)
        for site in sites:
            self.by_code[site.code.casefold()] = site
            self._by_name[site.country, site.admin1_id, name_tokens(site.name)].append(site)

    def met_surely(self, candidates: Sequence[Candidate]) -> dict[UUID, Record]:
        """The sites with a row's code, or of all its words where it has none, by id: no other row may be one of them."""
        met: dict[UUID, Record] = {}
        for has_code in (True, False):
            for record in (candidate.record for candidate in candidates):
                if bool(record.fields.get("code")) is has_code and (site := self._surely(record)):
                    met.setdefault(site.pk, record)
        return met

    def _surely(self, record: Record) -> Site | None:
        if code := record.fields.get("code"):
            return self.by_code.get(str(code).casefold())
        town, street = str(record.fields.get("settlement_id") or ""), _street(record.fields)
        alike = [] if record.of_its_own else self._alike(record.fields)
        exact = [site for site in alike if str(site.settlement_id or "") == town and key(site.address) == street]
        return exact[0] if len(exact) == 1 else None

    def alike(self, record: Record, met: Mapping[UUID, Record]) -> list[Site]:
        """The sites that a row may be: more than one where that is not sure, none where it is a new one."""
        if site := self._surely(record):
            return [site]
        found = [] if record.of_its_own else self._alike(record.fields)
        left = [site for site in found if site.pk not in met]
        return left or ([] if record.fields.get("code") else found[:1])

    def _alike(self, fields: Mapping[str, Any]) -> list[Site]:
        """Sites of the row's name in its oblast, in its town where both say one; those at its address before others."""
        town, street = str(fields.get("settlement_id") or fields.get("settlement") or ""), _street(fields)
        named = self._by_name[fields["country"], fields["region_code"], name_tokens(fields["name"])]
        found = [site for site in named if town in ("", str(site.settlement_id)) or not site.settlement_id]
        found = [site for site in found if str(site.settlement_id or "") == town] or found
        return [site for site in found if key(site.address) == street] or found


def _street(fields: Mapping[str, Any]) -> str:
    return key(_address(fields))


def _address(fields: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, [fields.get("address"), fields.get("postcode")]))


def _leave_town_out(record: Record) -> None:
    """A site keeps no town that the portal does not know; the row says so."""
    record.problems = [problem for problem in record.problems if problem["code"] != "check_unknown_settlement"]
    record.remark(CHECK, "settlement", "town_left_out", {"value": record.fields["settlement"]})


def _is_another(site: Site, fields: dict[str, Any]) -> bool:
    """The same code for another name in another region: not a change, but two sites."""
    return site.admin1_id != fields["region_code"] and not name_tokens(site.name) & name_tokens(fields["name"])


def _values(fields: Mapping[str, Any], site: Site | None = None) -> dict[str, Any]:
    """The site's attributes that a row speaks of. A town's point is no site's place, so it is not kept.

    The area follows from the town. Where the row takes a known site to another oblast and names no town, the old one goes.
    """
    values = {attribute: fields[name] for name, attribute in PLAIN.items() if fields.get(name) not in (None, "")}
    if opened := values.get("opened_on"):
        values["opened_on"] = dt.date.fromisoformat(opened)
    if "settlement_id" in values:
        values["settlement_id"] = UUID(values["settlement_id"])
        if site is None or site.settlement_id != values["settlement_id"]:
            values["area_id"] = fields.get("area_code") or None
    elif site and values["admin1_id"] != site.admin1_id:
        values |= {"settlement_id": None, "area_id": None}
    if fields.get("precision") == "site":
        values["exact_location"] = {"lat": fields["lat"], "lon": fields["lon"]}
    if "address" in values:
        values["address"] = _address(fields)
    return values


def _compare_with(candidate: Candidate, site: Site, left: Collection[UUID]) -> None:
    """`left`: the sites that people left and that nothing has let operate since."""
    record = candidate.record
    candidate.target_id = site.pk
    names = SHOWN_AT | {"exact_location": "point"}
    said = _values(record.fields, site)
    for attribute, value in said.items():
        old = getattr(site, attribute)
        if old != value and attribute in names:
            candidate.changes[names[attribute]] = [_said(site, attribute, old), _new_said(record, attribute, value)]
    candidate.values = {name: getattr(site, name) for name in COLUMNS} | said
    _compare_status(candidate, site, uncleared=site.pk in left)


def _compare_status(candidate: Candidate, site: Site | None, *, uncleared: bool = False) -> None:
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
        return record.fields.get("settlement", "") if value else ""
    if attribute == "admin1_id":
        return record.fields.get("region", "")
    if attribute == "exact_location":
        return f"{value['lat']}, {value['lon']}"
    return value.isoformat() if isinstance(value, dt.date) else value


def _add(organisation: models.Model, candidates: Sequence[Candidate]) -> None:
    if not candidates:
        return
    numbers = last_numbers(organisation.pk)
    places = [where(c.values["country"], c.values["admin1_id"], c.values.get("area_id")) for c in candidates]
    follows = follow_safety_profile(places)
    names, point = ("id", "organisation_id", "number_in_area", "safety_profile", "checkin_code", *COLUMNS), "exact_location"
    rows = []
    for candidate, place in zip(candidates, places, strict=True):
        values, region, area = candidate.values, candidate.values["admin1_id"], candidate.values.get("area_id")
        candidate.target_id = uuid7()
        numbers[region] = numbers.get(region, 0) + 1
        rows.append([
            candidate.target_id, organisation.pk, numbers[region], follows[place], new_checkin_code(),
            *map(values.get, COLUMNS), area, _sealed(values.get(point), candidate.target_id),
        ])  # fmt: skip
    insert_rows(Site, [*names, "area_id", point], rows)


def _sealed(point: dict[str, float] | None, pk: UUID) -> str | None:
    return None if point is None else Site._meta.get_field("exact_location").sealed(point, pk)


def _change(candidates: Sequence[Candidate]) -> dict[UUID, Site]:
    """Give the sites their new values; returns them, locked."""
    sites = Site.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([c.target_id for c in candidates])
    changed = []
    for candidate in candidates:
        site = sites[candidate.target_id]
        said = _values(candidate.record.fields, site).items()
        values = {name: value for name, value in said if getattr(site, name) != value}
        candidate.before = {"values": {name: _plain(getattr(site, name)) for name in values}, "number": site.number_in_area}
        if values:
            changed.append((site, values))
    _write(changed)
    return sites


def _write(changed: Sequence[tuple[Site, Mapping[str, Any]]], numbers: Mapping[UUID, int] | None = None) -> None:
    """Give locked sites other values, in one UPDATE, with what the form's service does: a site that moves to another oblast
    gets its next number (or that of `numbers`, where it is free), and phones end where the safety profile holds by now.
    """
    if not changed:
        return
    moved = []
    for site, values in changed:
        region = site.admin1_id
        for name, value in values.items():
            setattr(site, name, value)
        if site.admin1_id != region:
            moved.append(site)
    _give_numbers(moved, numbers or {})
    sites = [site for site, _values in changed]
    models.prefetch_related_objects(sites, "settlement")
    follows = follow_safety_profile(map(where_is, sites))
    for site in sites:
        site.safety_profile = follows[where_is(site)]
    fields = [Site._meta.get_field(name) for name in ("safety_profile", *WRITTEN)]
    rows = ([site.pk, *(field.pre_save(site, add=False) for field in fields)] for site in sites)
    update_rows(Site, ["safety_profile", *WRITTEN], rows)
    end_phones_inside(sites)
    refresh_many([site.pk for site, values in changed if "largest_shift" in values])  # whether their plans are adequate


def _give_numbers(moved: Sequence[Site], wanted: Mapping[UUID, int]) -> None:
    if not moved:
        return
    last = last_numbers(moved[0].organisation_id)
    regions = {site.admin1_id for site in moved}
    taken = set(Site.objects.filter(organisation=moved[0].organisation_id, admin1__in=regions).order_by()
                .values_list("admin1_id", "number_in_area"))  # fmt: skip
    for site in moved:
        region, number = site.admin1_id, wanted.get(site.pk)
        if number is None or (region, number) in taken:
            number = last.get(region, 0) + 1
        site.number_in_area, last[region] = number, max(last.get(region, 0), number)
        taken.add((region, number))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, UUID) else value


def _put_back(changed: Sequence[tuple[Site, dict[str, Any]]]) -> None:
    numbers = {}
    for site, before in changed:
        values = before["values"]
        if values.get("opened_on"):
            values["opened_on"] = dt.date.fromisoformat(values["opened_on"])
        if values.get("settlement_id"):
            values["settlement_id"] = UUID(values["settlement_id"])
        numbers[site.pk] = before.get("number")
    _write([(site, before["values"]) for site, before in changed if before["values"]], numbers)


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
        versions = dict(Site.objects.filter(pk__in=[row[2] for row in rows]).order_by().values_list("pk", "version"))
        for candidate in candidates:
            if candidate.target_id in versions:
                candidate.before["version"] = versions[candidate.target_id]


def _spoken_of(sites: Collection[UUID], logged: Collection[UUID]) -> set[UUID]:
    """Those of the sites that anything but the statuses of the import speaks of; that they are late, the clock says by itself."""
    found: set[UUID] = set()
    relations = Site._meta.get_fields(include_hidden=True) if sites else ()
    for relation in relations:
        if (relation.one_to_many or relation.one_to_one) and relation.related_model is not Escalation:
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": sites})
            rows = rows.exclude(pk__in=logged) if relation.related_model is SiteStatus else rows
            found |= set(rows.order_by().values_list(relation.field.name, flat=True))
    return found


def _withdraw(sites: Sequence[Site]) -> None:
    """Sites that were never there, with reports that stay: shown nowhere, without a place, and their codes are free again."""
    now = timezone.now()
    rows = ([site.pk, f"{site.code[:27]}~{site.pk.hex[-12:]}", "", None, now] for site in sites)
    if sites:
        update_rows(Site, ["code", "address", "exact_location", "withdrawn_at"], rows)


def _retract(logged: Mapping[UUID, UUID]) -> None:
    """Take back the statuses that the import logged; the rows and their retractions stay in the log."""
    if logged:
        SiteStatus.objects.filter(pk__in=list(logged.values()), retracted_at=None).update(retracted_at=timezone.now())
        refresh_many(list(logged))


register_target(SiteImport())
