"""Registry numbers by their check digits. Pure; the numbers' rules are python-stdnum's."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _
from stdnum import lei
from stdnum.by import unp
from stdnum.de import stnr
from stdnum.hu import anum
from stdnum.md import idno
from stdnum.pl import nip, regon
from stdnum.ro import cui
from stdnum.ru import inn, ogrn
from stdnum.sk import dph
from stdnum.ua import edrpou

KINDS: dict[str, tuple[str, Callable[[str], str]]] = {
    "EDRPOU": ("UA", edrpou.validate),
    "INN": ("RU", inn.validate),
    "OGRN": ("RU", ogrn.validate),
    "UNP": ("BY", unp.validate),
    "NIP": ("PL", nip.validate),
    "REGON": ("PL", regon.validate),
    "IDNO": ("MD", idno.validate),
    "HU_TAX": ("HU", anum.validate),
    "CUI": ("RO", cui.validate),
    "DPH": ("SK", dph.validate),
    "DE_TAX": ("DE", stnr.validate),
    "LEI": ("", lei.validate),
}
CHOICES = [("", _("None"))] + [(kind, f"{kind} ({country})" if country else kind) for kind, (country, _check) in KINDS.items()]


def check_identifier(kind: str, text: str) -> str:
    """The number in its compact form. Raises KeyError for an unknown kind, stdnum's ValidationError for a wrong number."""
    _country, validate = KINDS[kind]
    return validate(text)
