"""What this app shows on other nouns' pages and in the navigation."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.web.panels import nav_count, panel
from humanitarian.models import SafetyAction
from members.models import Site

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


@nav_count("actions", _("overdue"))
def overdue_actions(actor: Actor) -> int:
    return SafetyAction.objects.overdue(timezone.localdate()).count()
