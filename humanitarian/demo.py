"""Demo: safety actions, pay and support, the directory of partners, contributions."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from aimprogress.figures.numbers import number
from aimprogress.instruments.engine import FORMULA_VERSION, AnswerValue, load, score
from aimprogress.instruments.models import Answer, Assessment
from aimprogress.web.demo import Demo, demo_loader
from humanitarian.asked import asked_instruments, asked_sites
from humanitarian.figures.pay import due_month, months_before
from humanitarian.models import Contribution, PartnerOrganisation, SafetyAction, SupportMeasure, WageSupportReport
from humanitarian.services.checks import SITE
from humanitarian.services.stopping import Owner, stop_work
from members.models import AlertLevelChange, HazardReport, HazardSeverity, Site
from members.returning import GATES, left_at, waiting_for_return

ACTIONS = (
    ("Stagger shift change by 40 minutes", "PREVENT", "Site manager"), ("Second generator for the shelter", "PREVENT", "Engineering lead"),
    ("Psychologist on site, weekly", "RECOVER", "HR lead"), ("Fuel for the heated room, ten days", "PREVENT", "Site manager"),
    ("Ammonia store to a safe state", "MITIGATE", "Engineering lead"), ("More beds at the second town", "RESPOND", "HR lead"),
    ("First-aid course for each shift", "PREVENT", "HSE lead"), ("Satellite phone: monthly battery check", "PREVENT", "Security lead"),
    ("Repair the roof over line two", "RECOVER", "Engineering lead"), ("Shelter ramp for wheelchairs", "PREVENT", "HSE lead"),
)  # fmt: skip
AGAINST = {
    "MISSILE_DRONE": ("Film on the windows of the packing hall", "PREVENT", "Engineering lead"),
    "POWER_OUTAGE": ("Fuel for the generator, ten days", "PREVENT", "Site manager"),
    "AIR_RAID_DISRUPTION": ("Shorter shifts with time for the shelter", "MITIGATE", "HR lead"),
    "SHELLING": ("No work in the open yard", "MITIGATE", "Site manager"),
    "UXO": ("Have the yard surveyed by an accredited team", "MITIGATE", "HSE lead"),
}
STOCK = ("Bring the ammonia of the cold store into a safe state", "MITIGATE", "Engineering lead")
# Public directory entries; identifiers are those of the DAC channel list.
PARTNERS = (
    ("United Nations High Commissioner for Refugees", "UNHCR", "UN", "XM-DAC-41121"),
    ("United Nations Children's Fund", "UNICEF", "UN", "XM-DAC-41122"),
    ("World Food Programme", "WFP", "UN", "XM-DAC-41140"),
    ("International Organization for Migration", "IOM", "UN", "XM-DAC-47066"),
    ("International Committee of the Red Cross", "ICRC", "RCRC", "XM-DAC-21016"),
    ("International Federation of Red Cross and Red Crescent Societies", "IFRC", "RCRC", "XM-DAC-21018"),
    ("Ukrainian Red Cross Society", "Ukrainian Red Cross", "RCRC", ""),
    ("Ukraine Humanitarian Fund", "UHF", "POOLED_FUND", ""),
    ("International Union of Food workers' associations", "IUF", "UNION", ""),
    ("IndustriALL Global Union", "IndustriALL", "UNION", ""),
    ("Relief Now (invented)", "Relief Now", "INGO", ""),
)
CURRENCIES = ("EUR", "EUR", "USD", "UAH", "PLN")


@demo_loader("safety actions", order=70)
def load_actions(demo: Demo) -> None:
    dice, numbers, actions = demo.dice, {}, []
    for site in demo.kept["sites"]:
        for _ in range(dice.choice((0, 1, 1, 2, 3)) if site.alert_level else dice.choice((0, 0, 1))):
            title, kind, owner = dice.choice(ACTIONS)
            numbers[site.organisation_id] = numbers.get(site.organisation_id, 0) + 1
            status = dice.choice(("OPEN", "OPEN", "IN_PROGRESS", "IN_PROGRESS", "BLOCKED", "DONE", "DONE"))
            due = demo.now.date() + timedelta(days=dice.randint(-4, 30) if dice.random() < 0.85 else -dice.randint(5, 25))
            done, late = status == "DONE", (demo.now.date() - due).days
            effect = dice.choice(("NOT_YET", "NONE", "SOME", "FULL", "FULL")) if done else "NOT_YET"
            actions.append(
                SafetyAction(
                    organisation_id=site.organisation_id, site=site, number=numbers[site.organisation_id], title=title, type=kind,
                    owner_role=owner, due_on=due, status=status, blocked_by="Waits for a part" if status == "BLOCKED" else "",
                    done_on=demo.now.date() - timedelta(days=3) if done else None,
                    evidence="Inspected on site" if done and dice.random() < 0.7 else "",
                    effect=effect, effect_on=None if effect == "NOT_YET" else demo.now.date() - timedelta(days=1),
                    escalated=max((days for days in number("ACTION_ESCALATION_DAYS") if days <= late and not done), default=0),
                    created_at=demo.now - timedelta(days=dice.randint(5, 60)),
                )
            )  # fmt: skip
    for place, (origin, origin_id, site, (title, kind, owner)) in enumerate(_against_danger(demo)):
        numbers[site.organisation_id] = numbers.get(site.organisation_id, 0) + 1
        actions.append(
            SafetyAction(
                organisation_id=site.organisation_id, site=site, number=numbers[site.organisation_id], title=title, type=kind,
                owner_role=owner, due_on=demo.now.date() + timedelta(days=place % 9), origin=origin, origin_id=origin_id,
                status="IN_PROGRESS" if place % 2 else "OPEN", created_at=demo.now - timedelta(days=1),
            )
        )  # fmt: skip
    SafetyAction.objects.bulk_create(actions, batch_size=500)


def _against_danger(demo: Demo) -> Iterator[tuple[str, UUID, Site, tuple[str, str, str]]]:
    """An action about every second grave hazard, and one about the stock of each site that keeps some where it is dangerous."""
    sites = {site.pk: site for site in demo.kept["sites"]}
    for report in HazardReport.objects.filter(severity=HazardSeverity.GRAVE).order_by("site__code", "hazard")[::2]:
        yield "HAZARD", report.pk, sites[report.site_id], AGAINST[report.hazard]
    at_risk = AlertLevelChange.objects.filter(level__gte=3, site__alert_level__gte=3, site__hazardous_stock=True)
    for change in at_risk.order_by("site__code", "site_id", "-observed_at").distinct("site__code", "site_id"):
        yield "STOCK", change.pk, sites[change.site_id], STOCK


MONTHS = 6
MEASURES = (
    ("EMERGENCY_GRANT", True, True, "Contractors are paid by their own companies"), ("ACCOMMODATION", True, False, "Agencies house their own workers"),
    ("PSYCHOSOCIAL", True, True, ""), ("TRANSPORT", True, True, ""), ("HOTLINE", True, True, ""),
    ("LIFE_INSURANCE", False, False, "The insurer covers own employees only"), ("GENERATOR_WINTER", True, False, "Bought for the plant's own dormitory"),
    ("VETERAN_REINTEGRATION", False, False, "No agency worker has come back from service yet"),
)  # fmt: skip


@demo_loader("work that stopped", order=75)
def load_stop(demo: Demo) -> None:
    """One stopped site, of the tour's member where it has one: five of eight questions settled, two open with an owner and a day."""
    stopped = Site.objects.filter(current_operational="SUSPENDED").exclude(current_reason="").order_by("code")
    site = stopped.filter(organisation=demo.kept["halden"]).first() or stopped.first()
    if site is None:
        return
    answers = {str(n): AnswerValue("SETTLED", "The crisis team; workers and union by letter") for n in (1, 2, 3, 5, 6)}
    owners = {key: Owner("HR lead", demo.now.date() + timedelta(days=days)) for key, days in (("4", 6), ("8", 12))}
    stop_work(
        site=site, operational="SUSPENDED", reason=site.current_reason, owners=owners,
        answers=answers | {"4": AnswerValue("NOT_YET"), "7": AnswerValue("NA", "Nobody lives on the site")},
    )  # fmt: skip


@demo_loader("returns to work", order=77)
def load_returns(demo: Demo) -> None:
    """Two sites that people left, of the tour's member where it has them: at one all ten gates are signed and lapse soon, at the
    other three still fail."""
    there = waiting_for_return(Site.objects.filter(evacuating_since=None, safety_profile=False), demo.now).order_by("code")
    sites = sorted(there, key=lambda site: site.organisation_id != demo.kept["halden"].pk)[:2]
    gates = load(GATES)
    for site, failing in zip(sites, ((), ("2", "3", "7")), strict=False):
        at = max(demo.now - timedelta(days=26), left_at(site, demo.now) + timedelta(hours=1))
        given = {
            item.code: AnswerValue("FAIL") if item.code in failing else AnswerValue("PASS", "", "Paper in the folder of the site")
            for item in gates.items
        }
        check = Assessment(
            organisation_id=site.organisation_id, site=site, instrument=gates.name, version=gates.version, subject_type=SITE,
            subject_id=site.pk, result=score(gates, given).as_json(), formula_version=FORMULA_VERSION, started_at=at,
            answered_at=at, completed_at=at, signed_at=None if failing else at,
            worker_rep="" if failing else "Chair of the site's union",
        )  # fmt: skip
        check.save(force_insert=True)
        Answer.objects.bulk_create(
            Answer(
                organisation_id=site.organisation_id, assessment=check, item=code, value=one.value, evidence=one.evidence or None
            )
            for code, one in given.items()
        )


@demo_loader("winter checks", order=76)
def load_checks(demo: Demo) -> None:
    """Two of three sites that are asked have answered the winter check, some of them so long ago that it is due again."""
    dice, checks, answers = demo.dice, [], []
    for instrument in asked_instruments():
        for site in asked_sites(instrument).order_by("organisation_id", "code"):
            if dice.random() < 0.33:
                continue
            at = demo.now - timedelta(days=dice.choice((6, 15, 24, 40, 220)))
            given = {
                item.code: AnswerValue(*dice.choice((("MET", ""), ("MET", ""), ("MET", ""), ("PARTLY", ""), ("NOT_MET", ""))))
                for item in instrument.items
            }
            check = Assessment(
                organisation_id=site.organisation_id, site=site, instrument=instrument.name, version=instrument.version,
                subject_type=SITE, subject_id=site.pk, result=score(instrument, given).as_json(), formula_version=FORMULA_VERSION,
                started_at=at, answered_at=at, completed_at=at,
            )  # fmt: skip
            checks.append(check)
            answers += [
                Answer(organisation_id=site.organisation_id, assessment=check, item=code, value=answer.value)
                for code, answer in given.items()
            ]
    Assessment.objects.bulk_create(checks)
    Answer.objects.bulk_create(answers, batch_size=1000)


@demo_loader("pay and support", order=85)
def load_pay(demo: Demo) -> None:
    """Six months of pay for most sites, own employees everywhere and agency workers at the larger ones; late wages at a few.

    Where work stopped people get idle pay, at some hard sites a part of the wage; larger sites in Ukraine pay those who serve.
    """
    dice, last, reports = demo.dice, due_month(demo.now.date()), []
    for site in demo.kept["sites"]:
        people = site.current_expected or site.baseline
        if people < 20 or dice.random() < 0.12:
            continue
        for back in range(MONTHS):
            month = months_before(last, back)
            for group, part in (("OWN", 0.85), ("AGENCY", 0.15)) if people > 150 else (("OWN", 1.0),):
                reports.append(_by_the_rule(_a_month(dice, site, month, group, int(people * part)), site))
            if people > 150 and site.country == "UA" and not site.safety_profile:
                serving = people // 25
                at = reports[-1].observed_at
                reports.append(
                    WageSupportReport(
                        organisation_id=site.organisation_id, site=site, month=month, group="OWN", policy="MOBILISED_FULL",
                        entitled=serving, paid_full=serving, currency="UAH", observed_at=at, recorded_at=at,
                    )
                )  # fmt: skip
    WageSupportReport.objects.bulk_create(reports, batch_size=500)
    given = []
    for member in demo.kept["members"]:
        for code, agency, contractors, why in dice.sample(MEASURES, 4):
            effect = dice.choice(("NOT_YET", "NOT_YET", "SOME", "FULL"))
            given.append(
                SupportMeasure(
                    organisation=member, type=code, layer=2 if code == "PSYCHOSOCIAL" else None, country="UA",
                    starts_on=demo.now.date() - timedelta(days=dice.randint(30, 300)), for_agency=agency, for_contractors=contractors and not why,
                    excluded_because="" if agency and contractors and not why else why or "Contractors are paid by their own companies",
                    people_reached=dice.choice((None, 24, 60, 140, 310)), effect=effect,
                    effect_source="" if effect == "NOT_YET" else "Asked in a survey of those who used it",
                )
            )  # fmt: skip
    SupportMeasure.objects.bulk_create(given)


def _by_the_rule(report: WageSupportReport, site: Site) -> WageSupportReport:
    """By a rule that pays less than the wage everybody who got something was paid in part."""
    if site.current_operational in ("SUSPENDED", "EVACUATED"):
        report.policy, report.percent = "DOWNTIME", 67
    elif site.alert_level >= 3 and site.number_in_area % 3 == 0:
        report.policy, report.percent = "PARTIAL", 80
    else:
        return report
    report.paid_full, report.paid_partial = 0, report.paid_full + report.paid_partial
    return report


def _a_month(dice: Random, site: Site, month: date, group: str, entitled: int) -> WageSupportReport:
    hard = site.alert_level >= 3
    unpaid = int(entitled * dice.choice((0, 0, 0, 0.02 if hard else 0)))
    partly = int((entitled - unpaid) * dice.choice((0, 0, 0.05, 0.12 if hard else 0)))
    at = datetime.combine(month + timedelta(days=40), time(9), tzinfo=UTC)
    return WageSupportReport(
        organisation_id=site.organisation_id, site=site, month=month, group=group, policy="FULL", entitled=entitled,
        paid_full=entitled - partly - unpaid, paid_partial=partly, paid_none=unpaid, arrears_days=dice.choice((0, 12, 35)) if unpaid else 0,
        channel_risk="BANK" if hard and dice.random() < 0.3 else "", currency="UAH" if site.country == "UA" else "EUR",
        observed_at=at, recorded_at=at,
    )  # fmt: skip


@demo_loader("partners and contributions", order=80)
def load_aid(demo: Demo) -> None:
    dice = demo.dice
    partners = [PartnerOrganisation(name=n, short_name=s, type=t, identifier=i) for n, s, t, i in PARTNERS]
    partners[-1].organisation = demo.kept["relief"]
    PartnerOrganisation.objects.bulk_create(partners)
    invented = partners[-1]
    given = []
    for member in demo.kept["members"]:
        for n in range(4):
            currency = dice.choice(CURRENCIES)
            committed = Decimal(dice.choice((20, 45, 80, 120, 250))) * (30_000 if currency == "UAH" else 1_000)
            paid = (committed * dice.choice((0, 60, 100, 100)) / 100).quantize(Decimal("0.01"))
            on = demo.now.date() - timedelta(days=dice.randint(20, 300))
            given.append(
                Contribution(
                    organisation=member, partner=invented if n == 0 else dice.choice(partners), kind=dice.choice(("CASH", "CASH", "IN_KIND")),
                    purpose=dice.choice(("Hygiene kits", "Winter shelter", "Cash for displaced families", "Water and sanitation")),
                    country=dice.choice(("UA", "UA", "PL", "MD")), currency=currency, committed=committed, disbursed=paid,
                    committed_on=on, disbursed_on=on + timedelta(days=14) if paid else None,
                )
            )  # fmt: skip
    Contribution.objects.bulk_create(given)
