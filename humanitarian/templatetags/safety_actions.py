"""What pages of the members say about safety actions: `{% load safety_actions %}`.

{% assigned check_in as actions %}              the open actions about a check-in of the list `rows`, soonest first
"""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django import template
from django.http import HttpRequest
from django.template.context import Context

from aimprogress.core.permissions import Permission
from humanitarian.models import SafetyAction
from members.models import CheckIn

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
