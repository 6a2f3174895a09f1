"""Work at a site stops: the status, what is settled for the people, and an action for each thing that is not, in one act."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.instruments.engine import AnswerValue
from aimprogress.instruments.models import Assessment
from aimprogress.instruments.services import answer_items, open_assessment
from humanitarian.models import SafetyAction
from humanitarian.services.actions import open_action
from members.models import STOPPED, Site
from members.services.sites import log_site_status

STOPPING = "stopping_work"
LASTING = ("operational", "reason", "control", "damage", "access")
TOLD = ("utilities", "note")


@dataclass(frozen=True, slots=True)
class Owner:
    """Who settles what is open (a role), and until when."""

    role: str
    due_on: date


@service(Permission.ASSESSMENT_EDIT)
def stop_work(
    *, site: Site, operational: str, reason: str, answers: Mapping[str, AnswerValue | None], owners: Mapping[str, Owner],
    observed_at: datetime | None = None, **status: Any,
) -> Assessment:  # fmt: skip
    """Log that a site is suspended, closed or sold, and keep the answers to the eight questions about it.

    A site that stands so already gets no second status, unless something else is said of it. Each question that is open becomes
    an action with the owner that `owners` names for it. Raises ValidationError where one is missing, or where the status may
    not follow.
    """
    if operational not in STOPPED:
        raise ValidationError({"operational": _("Choose how work stops.")})
    if not reason:
        raise ValidationError({"reason": _("Say why work stops.")})
    said = {"operational": operational, "reason": reason} | status
    if any(said[name] != getattr(site, f"current_{name}") for name in LASTING if name in said) or any(map(said.get, TOLD)):
        log_site_status(site=site, observed_at=observed_at, guided=True, **said)
    check = open_assessment(subject=site, instrument=STOPPING)
    answer_items(assessment=check, answers=answers)
    definition = check.definition
    for key in open_items(check):
        if key not in owners:
            raise ValidationError({"owners": _("Say who settles question %(key)s, and until when.") % {"key": key}})
        title = gettext("Work stopped: %(what)s") % {"what": definition.item(key).title}
        open_action(
            site=site, title=title, owner_role=owners[key].role, due_on=owners[key].due_on,
            type=SafetyAction.Type.RESPOND, origin=SafetyAction.Origin.CHECKLIST, origin_id=check.pk, origin_key=f"item {key}",
        )  # fmt: skip
    return check


def open_items(check: Assessment) -> list[str]:
    """The questions that nobody has settled, by their codes; all of them where nothing was answered."""
    return list(check.outcome.missing) if check.outcome else [item.code for item in check.definition.items]


def stopped_since(site: Site) -> Assessment | None:
    """What was answered when the site was stopped as it stands now; None where nobody answered."""
    found = Assessment.objects.filter(site=site, instrument=STOPPING)
    if site.current_status_since:
        found = found.filter(started_at__gte=site.current_status_since)
    return found.order_by("-started_at", "-id").first()
