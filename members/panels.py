"""What this app adds to the page of a site: roll call, hazards and supply, its plans, guidance."""

from django.db.models import Case, F, When
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import as_of
from aimprogress.web.panels import nav_count, panel
from members.guidance_seen import applied_at
from members.models import BACKUP, EvacuationPlan, HazardSeverity, HazardType, PlanActivation, RollCall, Site, Utility
from members.plan_seen import drilling_of, seen_in_force
from members.planning import Sight, sight_of
from members.projection import hazards_of, under_way
from members.roll_call_known import is_open, known
from members.roll_call_seen import SeenRollCall
from members.rows import HAZARD_ROWS
from members.services.notifications import own_notifications


@panel("site", order=5)
def conditions_panel(request: HttpRequest, site: Site) -> SafeString:
    """Hazards of now, the gravest first, and how the site is supplied."""
    actor = request.actor
    shown = [HAZARD_ROWS.present(row, actor) for row in HAZARD_ROWS.values(hazards_of([site.pk], as_of()))]
    hazards = [
        row | {"label": HazardType(row["hazard"]).label, "severity_label": HazardSeverity(row["severity"]).label,
               "residual_label": "" if row["residual"] is None else HazardSeverity(row["residual"]).label}
        for row in sorted(shown, key=lambda row: (-row["severity"], row["hazard"])) if row["severity"]
    ]  # fmt: skip
    said = site.current_utilities
    supply = [(one.label, said.get(one.value), said.get(one.value + BACKUP)) for one in Utility if _is_said(said, one)]
    own = actor.owns(site.organisation_id) and actor.acts_at(site.pk)
    context = {
        "site": site, "hazards": hazards, "supply": supply, "supply_at": site.current_utilities_at, "then": as_of(),
        "own": actor.owns(site.organisation_id),
        "may_log": own and actor.may(Permission.SITE_STATUS_LOG) and not as_of(),
    }  # fmt: skip
    return render_to_string("members/_conditions.html", context, request)


def _is_said(said: dict[str, int], utility: Utility) -> bool:
    return utility.value in said or utility.value + BACKUP in said


@panel("site", order=3)
def roll_call_panel(request: HttpRequest, site: Site) -> SafeString | None:
    """The roll call that is or was open, or the way to open one; nothing for who reads no head counts."""
    actor = request.actor
    if not actor.may(Permission.HEADCOUNT_READ):
        return None
    own = actor.owns(site.organisation_id) and actor.acts_at(site.pk)
    may_open = own and actor.may(Permission.HEADCOUNT_LOG) and not as_of()
    closed_at = Case(When(is_open(), then=None), default=F("closed_at"))
    calls = known(RollCall.objects.filter(site=site)).annotate(closed_by_then=closed_at)
    last = calls.order_by(F("closed_by_then").desc(nulls_first=True)).first()
    if last is None and not may_open:
        return None
    context = {
        "site": site, "last": last, "may_open": may_open, "then": as_of(),
        "seen": SeenRollCall(last, actor) if last and not last.closed_by_then else None,
    }  # fmt: skip
    return render_to_string("members/_roll_call_panel.html", context, request)


SHOWN = 5


@panel("site", order=10)
def plans_panel(request: HttpRequest, site: Site) -> SafeString | None:
    """Both plans at a glance, the drill that is due, and the buttons of now; nothing for who reads no plans."""
    actor = request.actor
    if not actor.may(Permission.PLAN_READ):
        return None
    reads_text = sight_of(actor, site) is Sight.TEXT
    plans, then = seen_in_force(site, actor), as_of()
    context = {
        "then": then,
        "site": site,
        "plans": plans,
        "evacuation": next((seen for seen in plans if isinstance(seen.plan, EvacuationPlan)), None),
        "reads_text": reads_text,
        "may_edit": reads_text and not then and actor.may(Permission.PLAN_EDIT),
        "may_activate": reads_text and not then and actor.may(Permission.PLAN_ACTIVATE),
        "drilling": drilling_of(site),
        "activation": under_way(PlanActivation.objects.filter(site=site), then).first() if site.evacuating_since else None,
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
