"""What the search page finds in this app."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.web.search import LIMIT, Hit, searchable
from humanitarian.filters import SafetyActionFilterSet
from humanitarian.models import SafetyAction


@searchable("action", _("Actions"), permission=Permission.ACTION_READ, order=20)
def find_actions(actor: Actor, q: str) -> Iterable[Hit]:
    for action in SafetyActionFilterSet({"q": q}, queryset=SafetyAction.objects.order_by("due_on", "id")).qs[:LIMIT]:
        number = f"A-{action.number}"
        own = actor.owns(action.organisation_id)
        yield Hit(action.title_read if own else number, reverse("humanitarian:action", args=[action.pk]), number if own else "")
