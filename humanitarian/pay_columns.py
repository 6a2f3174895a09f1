"""What a list of pay may say, in the words people use for it in five languages: how many people, never how much money.

Pay of those who serve and of families of the dead is never read from a list: how many get it would tell how many there are.
"""

# ruff: noqa: E501 - lists of words stay readable in few lines

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.columns import Column, Field
from aimprogress.exchange.reading import Value
from aimprogress.exchange.records import CHECK, ERROR, Record
from aimprogress.exchange.understanding import ListSpec
from aimprogress.exchange.values import Read, read_choice, read_date, shown
from humanitarian.models import STRICT_POLICIES, ChannelRisk, ContractGroup, WagePolicy
from members.site_of_row import SITE_FIELDS, names_its_site

MOST = 200_000
GROUPS = {
    "OWN": ("own employees", "own staff", "employees", "staff", "permanent", "власні", "власні працівники", "штатні", "штат", "свої", "собственные",
            "штатные", "własni", "pracownicy własni", "etat", "eigene", "eigene beschäftigte", "stammbelegschaft"),
    "AGENCY": ("agency workers", "agency staff", "temporary", "temps", "leased", "агентські", "агенція", "тимчасові", "лізинг персоналу", "агентские",
               "временные", "agencyjni", "pracownicy agencyjni", "tymczasowi", "leiharbeit", "leiharbeiter", "zeitarbeit"),
    "CONTRACTOR": ("contractors on site", "contractors", "contractor on site", "subcontractors", "підрядники", "підрядник", "підрядні", "подрядчики",
                   "podwykonawcy", "wykonawcy", "fremdfirmen", "werkvertrag"),
}  # fmt: skip
POLICIES = {
    "FULL": ("full wage", "full pay", "full", "повна", "повна зарплата", "у повному обсязі", "полная", "полная зарплата", "pełne", "pełna płaca", "voll",
             "voller lohn"),
    "DOWNTIME": ("idle pay", "statutory idle pay", "downtime", "idle", "простій", "оплата простою", "простой", "postojowe", "przestój", "kurzarbeit",
                 "ausfall"),
    "PARTIAL": ("a part of the wage", "part of the wage", "partial pay", "partial", "частина зарплати", "часткова", "частичная", "часть зарплаты",
                "częściowa", "część płacy", "teilweise", "teillohn"),
    "ADVANCE": ("paid months ahead", "advance", "paid ahead", "наперед", "аванс", "вперед", "zaliczka", "z góry", "vorschuss", "im voraus"),
    "SUSPENDED": ("contract suspended", "suspended", "призупинено", "договір призупинено", "приостановлен", "zawieszona", "umowa zawieszona",
                  "ausgesetzt", "vertrag ausgesetzt"),
    "NONE": ("no pay", "unpaid", "not paid", "без оплати", "не платять", "без оплаты", "bez płacy", "brak", "ohne lohn", "unbezahlt"),
    "MOBILISED_FULL": ("mobilised keeps the average wage", "mobilised", "mobilized", "мобілізовані", "мобилизованные", "zmobilizowani", "einberufen"),
    "MOBILISED_PARTIAL": ("mobilised keeps a part", "mobilised partial"),
    "FAMILY": ("family of the killed or missing", "families", "сім'ї загиблих", "семьи погибших", "rodziny poległych", "familien der gefallenen"),
}  # fmt: skip
"""With the strict ones, so that a row about them is told from a word nobody knows."""
READ_POLICIES = {code: words for code, words in POLICIES.items() if code not in STRICT_POLICIES}
RISKS = {
    "BANK": ("banks do not work reliably", "bank", "banks", "банк", "банки", "banki", "banken"),
    "CASH": ("paid in cash", "cash", "готівка", "наличные", "gotówka", "bar"),
    "OTHER": ("other", "інше", "другое", "inne", "andere"),
}  # fmt: skip


def read_month(value: Value, column: Column, so_far: Mapping[str, Any]) -> Read:
    """The first day of a month, as ISO text, from any of its days or from the month alone; a year is none."""
    read = read_date(value)
    if isinstance(read.value, dt.date):
        return Read(read.value.replace(day=1).isoformat(), read.notes, read.checks)
    if isinstance(read.value, str):
        return Read(f"{read.value}-01") if len(read.value) == 7 else Read(error=("not_a_month", {"value": shown(value)}))
    return Read(error=("not_a_month", {"value": shown(value)})) if read.error else read


def read_policy(value: Value, column: Column, so_far: Mapping[str, Any]) -> Read:
    """The rule of pay. One that tells how many serve, are missing or dead is entered in the portal, never by a list."""
    read = read_choice(value, POLICIES)
    if STRICT_POLICIES & {read.value, read.suggestion}:
        return Read(error=("military", {}))
    return read


FIELDS: tuple[Field, ...] = (
    *SITE_FIELDS,
    Field("month", _("Month"), "month",
          ("month", "pay month", "period", "month of pay", "date", "місяць", "період", "за місяць", "месяц", "период", "miesiąc", "okres", "monat",
           "zeitraum", "abrechnungsmonat"),
          ("#date+month", "#date+start", "#date"), required=True),
    Field("group", _("Contract group"), "choice",
          ("contract group", "group", "contract", "employment", "contract type", "група", "тип договору", "договір", "група працівників", "группа",
           "тип договора", "grupa", "rodzaj umowy", "umowa", "gruppe", "vertragsart"),
          ("#population+group", "#affected+type"), required=True, choices=GROUPS, labels=dict(ContractGroup.choices)),
    Field("policy", _("Paid by the rule"), "policy",
          ("paid by the rule", "rule", "pay rule", "wage policy", "policy", "kind of pay", "правило оплати", "вид оплати", "умови оплати",
           "вид оплаты", "правило оплаты", "zasada płacy", "rodzaj płacy", "lohnregel", "lohnart"),
          choices=READ_POLICIES, labels={code: label for code, label in WagePolicy.choices if code in READ_POLICIES}),
    Field("percent", _("Percent of the wage"), "percentage",
          ("percent of the wage", "percent", "% of the wage", "% of wage", "share of the wage", "відсоток зарплати", "% зарплати", "процент зарплаты",
           "procent płacy", "% płacy", "prozent des lohns", "% lohn")),
    Field("advance_months", _("Months paid ahead"), "count",
          ("months paid ahead", "months ahead", "advance months", "місяців наперед", "месяцев вперед", "miesięcy z góry", "monate im voraus"), most=120),
    Field("entitled", _("People entitled"), "count",
          ("people entitled", "entitled", "people", "headcount", "workers", "employees on payroll", "on payroll", "мають право", "осіб",
           "працівників", "у відомості", "имеют право", "человек", "работников", "в ведомости", "uprawnieni", "osób", "na liście płac", "berechtigt",
           "personen", "lohnempfänger"),
          ("#population+entitled", "#indicator+staff"), required=True, most=MOST),
    Field("paid_full", _("Paid in full"), "count",
          ("paid in full", "paid full", "full pay people", "fully paid", "отримали повністю", "виплачено повністю", "повністю", "получили полностью",
           "выплачено полностью", "полностью", "zapłacono w całości", "w całości", "voll bezahlt", "voll erhalten"), ("#population+paid+full",), most=MOST),
    Field("paid_partial", _("Paid in part"), "count",
          ("paid in part", "paid partly", "partly paid", "partially paid", "отримали частково", "виплачено частково", "частково", "получили частично",
           "выплачено частично", "частично", "zapłacono w części", "częściowo", "teilweise bezahlt", "teilweise erhalten"),
          ("#population+paid+partial",), most=MOST),
    Field("paid_none", _("Not paid"), "count",
          ("not paid", "unpaid", "paid nothing", "people not paid", "не отримали", "не виплачено", "не получили", "не выплачено", "nie zapłacono",
           "bez wypłaty", "nicht bezahlt", "nichts erhalten"), ("#population+paid+none",), most=MOST),
    Field("months_continued", _("Months of continued pay to date"), "count",
          ("months of continued pay to date", "months continued", "months of continued pay", "місяців поспіль", "месяцев подряд",
           "miesięcy z rzędu", "monate in folge"), most=1200),
    Field("arrears_days", _("Days that the oldest unpaid wages are late"), "count",
          ("days that the oldest unpaid wages are late", "days late", "arrears days", "arrears in days", "arrears", "днів затримки", "затримка, днів",
           "заборгованість, днів", "дней задержки", "задержка дней", "dni zaległości", "dni opóźnienia", "tage verzug", "rückstand tage"), most=32_767),
    Field("channel_risk", _("Risk of the way of paying"), "choice",
          ("risk of the way of paying", "payment risk", "way of paying", "channel risk", "ризик виплати", "спосіб виплати", "риск выплаты",
           "способ выплаты", "ryzyko wypłaty", "sposób wypłaty", "zahlungsrisiko", "zahlungsweg"),
          choices=RISKS, labels={code: label for code, label in ChannelRisk.choices if code}),
    Field("currency", _("Currency"), "text",
          ("currency", "валюта", "waluta", "währung"), ("#currency+code", "#currency"), most=3),
)  # fmt: skip


def finish(record: Record) -> None:
    """A row names its site, a share of the wage is whole per cent, and the rule is the full wage where the list has none."""
    names_its_site(record)
    fields = record.fields
    if (percent := fields.get("percent")) is not None and not float(percent).is_integer():
        record.remark(ERROR, "percent", "not_a_number", {"value": str(percent)})
    elif percent is not None:
        fields["percent"] = int(percent)
    if fields and not fields.get("policy") and not any(problem["field"] == "policy" for problem in record.problems):
        fields["policy"] = WagePolicy.FULL.value
        record.remark(CHECK, "policy", "check_policy_taken", {"read": str(WagePolicy.FULL.label)})


PAY = ListSpec(fields=FIELDS, readers={"month": read_month, "policy": read_policy}, finish=finish, of_places=False)
