"""Sites from a list: what each row would change, writing it, and taking it back."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.copying import insert_rows, update_rows
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Permission
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.records import CHECK, ERROR, NOTE, Record
from aimprogress.exchange.rules import Rule, column_rules
from aimprogress.exchange.targets import Candidate, ImportTarget, Undone, register_target, remove_added
from members.imports.sites_of_rows import FreeCodes, SitesOfRows, address_of, is_another
from members.imports.statuses_of_sites import compare_status, log_statuses, retract_statuses, spoken_of
from members.models import Site, SiteStatus
from members.models.site import new_checkin_code
from members.projection import refresh_many
from members.returning import uncleared
from members.safety import follow_safety_profile, where, where_is
from members.services.sites import end_phones_inside, last_numbers
from members.site_columns import SITES
from members.site_of_row import named_sites, names_of

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
        known = SitesOfRows(organisation)
        codes = FreeCodes({*known.by_code, *(str(c.record.fields.get("code", "")).casefold() for c in candidates)})
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
            elif site and is_another(site, fields):
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
                compare_status(candidate, None)

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
        log_statuses(organisation, candidates, known)

    def undo(self, organisation: models.Model, rows: Sequence[ImportRow]) -> Undone:
        """New sites that nobody touched since go. Reports are never deleted: a new site whose only report is the list's is
        withdrawn with it, one with any other stays.

        A site that was changed gets its values back where they still are what the list said, whatever was reported since.
        """
        undone = Undone()
        sites = Site.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([row.target_id for row in rows])
        logged = {row.target_id: UUID(row.before["status_id"]) for row in rows if row.before and row.before.get("status_id")}
        new = [row.target_id for row in rows if row.outcome == ImportRow.Outcome.NEW]
        touched = spoken_of([pk for pk in new if pk in logged], logged.values())
        reported = set(SiteStatus.objects.filter(site__in=new).order_by().values_list("site_id", flat=True).distinct())
        retract_statuses(logged)
        added, withdrawn, changed = [], [], []
        for row in rows:
            site, before = sites.get(row.target_id), row.before or {}
            if site is None:
                continue
            if row.outcome == ImportRow.Outcome.NEW:
                untouched = site.version == before.get("version", 1) and site.pk not in (
                    touched if site.pk in logged else reported
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


def _leave_town_out(record: Record) -> None:
    """A site keeps no town that the portal does not know; the row says so."""
    record.problems = [problem for problem in record.problems if problem["code"] != "check_unknown_settlement"]
    record.remark(CHECK, "settlement", "town_left_out", {"value": record.fields["settlement"]})


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
        values["address"] = address_of(fields)
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
    compare_status(candidate, site, uncleared=site.pk in left)


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


def _withdraw(sites: Sequence[Site]) -> None:
    """Sites that were never there, with reports that stay: shown nowhere, without a place, and their codes are free again."""
    now = timezone.now()
    rows = ([site.pk, f"{site.code[:27]}~{site.pk.hex[-12:]}", "", None, now] for site in sites)
    if sites:
        update_rows(Site, ["code", "address", "exact_location", "withdrawn_at"], rows)


register_target(SiteImport())
