"""What this app shows on other nouns' pages and in the navigation, and the filter that it adds to the list of sites."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from aimprogress.core.actor import Actor, current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import as_of, moment
from aimprogress.instruments.models import Assessment
from aimprogress.web.panels import nav_count, panel
from humanitarian.figures.pay import due_month, pay_is_missing
from humanitarian.models import ContractGroup, SafetyAction, SupportMeasure, WageSupportReport
from humanitarian.origins import add_url
from humanitarian.rows import PAY_ROWS
from humanitarian.services.checks import newest_checks
from humanitarian.services.stopping import stopped_since
from members.filters import SiteFilterSet
from members.models import STOPPED, CommunicationPlan, EvacuationPlan, Operational, RollCall, Site
from members.returning import uncleared

SHOWN = 5


@panel("site", order=20)
def actions_of_site(request: HttpRequest, site: Site) -> SafeString | None:
    if not request.actor.may(Permission.ACTION_READ):
        return None
    today = timezone.localdate()
    found = list(SafetyAction.objects.filter(site=site).open().order_by("due_on", "id")[:50])
    context = {
        "site": site, "own": request.actor.owns(site.organisation_id), "more": max(0, len(found) - SHOWN),
        "actions": [(action, action.overdue_days(today)) for action in found[:SHOWN]],
    }  # fmt: skip
    return render_to_string("humanitarian/_site_actions.html", context, request)


@panel("plan", order=50)
def actions_of_plan(request: HttpRequest, plan: EvacuationPlan | CommunicationPlan) -> SafeString | None:
    """The actions that follow from a plan, and a way to add one for each item that is not met."""
    return _about(request, SafetyAction.Origin.PLAN, plan, plan.site_id, missing_items(plan))


@panel("issue", order=50)
def actions_of_issue(request: HttpRequest, issue: Any) -> SafeString | None:
    return _about(request, SafetyAction.Origin.ISSUE, issue, issue.site_id)


@panel("roll_call", order=50)
def actions_of_roll_call(request: HttpRequest, roll_call: RollCall) -> SafeString | None:
    """The actions that follow from a roll call, and the way to add one."""
    return _about(request, SafetyAction.Origin.ROLL_CALL, roll_call, roll_call.site_id)


@panel("site", order=30)
def pay_of_site(request: HttpRequest, site: Site) -> SafeString | None:
    """The newest month of pay by contract group, and the measures that run at the site."""
    actor = request.actor
    if not actor.may(Permission.PAY_READ):
        return None
    reports = WageSupportReport.objects.standing().of_workers().filter(site=site)
    newest = list(PAY_ROWS.values(reports.order_by("-month", "group", "id"))[: SHOWN * 2])
    rows = [row for row in newest if row["month"] == newest[0]["month"]]
    own = actor.owns(site.organisation_id)
    context = {
        "site": site, "may_edit": own and actor.may(Permission.PAY_EDIT),
        "rows": [PAY_ROWS.present(row, actor) | {"group_word": ContractGroup(row["group"]).label} for row in rows],
        "measures": sorted({str(one) for one in SupportMeasure.objects.filter(site=site)[:50]}) if own else [],
    }  # fmt: skip
    return render_to_string("humanitarian/_site_pay.html", context, request) if rows or own else None


@panel("check", order=50)
def actions_of_check(request: HttpRequest, check: Assessment) -> SafeString | None:
    """The actions that follow from a checklist of a site, and a way to add one for each question that is not met."""
    keys = [f"item {key}" for key in check.outcome.missing] if check.outcome else []
    return _about(request, SafetyAction.Origin.CHECKLIST, check, check.site_id, keys)


@panel("site", order=25)
def checks_of_site(request: HttpRequest, site: Site) -> SafeString | None:
    """How the site's checklists stand, and the way to them."""
    if not request.actor.may(Permission.ASSESSMENT_READ):
        return None
    may_be_away = site.current_operational != Operational.OPERATING or site.evacuating_since
    away = may_be_away and uncleared(Site.objects.filter(pk=site.pk), moment(), known=as_of()).exists()
    own = request.actor.owns(site.organisation_id)
    stopped = own and site.current_operational in STOPPED
    context = {
        "checks": newest_checks(site), "site": site, "away": away, "stopped": stopped,
        "stop": stopped_since(site) if stopped else None, "may_stop": own and request.actor.may(Permission.ASSESSMENT_EDIT),
    }  # fmt: skip
    return render_to_string("humanitarian/_site_checks.html", context, request)


def missing_items(plan: EvacuationPlan | CommunicationPlan) -> list[str]:
    """The keys of the plan's items that are not met, as `origin_key` names them."""
    outcome = plan.assessment.outcome if plan.assessment_id else None
    return [f"item {key}" for key in outcome.missing] if outcome else []


def _about(request: HttpRequest, origin: str, subject: Any, site_id: Any, keys: Sequence[str] = ()) -> SafeString | None:
    own = request.actor.owns(subject.organisation_id)
    if not own or not request.actor.may(Permission.ACTION_READ):
        return None
    today = timezone.localdate()
    found = list(SafetyAction.objects.filter(origin=origin, origin_id=subject.pk).order_by("due_on", "id")[:50])
    may_add = request.actor.may(Permission.ACTION_OPEN) and (site_id is None or request.actor.acts_at(site_id))
    if not found and not may_add:
        return None
    covered = {action.origin_key for action in found if action.status != SafetyAction.Status.CANCELLED}
    gaps = [key for key in keys if key not in covered] if may_add else []
    context = {
        "actions": [(action, action.overdue_days(today)) for action in found],
        "add_url": add_url(origin, subject.pk, site=site_id) if may_add else "",
        "uncovered": [(key, add_url(origin, subject.pk, site=site_id, key=key)) for key in gaps],
    }  # fmt: skip
    return render_to_string("humanitarian/_actions_about.html", context, request)


def sites_by_pay(queryset: QuerySet, name: str, value: str) -> QuerySet:
    """Of the own organisation, for who reads its pay: others read rates, and not which site reported."""
    actor = current_actor()
    if not actor.may(Permission.PAY_READ):
        return queryset.none()
    month = due_month(timezone.localdate(moment()))
    return queryset.open().filter(pay_is_missing(month, as_of()), organisation_id=actor.organisation_id)


PAY = [("missing", _("Not reported, or not of every group"))]
SiteFilterSet.add("pay", ChoiceFilter(label=_("Pay of the last month due"), method=sites_by_pay, choices=PAY))


@nav_count("actions", _("overdue"))
def overdue_actions(actor: Actor) -> int:
    return SafetyAction.objects.overdue(timezone.localdate()).count()
