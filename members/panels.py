"""What this app adds to the page of a site: its plans, whether everybody fits, and the way to activate one."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.web.panels import nav_count, panel
from members.guidance_seen import applied_at
from members.models import EvacuationPlan, PlanActivation, Site
from members.plan_seen import drilling_of, seen_in_force
from members.planning import Sight, sight_of
from members.services.notifications import own_notifications

SHOWN = 5


@panel("site", order=10)
def plans_panel(request: HttpRequest, site: Site) -> SafeString | None:
    """Both plans at a glance, the drill that is due, and the buttons; nothing for who reads no plans."""
    actor = request.actor
    if not actor.may(Permission.PLAN_READ):
        return None
    reads_text = sight_of(actor, site) is Sight.TEXT
    plans = seen_in_force(site, actor)
    context = {
        "site": site,
        "plans": plans,
        "evacuation": next((seen for seen in plans if isinstance(seen.plan, EvacuationPlan)), None),
        "reads_text": reads_text,
        "may_edit": reads_text and actor.may(Permission.PLAN_EDIT),
        "may_activate": reads_text and actor.may(Permission.PLAN_ACTIVATE),
        "drilling": drilling_of(site),
        "activation": PlanActivation.objects.filter(site=site, stood_down_at=None).first() if site.evacuating_since else None,
    }
    return render_to_string("members/_plan_panel.html", context, request)


@panel("site", order=30)
def guidance_panel(request: HttpRequest, site: Site) -> SafeString | None:
    """What of the library applies here now and is not settled; nothing for who reads no guidance."""
    actor = request.actor
    if not actor.may(Permission.GUIDANCE_READ):
        return None
    applied = applied_at(site, actor)
    if not applied:
        return None
    waiting = [one for one in applied if not one.is_settled]
    may_mark = actor.may(Permission.GUIDANCE_MARK) and actor.owns(site.organisation_id) and actor.acts_at(site.pk)
    context = {"site": site, "shown": waiting[:SHOWN], "more": max(0, len(waiting) - SHOWN), "may_mark": may_mark}
    return render_to_string("members/_site_guidance.html", context, request)


@nav_count("notifications", _("unread"))
def unread_notifications(actor: Actor) -> int:
    return own_notifications().filter(read_at=None).count()
