"""What pages of the members say about safety actions: `{% load safety_actions %}`.

{% assigned check_in as actions %}              the open actions about a check-in, soonest first
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
    """Asked once a request for all rows of a page."""
    request = context["request"]
    if not hasattr(request, "assigned_actions"):
        request.assigned_actions = _about_check_ins(request)
    return request.assigned_actions[check_in.pk]


def _about_check_ins(request: HttpRequest) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    if request.actor.may(Permission.ACTION_READ):
        for action in SafetyAction.objects.open().filter(origin=SafetyAction.Origin.CHECK_IN).order_by("due_on", "id"):
            found[action.origin_id].append(action)
    return found
