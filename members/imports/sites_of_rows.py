"""Which of the organisation's sites a row of a list of sites is, and the code of one that is new."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import models

from aimprogress.exchange.records import Record
from aimprogress.exchange.repeats import name_tokens
from aimprogress.exchange.targets import Candidate
from aimprogress.exchange.text import key
from members.models import Site


class SitesOfRows:
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
    return key(address_of(fields))


def address_of(fields: Mapping[str, Any]) -> str:
    """Street and postcode as the site keeps them."""
    return ", ".join(filter(None, [fields.get("address"), fields.get("postcode")]))


def is_another(site: Site, fields: dict[str, Any]) -> bool:
    """The same code for another name in another region: not a change, but two sites."""
    return site.admin1_id != fields["region_code"] and not name_tokens(site.name) & name_tokens(fields["name"])


class FreeCodes:
    """Codes that are taken, and the next free one: three letters of the town and a number, KYV-01 (domain 3.1)."""

    def __init__(self, taken: set[str]) -> None:
        self.taken, self.last = taken, {}

    def free(self, fields: Mapping[str, Any]) -> str:
        """The next code of the row's town, which then is taken."""
        town = key(str(fields.get("settlement") or fields.get("region") or fields["name"])).replace(" ", "").upper()
        letters = (re.sub(r"[^A-Z]", "", town) + "XXX")[:3]
        number = self.last.get(letters, 0) + 1
        while f"{letters}-{number:02d}".casefold() in self.taken:
            number += 1
        self.last[letters] = number
        self.taken.add(f"{letters}-{number:02d}".casefold())
        return f"{letters}-{number:02d}"
