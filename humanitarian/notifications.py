"""What follows from facts: a gap in an approved plan becomes an action, a late action is told to one person after another."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from aimprogress.core.audit import AuditEvent, record
from aimprogress.core.events import on
from aimprogress.figures.numbers import number
from aimprogress.jobs.timetable import timetabled
from humanitarian.asked import asked_instruments, asked_sites, is_due
from humanitarian.figures.pay import due_month
from humanitarian.models import SafetyAction, WageSupportReport
from humanitarian.services.actions import action_from
from members.capacity import capacity
from members.models import EvacuationPlan, NoticeTopic, Organisation, Site
from members.recipients import analysts_of, coordinators_of, reporters_of
from members.telling import message, tell

PLAN = SafetyAction.Origin.PLAN
ASKED = "humanitarian.ask_for_pay"
ASKED_AGAIN_AFTER = timedelta(days=30)

LATE_ACTIONS = message("action.late", NoticeTopic.WORK, _("Safety actions are overdue"), "humanitarian:actions")
PAY_DUE = message("pay.due", NoticeTopic.WORK, _("The pay of a month is due"), "humanitarian:pay")
CHECK_DUE = message("check.due", NoticeTopic.WORK, _("A checklist is due at your sites"), "humanitarian:asked_checks")
REMINDED = message("action.remind", NoticeTopic.WORK, _("You are asked to look at safety actions"), "humanitarian:actions")


@on("members.approve_plan", max_age=timedelta(days=30))
def open_actions_for_gaps(event: AuditEvent) -> None:
    """Too few seats, shelter places or beds, and missing critical items, become actions of the site (scenario 8)."""
    plan = EvacuationPlan.objects.select_related("site", "assessment").filter(pk=event.object_id).first()
    if plan is None:
        return
    with override("en"):
        for key, title in _gaps(plan):
            action_from(
                PLAN,
                plan.pk,
                key,
                site=plan.site,
                days=7,
                title=title[:160],
                owner_role=plan.owner_role or gettext("Site manager"),
            )


def _gaps(plan: EvacuationPlan) -> list[tuple[str, str]]:
    found = capacity(
        seats_there=plan.seats, trips=plan.trips, expected_evacuees=plan.expected_evacuees, family_estimate=plan.family_estimate,
        shelter_capacity=plan.shelter_capacity, largest_shift=plan.site.largest_shift, beds_there=plan.beds,
    )  # fmt: skip
    words = {
        "seats": lambda n: ngettext("Find %(n)s more seat for the evacuation", "Find %(n)s more seats for the evacuation", n),
        "shelter": lambda n: ngettext("Find %(n)s more shelter place", "Find %(n)s more shelter places", n),
        "beds": lambda n: ngettext("Find %(n)s more bed at the destination", "Find %(n)s more beds at the destination", n),
    }
    gaps = [(key, words[key](n) % {"n": n}) for key, n in found.shortfalls.items()]
    missing = (plan.assessment.result or {}).get("missing_critical", []) if plan.assessment else []
    return gaps + [(f"item {code}", gettext("Close the gap of plan item %(item)s") % {"item": code}) for code in missing]


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
    """The pay of a month is due ten days after its end: coordinators with a site that reported none are asked once a month."""
    month = due_month(timezone.localdate())
    reported = WageSupportReport.objects.kept().filter(month=month).values("site_id")
    waiting = Site.objects.open().exclude(pk__in=reported).values("organisation_id")
    asked = AuditEvent.objects.filter(action=ASKED, body__month=month.isoformat()).values("organisation_id")
    for member in Organisation.objects.filter(pk__in=waiting, kind=Organisation.Kind.MEMBER).exclude(pk__in=asked):
        record(ASKED, organisation_id=member.pk, month=month.isoformat())
        tell(
            _in_order(set(coordinators_of(member.pk))), PAY_DUE, organisation_id=member.pk,
            key=f"pay.{month.isoformat()}.{member.pk}",
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
