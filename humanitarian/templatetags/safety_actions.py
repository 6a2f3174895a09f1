"""What pages of the members say about safety actions: `{% load safety_actions %}`.

{% assigned check_in as actions %}              the open actions about a check-in of the list `rows`, soonest first
{% against hazard as actions %}                 the open actions about a hazard of the list `hazards` of one site, soonest first
{% against_url hazard %}                        the form for another one; "" for who may add none
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import template
from django.http import HttpRequest
from django.template.context import Context

from aimprogress.core.permissions import Permission
from humanitarian.models import SafetyAction
from humanitarian.origins import add_url
from members.models import CheckIn, HazardReport

register = template.Library()


@register.simple_tag(takes_context=True)
def assigned(context: Context, check_in: CheckIn) -> list[SafetyAction]:
    """Asked once a request, for the rows that the page shows."""
    request = context["request"]
    if not hasattr(request, "assigned_actions"):
        request.assigned_actions = _about_check_ins(request, [row.pk for row in context["rows"]])
    return request.assigned_actions[check_in.pk]


def _about_check_ins(request: HttpRequest, check_ins: list[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    if request.actor.may(Permission.ACTION_READ):
        about = {"origin": SafetyAction.Origin.CHECK_IN, "origin_id__in": check_ins}
        for action in SafetyAction.objects.open().filter(**about).order_by("due_on", "id"):
            found[action.origin_id].append(action)
    return found


@register.simple_tag(takes_context=True)
def against(context: Context, hazard: Mapping[str, Any]) -> list[SafetyAction]:
    """Asked once a page. An action stays with its hazard when that is reported anew: every report of it counts."""
    request = context["request"]
    if not hasattr(request, "actions_against"):
        request.actions_against = _about_hazards(request, context["site"].pk)
    return request.actions_against[hazard["hazard"]]


@register.simple_tag(takes_context=True)
def against_url(context: Context, hazard: Mapping[str, Any]) -> str:
    """The form for a new action about a hazard of the own site."""
    actor, site = context["request"].actor, context["site"]
    may_add = actor.may(Permission.ACTION_OPEN) and actor.owns(site.organisation_id) and actor.acts_at(site.pk)
    return add_url(SafetyAction.Origin.HAZARD, hazard["id"], site=site.pk) if may_add else ""


def _about_hazards(request: HttpRequest, site: UUID) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    if request.actor.may(Permission.ACTION_READ):
        about = SafetyAction.objects.open().filter(site=site, origin=SafetyAction.Origin.HAZARD).order_by("due_on", "id")
        actions = list(about)
        reports = HazardReport.objects.filter(pk__in=[action.origin_id for action in actions])
        hazards = dict(reports.values_list("pk", "hazard"))
        for action in actions:
            found[hazards.get(action.origin_id, "")].append(action)
    return found
