"""Countries and what they are to the conflict: code, not rows (domain 0.3). Borders follow the UN General Assembly."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class CountryGroup(StrEnum):
    """What a country is to the conflict."""

    CONFLICT = "CONFLICT"
    PARTY = "PARTY"
    NEIGHBOUR = "NEIGHBOUR"
    HOST = "HOST"
    GLOBAL = "GLOBAL"

    @property
    def label(self) -> Promise:
        """The group in words."""
        return GROUP_LABELS[self]


GROUP_LABELS = {
    CountryGroup.CONFLICT: _("Country at war"),
    CountryGroup.PARTY: _("Party to the conflict"),
    CountryGroup.NEIGHBOUR: _("Neighbour of Ukraine"),
    CountryGroup.HOST: _("Host or transit country"),
    CountryGroup.GLOBAL: _("Rest of the world"),
}


class Country(NamedTuple):
    """A country: ISO 3166-1 alpha-2 code, name, group, and the code that OCHA's tables use (alpha-3)."""

    code: str
    name: Promise | str
    group: CountryGroup
    alpha3: str = ""


_C, _P, _N, _H, _G = CountryGroup
COUNTRIES: dict[str, Country] = {
    country.code: country
    for country in (
        Country("UA", _("Ukraine"), _C, "UKR"),
        Country("BY", _("Belarus"), _P, "BLR"),
        Country("RU", _("Russian Federation"), _P, "RUS"),
        Country("HU", _("Hungary"), _N, "HUN"),
        Country("MD", _("Moldova"), _N, "MDA"),
        Country("PL", _("Poland"), _N, "POL"),
        Country("RO", _("Romania"), _N, "ROU"),
        Country("SK", _("Slovakia"), _N, "SVK"),
        Country("AM", _("Armenia"), _H, "ARM"),
        Country("AZ", _("Azerbaijan"), _H, "AZE"),
        Country("BG", _("Bulgaria"), _H, "BGR"),
        Country("CZ", _("Czechia"), _H, "CZE"),
        Country("EE", _("Estonia"), _H, "EST"),
        Country("ES", _("Spain"), _H, "ESP"),
        Country("GB", _("United Kingdom"), _H, "GBR"),
        Country("GE", _("Georgia"), _H, "GEO"),
        Country("DE", _("Germany"), _H, "DEU"),
        Country("IE", _("Ireland"), _H, "IRL"),
        Country("IT", _("Italy"), _H, "ITA"),
        Country("KG", _("Kyrgyzstan"), _H, "KGZ"),
        Country("KZ", _("Kazakhstan"), _H, "KAZ"),
        Country("LT", _("Lithuania"), _H, "LTU"),
        Country("LV", _("Latvia"), _H, "LVA"),
        Country("NL", _("Netherlands"), _H, "NLD"),
        Country("TR", _("Türkiye"), _H, "TUR"),
        Country("UZ", _("Uzbekistan"), _H, "UZB"),
        Country("AT", _("Austria"), _G, "AUT"),
        Country("AU", _("Australia"), _G, "AUS"),
        Country("BE", _("Belgium"), _G, "BEL"),
        Country("BR", _("Brazil"), _G, "BRA"),
        Country("CA", _("Canada"), _G, "CAN"),
        Country("CH", _("Switzerland"), _G, "CHE"),
        Country("CN", _("China"), _G, "CHN"),
        Country("CY", _("Cyprus"), _G, "CYP"),
        Country("DK", _("Denmark"), _G, "DNK"),
        Country("EG", _("Egypt"), _G, "EGY"),
        Country("FI", _("Finland"), _G, "FIN"),
        Country("FR", _("France"), _G, "FRA"),
        Country("GR", _("Greece"), _G, "GRC"),
        Country("HR", _("Croatia"), _G, "HRV"),
        Country("IL", _("Israel"), _G, "ISR"),
        Country("IN", _("India"), _G, "IND"),
        Country("JP", _("Japan"), _G, "JPN"),
        Country("LU", _("Luxembourg"), _G, "LUX"),
        Country("MX", _("Mexico"), _G, "MEX"),
        Country("NO", _("Norway"), _G, "NOR"),
        Country("PT", _("Portugal"), _G, "PRT"),
        Country("RS", _("Serbia"), _G, "SRB"),
        Country("SE", _("Sweden"), _G, "SWE"),
        Country("SI", _("Slovenia"), _G, "SVN"),
        Country("US", _("United States"), _G, "USA"),
        Country("ZA", _("South Africa"), _G, "ZAF"),
    )
}
COUNTRY_CHOICES = [(country.code, country.name) for country in COUNTRIES.values()]
"""For forms. Models hold the bare code, so that a country more is not a migration."""

SAFETY_PROFILE_COUNTRIES = frozenset({"RU", "BY"})
"""Where the safety profile of decisions.md 5.1 always holds; in Ukraine it follows the area's status."""


def group_of(code: str) -> CountryGroup:
    """The group of a country by its alpha-2 code; a code we do not list is GLOBAL."""
    country = COUNTRIES.get(code)
    return country.group if country else CountryGroup.GLOBAL


def country_name(code: str) -> str:
    """The country's name in the reader's language; an unlisted code is returned as it stands."""
    country = COUNTRIES.get(code)
    return str(country.name) if country else code


def in_group(group: CountryGroup) -> list[str]:
    """The alpha-2 codes of a group, in the order of the list."""
    return [country.code for country in COUNTRIES.values() if country.group == group]
