"""What follows from facts: a gap in a plan or stock in danger becomes an action, who is late is told to one after another."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from aimprogress.core.audit import AuditEvent, record
from aimprogress.core.events import on
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.staging import WRITTEN
from aimprogress.figures.numbers import number
from aimprogress.instruments.engine import load
from aimprogress.instruments.models import Assessment
from aimprogress.jobs.timetable import timetabled
from humanitarian.asked import asked_instruments, asked_sites, is_due
from humanitarian.figures.pay import due_month, pay_is_missing
from humanitarian.models import SafetyAction
from humanitarian.services.actions import action_from
from humanitarian.services.gaps import follow_plan
from humanitarian.wording import STORED_IN, title_of
from members.models import (
    ENDED,
    AlertLevel,
    AlertLevelChange,
    EvacuationPlan,
    HazardReport,
    HazardSeverity,
    HazardType,
    NoticeTopic,
    Organisation,
    PlanActivation,
    PlanStatus,
    Site,
)
from members.projection import standing
from members.recipients import analysts_of, coordinators_of, reporters_of
from members.returning import GATES, left_at
from members.telling import message, tell

ASKED = "humanitarian.ask_for_pay"
ASKED_AGAIN_AFTER = timedelta(days=30)
PAY_AGAIN_AFTER = timedelta(days=10)
LAPSES_IN = timedelta(days=5)

LATE_ACTIONS = message("action.late", NoticeTopic.WORK, _("Safety actions are overdue"), "humanitarian:actions")
PAY_DUE = message("pay.due", NoticeTopic.WORK, _("The pay of a month is due"), "humanitarian:pay")
CHECK_DUE = message("check.due", NoticeTopic.WORK, _("A checklist is due at your sites"), "humanitarian:asked_checks")
REMINDED = message("action.remind", NoticeTopic.WORK, _("You are asked to look at safety actions"), "humanitarian:actions")


RETURN_SIGNED = message("return.signed", NoticeTopic.WORK, _("A return to work was signed"), "humanitarian:check")
RETURN_LAPSES = message("return.lapses", NoticeTopic.WORK, _("A signed return to work lapses soon"), "humanitarian:check")


@on("members.approve_plan", max_age=timedelta(days=30))
def open_actions_for_gaps(event: AuditEvent) -> None:
    """Too few seats, shelter places or beds, and missing critical items, become actions of the site (scenario 8)."""
    plans = EvacuationPlan.objects.select_related("site", "assessment").filter(status=PlanStatus.APPROVED)
    if plan := plans.filter(pk=event.object_id).first():  # one that was replaced meanwhile has nothing to say
        with override(STORED_IN):
            follow_plan(plan)


@on(
    "members.change_alert_level", "members.activate_plan", "members.report_hazard", "members.change_site",
    max_age=timedelta(days=30),
)  # fmt: skip
def open_safe_state(event: AuditEvent) -> None:
    """Where ammonia or chlorine is kept, danger asks for a safe state of the stock: one action, while none is open (domain 3.8).

    Danger is a level of 3 or more, an evacuation, or a chemical hazard. Once done it is asked for again by the next such fact.
    """
    if danger := _danger(event):
        _ask_for_safe_state(danger)


@on("exchange.apply_import", max_age=timedelta(days=30))
def open_safe_states_of_a_list(event: AuditEvent) -> None:
    """A list says where ammonia or chlorine is kept: sites in danger by now get what the form's change of a site gives them."""
    rows = ImportRow.objects.filter(batch=event.object_id, target_id__isnull=False, outcome__in=WRITTEN)
    sites = Site.objects.filter(pk__in=rows.order_by().values("target_id"), hazardous_stock=True)
    for pk in sites.filter(alert_level__gte=AlertLevel.SEVERE).order_by("pk").values_list("pk", flat=True):
        if danger := _severe().filter(site=pk).order_by("-observed_at", "-id").first():
            _ask_for_safe_state(danger)


def _ask_for_safe_state(danger: AlertLevelChange | PlanActivation | HazardReport) -> None:
    if not danger.site.hazardous_stock or danger.site.current_operational in ENDED:
        return
    site, stock = danger.site, SafetyAction.Origin.STOCK
    if SafetyAction.objects.open().filter(site=site, origin=stock).exists():
        return
    plan = EvacuationPlan.objects.filter(site=site, status=PlanStatus.APPROVED).first()
    with override(STORED_IN):
        action_from(
            stock, danger.pk, "", site=site, days=0 if site.alert_level == AlertLevel.EXTREME else 1,
            type=SafetyAction.Type.MITIGATE, title=title_of(stock, ""),
            owner_role=(plan.owner_role if plan else "") or gettext("Site manager"),
        )  # fmt: skip


def _danger(event: AuditEvent) -> AlertLevelChange | PlanActivation | HazardReport | None:
    """The fact behind an event that asks for a safe state, if it still does."""
    if event.action == "members.activate_plan":
        return PlanActivation.objects.select_related("site").filter(pk=event.object_id, stood_down_at=None).first()
    if event.action == "members.report_hazard":
        reports = standing(HazardReport.objects.select_related("site").filter(hazard=HazardType.CHEMICAL))
        return reports.filter(pk=event.object_id).exclude(severity=HazardSeverity.OVER).first()
    if event.action == "members.change_site":
        return _severe().filter(site=event.object_id).order_by("-observed_at", "-id").first()
    return _severe().filter(pk=event.object_id).first()


def _severe() -> QuerySet[AlertLevelChange]:
    changes = AlertLevelChange.objects.filter(level__gte=AlertLevel.SEVERE, site__alert_level__gte=AlertLevel.SEVERE)
    return standing(changes).select_related("site")


@timetabled("humanitarian.escalate_actions", every=timedelta(days=1), offset=timedelta(hours=5))
def escalate_actions() -> None:
    """A day late the people at the site are told, a week late the coordinators, two weeks late the AIM-Progress team.

    In the morning, one mail a person whatever is late, and nobody twice for the same step. An action whose due day moves
    begins anew.
    """
    today, told = timezone.localdate(), set()
    for days, who in zip(number("ACTION_ESCALATION_DAYS"), (_at_the_site, _coordinators, _analysts), strict=True):
        late = SafetyAction.objects.open().filter(escalated__lt=days, due_on__lte=today - timedelta(days=days))
        for site in Site.objects.filter(pk__in=late.values("site_id")):
            told |= set(who(site))
        late.update(escalated=days)
    tell(_in_order(told), LATE_ACTIONS, organisation_id=None, key=f"late-actions.{timezone.now().isoformat()}")


@timetabled("humanitarian.ask_for_pay", every=timedelta(days=1), offset=timedelta(hours=5))
def ask_for_pay() -> None:
    """The pay of a month is due ten days after its end: coordinators with a site of which it, or a contract group, is missing
    are asked then, and once more ten days later."""
    today = timezone.localdate()
    month = due_month(today)
    again = due_month(today - PAY_AGAIN_AFTER) == month
    waiting = Site.objects.open().filter(pay_is_missing(month)).values("organisation_id")
    asked = AuditEvent.objects.filter(action=ASKED, body__month=month.isoformat())
    if again:
        asked = asked.filter(body__again=str(True))
    members = Organisation.objects.filter(pk__in=waiting, kind=Organisation.Kind.MEMBER)
    for member in members.exclude(pk__in=asked.values("organisation_id")):
        record(ASKED, organisation_id=member.pk, month=month.isoformat(), again=again)
        tell(
            _in_order(set(coordinators_of(member.pk))), PAY_DUE, organisation_id=member.pk,
            key=f"pay.{month.isoformat()}{'.again' if again else ''}.{member.pk}",
        )  # fmt: skip


@timetabled("humanitarian.ask_for_checks", every=timedelta(days=1), offset=timedelta(hours=5))
def ask_for_checks() -> None:
    """Coordinators with a site at which a checklist is due are told once in its season, and once more a month later."""
    today = timezone.localdate()
    for instrument in asked_instruments():
        since = instrument.asked.since(today) if instrument.asked else None
        if since is None:
            continue
        time = "again" if today - since >= ASKED_AGAIN_AFTER else "first"
        waiting = asked_sites(instrument).filter(is_due(instrument, today)).values("organisation_id")
        for member in Organisation.objects.filter(pk__in=waiting, kind=Organisation.Kind.MEMBER):
            tell(
                _in_order(set(coordinators_of(member.pk))), CHECK_DUE, organisation_id=member.pk,
                key=f"check.{instrument.name}.{since.isoformat()}.{time}.{member.pk}",
            )  # fmt: skip


@on("humanitarian.sign_return", max_age=timedelta(days=2))
def tell_that_a_return_is_signed(event: AuditEvent) -> None:
    """The ten gates of a site were signed: its other coordinators are told, because the site may operate again from now on."""
    check = Assessment.objects.filter(pk=event.object_id, signed_at__isnull=False).first()
    if check:
        told = {user for user in coordinators_of(check.organisation_id) if user.pk != check.signed_by_id}
        tell(
            _in_order(told), RETURN_SIGNED, organisation_id=check.organisation_id, subject_id=check.pk,
            key=f"return.signed.{check.pk}",
        )  # fmt: skip


@timetabled("humanitarian.warn_of_lapsing_returns", every=timedelta(days=1), offset=timedelta(hours=5))
def warn_of_lapsing_returns() -> None:
    """Signed gates that nobody used within all but the last days that they hold: coordinators are told once, while the site
    still waits for them."""
    now, days = timezone.now(), load(GATES).validity.days
    about = Assessment.objects.filter(instrument=GATES, used_at=None, signed_at__gt=now - timedelta(days=days))
    for check in about.filter(signed_at__lte=now - timedelta(days=days) + LAPSES_IN).select_related("site"):
        left = left_at(check.site, now)
        if left and check.signed_at > left:
            tell(
                _in_order(set(coordinators_of(check.organisation_id))), RETURN_LAPSES, organisation_id=check.organisation_id,
                subject_id=check.pk, key=f"return.lapses.{check.pk}",
            )  # fmt: skip


@on("humanitarian.remind_at_site", max_age=timedelta(days=1))
def remind_at_site(event: AuditEvent) -> None:
    """Somebody pressed "Remind": the people at the site are asked to sign in."""
    if site := Site.objects.filter(pk=event.object_id).first():
        tell(_in_order(set(reporters_of(site))), REMINDED, organisation_id=site.organisation_id, key=f"remind.{event.pk}")


def _at_the_site(site: Site) -> list[Any]:
    """Owners are roles, not people: the site's reporters know who it is; where there are none to mail, the coordinators."""
    return reporters_of(site) or coordinators_of(site.organisation_id)


def _coordinators(site: Site) -> list[Any]:
    return coordinators_of(site.organisation_id)


def _analysts(site: Site) -> list[Any]:
    return analysts_of(site.organisation_id)


def _in_order(users: set[Any]) -> list[Any]:
    return sorted(users, key=lambda user: str(user.pk))
