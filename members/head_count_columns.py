"""What a list of head counts may say, in the words people use for it in five languages.

The four states that endanger people where they become known are never read from a list: they stay as the portal has them.
"""

# ruff: noqa: E501 - lists of words and numbers stay readable in few lines

from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.columns import Field
from aimprogress.exchange.understanding import ListSpec
from members.headcounts import LABELS, State
from members.models import ContractGroup, Gender
from members.site_of_row import SITE_FIELDS, names_its_site

MOST = 200_000

SPLITS = {"by_contract": ContractGroup, "by_gender": Gender}
"""Totals of the people expected, by what they hold: each adds up to them, or the list says nothing of it."""
LABEL_OF = {code: label for parts in SPLITS.values() for code, label in parts.choices}


def _of(code: str, words: tuple[str, ...], *hxl: str) -> Field:
    return Field(code.lower(), LABEL_OF[code], "count", words, hxl, most=MOST)


FIELDS: tuple[Field, ...] = (
    *SITE_FIELDS,
    Field("counted_on", _("Counted on"), "past_date",
          ("counted on", "date", "date of count", "count date", "as of", "reported on", "day", "report date", "дата", "станом на",
           "дата підрахунку", "день", "дата подсчета", "по состоянию на", "data", "stan na", "stan na dzień", "dzień", "datum", "stand", "tag"),
          ("#date+reported", "#date+count", "#date"), required=True),
    Field("expected", _("People expected"), "count",
          ("people expected", "expected", "expected people", "headcount", "head count", "total staff", "all staff", "workers", "employees", "staff",
           "total", "people", "очікується", "очікувано", "усього людей", "працівників усього", "за списком", "всього", "чисельність",
           "ожидается", "всего людей", "по списку", "всего", "oczekiwani", "stan osobowy", "ogółem", "razem", "erwartet", "belegschaft", "gesamt"),
          ("#population+expected", "#indicator+staff"), required=True, most=MOST),
    Field("safe_local", LABELS[State.SAFE_LOCAL], "count",
          ("safe at usual place", "safe", "safe local", "safe at home", "at usual place", "on site safe", "у безпеці", "у безпеці на місці",
           "на місці", "вдома", "в безопасности", "в безопасности на месте", "на месте", "bezpieczni", "bezpieczni na miejscu", "na miejscu",
           "in sicherheit", "sicher vor ort", "vor ort"), ("#population+safe",), most=MOST),
    Field("safe_idp", LABELS[State.SAFE_IDP], "count",
          ("safe displaced inside the country", "displaced inside the country", "displaced in country", "internally displaced", "idp", "idps",
           "safe idp", "displaced", "переміщені", "внутрішньо переміщені", "впо", "переміщені в межах країни", "перемещенные", "впл",
           "внутренне перемещенные", "przesiedleni", "przesiedleni w kraju", "binnenvertriebene", "im land vertrieben"),
          ("#population+idps",), most=MOST),
    Field("safe_abroad", LABELS[State.SAFE_ABROAD], "count",
          ("safe displaced abroad", "displaced abroad", "abroad", "safe abroad", "refugees", "за кордоном", "виїхали за кордон", "за границей",
           "выехали за границу", "za granicą", "im ausland", "ausland"), ("#population+refugees",), most=MOST),
    Field("injured", LABELS[State.INJURED], "count",
          ("injured", "injured alive", "wounded", "поранені", "поранено", "раненые", "ранено", "ranni", "rannych", "verletzt", "verletzte"),
          ("#population+injured",), most=MOST),
    Field("unaccounted", LABELS[State.UNACCOUNTED], "count",
          ("not reached", "unaccounted", "unaccounted for", "no contact", "not contacted", "не на зв'язку", "без зв'язку", "зв'язку немає",
           "не вийшли на зв'язок", "нет связи", "не на связи", "bez kontaktu", "brak kontaktu", "nieosiągalni", "nicht erreicht", "kein kontakt"),
          ("#population+unaccounted",), most=MOST),
    _of("OWN", ("own employees", "own staff", "of them own employees", "власні працівники", "штатні", "свои", "собственные", "pracownicy własni",
                "eigene beschäftigte")),
    _of("AGENCY", ("agency workers", "agency staff", "of them agency workers", "агентські працівники", "агентські", "агентские", "pracownicy agencyjni",
                   "leiharbeiter", "leiharbeit")),
    _of("CONTRACTOR_ON_SITE", ("contractors on site", "contractors", "of them contractors", "підрядники на об'єкті", "підрядники", "подрядчики",
                               "podwykonawcy", "fremdfirmen")),
    _of("F", ("women", "female", "females", "of them women", "жінки", "жінок", "женщины", "женщин", "kobiety", "kobiet", "frauen"), "#population+f"),
    _of("M", ("men", "male", "males", "of them men", "чоловіки", "чоловіків", "мужчины", "мужчин", "mężczyźni", "mężczyzn", "männer"), "#population+m"),
    _of("X", ("other or not disclosed", "not disclosed", "gender not disclosed", "не вказано", "не указано", "nie podano", "ohne angabe")),
)  # fmt: skip


HEAD_COUNTS = ListSpec(fields=FIELDS, finish=names_its_site, of_places=False)
