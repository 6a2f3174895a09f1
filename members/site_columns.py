"""What a list of sites may say, in the words people use for it in five languages."""

# ruff: noqa: E501 - lists of words and numbers stay readable in few lines

from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.columns import PLACE_FIELDS, Field
from aimprogress.exchange.records import Record
from aimprogress.exchange.understanding import ListSpec
from members.models import Operational, Site

KINDS = {
    "FACTORY": ("plant", "mill", "works", "production", "manufacturing", "завод", "фабрика", "виробництво", "производство", "zakład", "fabryka",
                "zakład produkcyjny", "werk", "fabrik"),
    "BREWERY": ("пивоварня", "пивзавод", "browar", "brauerei"),
    "CO_PACKER": ("co-packer", "copacker", "co-manufacturer", "пакувальник", "фасувальник", "упаковщик", "współpakujący", "lohnabfüller"),
    "WAREHOUSE": ("storage", "distribution centre", "distribution center", "dc", "склад", "magazyn", "centrum dystrybucji", "lager"),
    "OFFICE": ("head office", "офіс", "офис", "biuro", "büro"),
    "FARM": ("ферма", "господарство", "хозяйство", "gospodarstwo", "bauernhof", "betrieb"),
    "DEPOT": ("депо", "база", "zajezdnia", "baza", "depot"),
    "PORT_TERMINAL": ("terminal", "port", "термінал", "порт", "терминал", "hafenterminal"),
    "RETAIL": ("shop", "store", "outlet", "магазин", "крамниця", "sklep", "laden", "geschäft"),
    "REMOTE_TEAM": ("remote", "home office", "віддалена команда", "удаленная команда", "zespół zdalny"),
}  # fmt: skip
STATUSES = {
    "OPERATING": ("operating normally", "open", "running", "normal", "active", "працює", "працює у звичайному режимі", "работает", "діє", "działa",
                  "pracuje", "in betrieb"),
    "REDUCED": ("operating at reduced level", "partly", "partial", "reduced capacity", "працює частково", "частково", "работает частично",
                "частично", "działa częściowo", "częściowo", "eingeschränkt"),
    "ESSENTIAL_ONLY": ("only essential goods", "essential only", "лише товари першої необхідності", "только товары первой необходимости"),
    "SUSPENDED": ("paused", "stopped", "призупинено", "зупинено", "приостановлено", "остановлен", "wstrzymany", "zawieszony", "ausgesetzt"),
    "EVACUATED": ("evacuated nobody on site", "евакуйовано", "эвакуировано", "ewakuowany", "evakuiert"),
    "RELOCATED": ("moved", "activity moved elsewhere", "релоковано", "переміщено", "перемещено", "przeniesiony", "verlegt"),
    "CLOSED": ("closed for good", "закрито", "закрыто", "zamknięty", "geschlossen"),
    "DIVESTED": ("sold", "sold or transferred", "transferred", "продано", "передано", "sprzedany", "verkauft"),
    "UNKNOWN": ("no contact", "немає зв'язку", "нет связи", "brak kontaktu", "kein kontakt"),
}  # fmt: skip
YES_NO = {"True": _("Yes"), "False": _("No")}


FIELDS: tuple[Field, ...] = (
    Field("name", _("Site name"), "text",
          ("site name", "name", "site", "facility", "facility name", "company", "company name", "factory name", "plant", "plant name",
           "account name", "назва", "назва об'єкта", "об'єкт", "підприємство", "название", "наименование", "предприятие", "объект",
           "nazwa", "nazwa zakładu", "zakład", "firma", "name des standorts", "standort", "werk", "unternehmen"),
          ("#org+name", "#loc+name+site", "#meta+name"), required=True, most=120),
    Field("code", _("Site code"), "text",
          ("site code", "code", "site id", "id", "facility id", "код", "код об'єкта", "код объекта", "ід", "kod zakładu", "kod obiektu",
           "identyfikator", "standortcode", "kennung", "kürzel"),
          ("#meta+id", "#loc+code+site"), most=40),
    Field("kind", _("Kind of site"), "choice",
          ("kind", "type", "site type", "facility type", "kind of site", "тип", "тип об'єкта", "вид", "тип объекта", "rodzaj", "typ",
           "rodzaj zakładu", "art", "standorttyp"),
          ("#loc+type",), choices=KINDS, labels=dict(Site.Kind.choices)),
    *PLACE_FIELDS,
    Field("workers", _("Workers"), "count",
          ("workers", "workers total", "total workers", "number of workers", "workers count", "employees", "headcount", "staff", "people",
           "people who work here", "baseline", "number of employees", "кількість працівників", "працівники", "працівників", "персонал",
           "чисельність", "люди", "количество работников", "работники", "сотрудники", "численность", "pracownicy", "liczba pracowników",
           "zatrudnienie", "załoga", "mitarbeiter", "beschäftigte", "anzahl mitarbeiter"),
          ("#indicator+staff", "#population+staff"), most=200_000),
    Field("workers_max", _("Workers, at most"), "bound",
          ("of which", "workers up to", "at most", "max workers", "workers range", "size class", "до працівників", "не більше"),
          under=("staff", "workers", "персонал"), stored=False),
    Field("largest_shift", _("Largest shift"), "count",
          ("largest shift", "shift max", "max shift", "biggest shift", "people per shift", "найбільша зміна", "зміна", "макс зміна",
           "наибольшая смена", "смена", "największa zmiana", "zmiana", "größte schicht", "schicht")),
    Field("shelter", _("Shelter places"), "count",
          ("shelter places", "shelter", "shelter capacity", "places in shelter", "місць в укритті", "укриття", "місткість укриття", "сховище",
           "мест в укрытии", "укрытие", "miejsca w schronie", "schron", "schutzraum", "schutzplätze"), stored=False),
    Field("opened_on", _("Opened on"), "date",
          ("opened", "opened on", "start date", "since", "opening date", "відкрито", "дата відкриття", "відкрито з", "открыт", "дата открытия",
           "otwarto", "data otwarcia", "eröffnet", "eröffnungsdatum"), ("#date+start",)),
    Field("status", _("Status"), "choice",
          ("status", "site status", "operational status", "state", "статус", "стан", "стан об'єкта", "состояние", "stan", "zustand"),
          ("#status",), choices=STATUSES, labels=dict(Operational.choices)),
    Field("status_since", _("Status since"), "past_date",
          ("status since", "status date", "status as of", "дата статусу", "станом на", "дата статуса", "по состоянию на", "status od",
           "stan na dzień", "status seit")),
    Field("as_of", _("Data as of"), "date",
          ("date", "data as of", "as of", "date updated", "updated", "last updated", "valid on", "дата", "дані на", "оновлено", "дата данных",
           "обновлено", "data", "stan na", "datum", "stand"), ("#date+updated", "#date+reported", "#date"), stored=False),
    Field("product", _("Products"), "text",
          ("product", "products", "product type", "product category", "product categories", "sector", "продукція", "вид продукції", "галузь",
           "продукция", "отрасль", "produkt", "produkty", "branża", "produkte", "branche"), ("#sector",), several=True, stored=False),
    Field("essential_goods", _("Makes essential goods"), "yes_no",
          ("essential", "essential goods", "критична продукція", "товари першої необхідності", "essenziell", "podstawowe"),
          labels=YES_NO),
    Field("hazardous_stock", _("Keeps ammonia or chlorine"), "yes_no",
          ("hazardous stock", "ammonia", "chlorine", "ammonia or chlorine", "ammonia or chlorine on site", "keeps ammonia or chlorine",
           "ammonia cooling", "аміак", "хлор", "аміак або хлор", "аміак чи хлор", "запас аміаку чи хлору", "має запас аміаку чи хлору",
           "аммиак", "аммиак или хлор", "запас аммиака или хлора", "хранится аммиак или хлор", "amoniak", "chlor", "amoniak lub chlor",
           "zapas amoniaku lub chloru", "ammoniak", "ammoniak oder chlor", "lagert ammoniak oder chlor"),
          labels=YES_NO),
)  # fmt: skip


def finish(record: Record) -> None:
    """A status needs its day: where the list has a date of its own for the data, the status is of that day."""
    day = str(record.fields.get("as_of", ""))
    if record.fields.get("status") and not record.fields.get("status_since") and len(day) == 10:
        record.fields["status_since"] = day


SITES = ListSpec(fields=FIELDS, finish=finish)
