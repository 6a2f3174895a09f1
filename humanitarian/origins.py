"""What a safety action is about: a hazard, a plan item, a check-in, a roll call, a human-rights issue.

The app that holds the noun registers how it is found and named, an app above in its `panels` module:

    register(SafetyAction.Origin.ISSUE, Source(Permission.ISSUE_READ, RightsIssue.objects, shown_title, url_of))
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Manager, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.instruments.models import Assessment
from humanitarian.models import SafetyAction
from members.models import (
    AlertLevelChange,
    CheckIn,
    CommunicationPlan,
    EvacuationPlan,
    HazardReport,
    PlanActivation,
    RollCall,
)


@dataclass(frozen=True, slots=True)
class Source:
    """A noun that actions follow from: who may read it, where it is found, what it is called, and its page ("" for none)."""

    permission: Permission
    rows: Manager | QuerySet
    words: Callable[[Any], Any]
    url: Callable[[Any], str]


_sources: dict[str, list[Source]] = {}


def register(origin: str, *sources: Source) -> None:
    """Say how the records behind `origin` are found. Registering again replaces what was there."""
    _sources[origin] = list(sources)


def find_source(origin: str, origin_id: UUID | None) -> tuple[Source, Any] | None:
    """The record that an action is about, where the Actor may read it."""
    for source in _sources.get(origin, []) if origin_id else ():
        if current_actor().may(source.permission) and (found := source.rows.filter(pk=origin_id).first()):
            return source, found
    return None


def named(origin: str, origin_id: UUID | None) -> tuple[Any, str] | None:
    """Words and page of what an action is about; None where it is about nothing, or about what the Actor may not read."""
    found = find_source(origin, origin_id)
    return (found[0].words(found[1]), found[0].url(found[1])) if found else None


def add_url(origin: str, origin_id: UUID, *, site: UUID | None = None, key: str = "") -> str:
    """The address of the form for a new action about a record."""
    about = {"origin": origin, "origin_id": origin_id, "origin_key": key, "site": site or ""}
    return f"{reverse('humanitarian:action_add')}?{urlencode(about)}"


def _plan(model: type, label: Any, url: str) -> Source:
    return Source(
        Permission.PLAN_READ, model.objects, lambda plan: label % {"n": plan.revision}, lambda plan: reverse(url, args=[plan.pk])
    )


register(
    SafetyAction.Origin.PLAN,
    _plan(EvacuationPlan, _("Evacuation plan, revision %(n)s"), "members:evacuation_plan"),
    _plan(CommunicationPlan, _("Communication plan, revision %(n)s"), "members:communication_plan"),
)
register(
    SafetyAction.Origin.CHECKLIST,
    Source(
        Permission.ASSESSMENT_READ, Assessment.objects.exclude(site=None), lambda assessment: assessment.definition.title,
        lambda assessment: reverse(f"humanitarian:{'stop' if assessment.commercial else 'check'}", args=[assessment.pk]),
    ),
)  # fmt: skip
register(
    SafetyAction.Origin.ROLL_CALL,
    Source(
        Permission.HEADCOUNT_READ, RollCall.objects, lambda roll_call: _("Roll call: %(incident)s") % {"incident": roll_call},
        lambda roll_call: reverse("members:roll_call", args=[roll_call.pk]),
    ),
)  # fmt: skip
HAZARD = Source(
    Permission.SITE_READ, HazardReport.objects, lambda report: _("Hazard: %(hazard)s") % {"hazard": report},
    lambda report: f"{reverse('members:site', args=[report.site_id])}#conditions",
)  # fmt: skip
register(SafetyAction.Origin.HAZARD, HAZARD)
register(
    SafetyAction.Origin.STOCK,
    Source(
        Permission.SITE_READ, AlertLevelChange.objects, lambda change: _("Alert level: %(level)s") % {"level": change},
        lambda change: reverse("members:site", args=[change.site_id]),
    ),
    Source(
        Permission.SITE_READ, PlanActivation.objects, lambda activation: _("Evacuation"),
        lambda activation: reverse("members:site", args=[activation.site_id]),
    ),
    HAZARD,
)  # fmt: skip
register(
    SafetyAction.Origin.CHECK_IN,
    Source(Permission.SITE_READ, CheckIn.objects, lambda check_in: _("Check-in"), lambda check_in: ""),
)
