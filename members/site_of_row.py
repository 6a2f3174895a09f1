"""The site that a row of a list speaks of: the columns that name it, and how it is found among the organisation's own."""

# ruff: noqa: E501 - lists of words stay readable in few lines

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.columns import Field
from aimprogress.exchange.records import ERROR, Record
from aimprogress.exchange.text import key
from members.models import Site

MOST_DAYS = 3
"""Days of a list of which each is looked through for sites left out: a list of more is a history, not a roll call."""

SITE_FIELDS: tuple[Field, ...] = (
    Field("code", _("Site code"), "text",
          ("site code", "code", "site id", "id", "facility id", "код", "код об'єкта", "код объекта", "ід", "kod zakładu", "kod obiektu",
           "identyfikator", "standortcode", "kennung", "kürzel"),
          ("#meta+id", "#loc+code+site"), most=40),
    Field("name", _("Site name"), "text",
          ("site name", "name", "site", "facility", "facility name", "plant", "plant name", "назва", "назва об'єкта", "об'єкт", "підприємство",
           "название", "предприятие", "объект", "nazwa", "nazwa zakładu", "zakład", "name des standorts", "standort", "werk"),
          ("#org+name", "#loc+name+site", "#meta+name"), most=120),
)  # fmt: skip


def names_its_site(record: Record) -> None:
    """A row names its site, by code or by name: else that is its problem."""
    if record.fields and not record.fields.get("code") and not record.fields.get("name"):
        record.remark(ERROR, "code", "required", {})


def names_of(code: str, name: str) -> set[str]:
    """A site's code and name as rows are looked through for them."""
    return {f"code {code.casefold()}", f"name {key(name)}"}


def named_sites(records: Iterable[Record]) -> set[str]:
    """The codes of the rows, and the names of those without a code."""
    return _folded({(record.fields.get("code"), record.fields.get("name")) for record in records})


def _folded(told: Iterable[tuple[str | None, str | None]]) -> set[str]:
    return {f"code {str(code).casefold()}" if code else f"name {key(str(name))}" for code, name in told if code or name}


def open_sites_left_out(organisation: models.Model, records: Iterable[Record], day: str) -> list[str]:
    """Open sites of which no row speaks, by name. Of few days (or months, the field `day`) those that lack one of them."""
    of_day: dict[str, set[tuple[str | None, str | None]]] = defaultdict(set)
    for record in records:
        if fields := record.fields:
            of_day[fields.get(day) or ""].add((fields.get("code"), fields.get("name")))
    without_day, days = of_day.pop("", set()), sorted(of_day)
    if len(days) > MOST_DAYS:
        of_day, days = {"": set().union(*of_day.values())}, [""]
    left = []
    sites = Site.objects.filter(organisation=organisation).open().order_by("name", "id").values_list("code", "name")
    for each in days:
        named = _folded(of_day[each] | without_day)
        said = f", {each.removesuffix('-01') if day == 'month' else each}" if len(days) > 1 else ""
        left += [f"{name} ({code}){said}" for code, name in sites if named.isdisjoint(names_of(code, name))]
    return left


class KnownSites:
    """The organisation's sites by code and by name; a row whose site is not found, or not surely, says so."""

    def __init__(self, organisation: models.Model) -> None:
        self._by_code: dict[str, tuple[UUID, str, str]] = {}
        self._by_name: dict[str, list[tuple[UUID, str, str]]] = defaultdict(list)
        for site in Site.objects.filter(organisation=organisation).values_list("pk", "code", "name"):
            self._by_code[site[1].casefold()] = site
            self._by_name[key(site[2])].append(site)

    def of(self, record: Record) -> UUID | None:
        """The id of the site, whose code and name the record then has as the portal has them; None where the record got a problem."""
        code, name = record.fields.get("code"), record.fields.get("name")
        found = [self._by_code[code.casefold()]] if code and code.casefold() in self._by_code else []
        if not code and name:
            found = self._by_name.get(key(name), [])
        if len(found) != 1:
            shown, value = ("code", code) if code else ("name", name)
            record.remark(ERROR, shown, "several_sites" if found else "unknown_site", {"value": value})
            return None
        record.fields["code"], record.fields["name"] = found[0][1:]
        return found[0][0]
