"""What a list of suppliers may say, in the words people use for it in five languages."""

# ruff: noqa: E501 - lists of words and numbers stay readable in few lines

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError as WrongNumber

from aimprogress.exchange.columns import PLACE_FIELDS, Column, Field
from aimprogress.exchange.reading import Value, is_blank
from aimprogress.exchange.text import clean, is_nothing, key
from aimprogress.exchange.understanding import ListSpec
from aimprogress.exchange.values import NOTHING, Read
from suppliers.identifiers import check_identifier
from suppliers.models import SupplyLink

TIERS = {
    "T1": ("tier 1", "1", "direct", "tier 1 primary", "tier 1 - primary", "primary", "прямий", "прямой", "bezpośredni", "direkt"),
    "T2": ("tier 2", "2", "tier 1 subcontractor", "tier 1 – subcontractor", "subcontractor", "second tier", "субпідрядник", "субподрядчик",
           "podwykonawca", "subunternehmer"),
    "T3": ("tier 3", "3", "third tier"),
    "T4_FARM_RAW": ("tier 4", "4", "farm", "raw material", "ферма", "сировина", "сырье", "surowiec", "rohstoff"),
    "SERVICE": ("service", "services", "послуги", "услуги", "usługi", "dienstleistung"),
    "LABOUR": ("labour provider", "labor provider", "agency", "агенція", "агентство", "agencja pracy", "leiharbeit"),
}  # fmt: skip
WORDS_OF_NUMBERS = {
    "EDRPOU": ("edrpou", "єдрпоу", "егрпоу", "код єдрпоу"), "INN": ("inn", "инн"), "OGRN": ("ogrn", "огрн"), "UNP": ("unp", "унп"),
    "NIP": ("nip",), "REGON": ("regon",), "IDNO": ("idno",), "HU_TAX": ("adoszam", "adószám"), "CUI": ("cui", "cif"),
    "DPH": ("dph", "ic dph", "ič dph"), "DE_TAX": ("steuernummer",), "LEI": ("lei", "lei code"),
}  # fmt: skip
_BY_COUNTRY = {"UA": "EDRPOU", "RU": "INN", "BY": "UNP", "PL": "NIP", "MD": "IDNO", "HU": "HU_TAX", "RO": "CUI", "SK": "DPH"}


def read_identifier(value: Value, column: Column, so_far: Mapping[str, Any]) -> Read:
    """A register's number with its kind: from the heading, from a word before the number, else from the country."""
    if is_blank(value) or is_nothing(clean(str(value))):
        return NOTHING
    text = clean(str(value))
    said = next((kind for kind, words in WORDS_OF_NUMBERS.items() if set(map(key, words)) & set(key(column.heading).split())), "")
    if found := re.match(r"([A-Za-zА-Яа-яЄєІі ]{3,12})[ :№#]+(?=\d)", text):
        said = next((kind for kind, words in WORDS_OF_NUMBERS.items() if key(found[1]) in map(key, words)), said)
        text = text[found.end() :]
    kind = said or ("LEI" if re.fullmatch(r"[A-Z0-9]{18}\d\d", text) else _BY_COUNTRY.get(so_far.get("country", ""), ""))
    if not kind:
        return Read(checks=(("check_identifier", {"value": text, "kind": "EDRPOU/NIP/LEI"}),))
    number = text.zfill(8) if kind == "EDRPOU" and text.isdigit() else text  # a spreadsheet drops leading zeros
    try:
        return Read({"identifier_kind": kind, "identifier": check_identifier(kind, number)})
    except WrongNumber:
        return Read(checks=(("check_identifier", {"value": text, "kind": kind}),))


FIELDS: tuple[Field, ...] = (
    Field("name", _("Supplier"), "text",
          ("supplier", "supplier name", "name", "account name", "factory name", "facility name", "factory", "company", "company name", "vendor",
           "legal name", "постачальник", "назва", "назва постачальника", "компанія", "підприємство", "поставщик", "название", "наименование",
           "компания", "dostawca", "nazwa", "nazwa dostawcy", "firma", "lieferant", "name des lieferanten", "unternehmen"),
          ("#org+name", "#org+supplier"), required=True, most=200),
    Field("name_local", _("Name in its own script"), "text",
          ("native name", "local name", "name in local language", "name local", "назва мовою оригіналу", "nazwa lokalna"),
          ("#org+name+local",), most=200),
    *PLACE_FIELDS,
    Field("identifier", _("Registry number"), "identifier",
          ("registry id", "registration number", "company id", "tax id", "vat", "vat number", "identifier", "lei", "edrpou", "єдрпоу", "код єдрпоу",
           "егрпоу", "инн", "огрн", "унп", "nip", "regon", "krs", "idno", "cui", "steuernummer", "реєстраційний номер", "numer rejestrowy"),
          ("#org+id", "#org+code"), several=True),
    Field("commodity", _("What they supply"), "text",
          ("commodity", "product", "products", "product type", "product category", "product categories", "category", "material", "sector",
           "товар", "продукція", "категорія", "продукция", "категория", "towar", "produkt", "kategoria", "ware", "produkt kategorie", "branche"),
          ("#sector", "#item+name"), several=True, most=120),
    Field("workers", _("Workers"), "count",
          ("workers", "total workers", "workers count", "number of workers", "employees", "headcount", "працівники", "кількість працівників",
           "работники", "количество работников", "pracownicy", "liczba pracowników", "zatrudnienie", "mitarbeiter", "beschäftigte"),
          ("#indicator+staff",)),
    Field("workers_max", _("Workers, at most"), "bound", ("of which", "workers up to", "max workers"), stored=False),
    Field("women_percent", _("Women, per cent"), "percentage",
          ("% female workers", "female workers", "% women", "women share", "women", "female", "частка жінок", "жінки %", "доля женщин",
           "udział kobiet", "kobiety", "frauenanteil", "frauen"), ("#indicator+f",)),
    Field("migrant_percent", _("Migrant workers, per cent"), "percentage",
          ("% migrant workers", "migrant workers", "% migrants", "migrant share", "частка мігрантів", "доля мигрантов", "udział migrantów",
           "migrantenanteil"), ("#indicator+migrants",)),
    Field("tier", _("Tier"), "choice", ("tier", "supplier tier", "level", "рівень", "ланка", "уровень", "poziom", "stufe"), choices=TIERS,
          labels=dict(SupplyLink.Tier.choices)),
    Field("parent", _("Parent or group"), "text",
          ("parent", "parent organization name", "parent organisation", "parent company", "supplier group", "group", "holding",
           "материнська компанія", "група", "группа", "grupa", "spółka matka", "konzern", "muttergesellschaft"), ("#org+parent",), stored=False),
    Field("as_of", _("Data as of"), "date", ("data as of", "as of", "date", "updated", "дата", "data", "stand", "datum"),
          ("#date+updated", "#date"), stored=False),
)  # fmt: skip

SUPPLIERS = ListSpec(fields=FIELDS, readers={"identifier": read_identifier})
