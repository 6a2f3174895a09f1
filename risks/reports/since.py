"""What happened after the facts of a report were frozen, by the member's log: why a figure may honestly come out differently."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from aimprogress.core.audit import AuditEvent
from aimprogress.places.models import AreaConflictStatus
from humanitarian.models import SafetyAction, WageSupportReport
from members.models import AlertLevelChange, HeadCount, Organisation, SiteStatus
from members.retention.rules import OBSERVATIONS
from risks.reports.differences import Difference
from risks.reports.evidence import Evidence
from risks.reports.printing import moment_of

SITES, PLANS = ("members.site",), ("members.evacuationplan", "members.communicationplan")
IMPORTS = ("exchange.importbatch",)
REGISTERS: dict[str, tuple[str, ...]] = {
    "scope": SITES + IMPORTS,
    "alert_levels": SITES + IMPORTS,
    "area_status": SITES + IMPORTS,
    "site_status": SITES + IMPORTS,
    "head_counts": SITES + IMPORTS,
    "plans": SITES + PLANS,
    "capacity": SITES + PLANS,
    "communication": PLANS,
    "drills": ("members.drill",),
    "roll_calls": ("members.rollcall",),
    "evacuations": ("members.planactivation",),
    "returns": (*SITES, "members.planactivation"),
    "stops": ("instruments.assessment",),
    "checks": (*SITES, "instruments.assessment"),
    "actions": ("humanitarian.safetyaction",),
    "issues": ("risks.rightsissue", "humanitarian.safetyaction"),
    "suppliers": ("suppliers.supplier", "suppliers.supplylink", *IMPORTS),
    "pay": SITES + IMPORTS,
    "measures": ("humanitarian.supportmeasure",),
    "contributions": ("humanitarian.contribution", "humanitarian.partnerorganisation"),
    "quality": SITES + PLANS + IMPORTS,
}
"""The kinds of record, as the log names them, that stand behind a figure and keep no history."""

FACTS: dict[str, tuple[type[Model], ...]] = {
    "alert_levels": (AlertLevelChange,),
    "site_status": (SiteStatus,),
    "head_counts": (HeadCount,),
    "returns": (SiteStatus,),
    "overlays": (HeadCount,),
    "pay": (WageSupportReport,),
    "quality": (SiteStatus, HeadCount, AlertLevelChange),
}


PLAN_RULES = ("plan_versions", "plan_places", "places_closed", "places_lost")
FORGOTTEN: dict[str, tuple[str, ...]] = {
    "head_counts": ("strict",),
    "plans": PLAN_RULES,
    "capacity": PLAN_RULES,
    "communication": PLAN_RULES,
    "roll_calls": ("roll_calls",),
    "quality": (OBSERVATIONS.name,),
}
"""The rules of retention (members/retention/rules.py) that empty what a figure is made of."""


class Outcome(Enum):
    """What came of making a figure again."""

    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "cannot be recomputed"


@dataclass
class Recomputed:
    """One figure: its reference, what came of it, why it cannot be recomputed, and every place where it is different."""

    reference: str
    outcome: Outcome
    why: str = ""
    differences: list[Difference] = field(default_factory=list)


class Since:
    """What the member's log tells of the time since the facts were frozen."""

    def __init__(self, organisation: Organisation, evidence: Evidence) -> None:
        self.organisation, self.figures = organisation, evidence["figures"]
        self.as_of = moment_of(evidence["meta"]["as_of"])
        self.period_from = moment_of(f"{evidence['meta']['period_from']}T00:00:00Z")
        self.head = evidence["meta"].get("log")
        self.first_on = {row["act_on"] for row in evidence["chapters"]["scope"]["areas"] if row["act_on"]}

    def registered(self) -> QuerySet:
        """The ids of the sites that were added one by one since then."""
        return self._entries().filter(action="members.register_site").values("object_id")

    def problems(self) -> list[str]:
        """Whether the log still holds the entry with which it ended then."""
        if not self.head or not self.head["seq"]:
            return []
        kept = AuditEvent.objects.filter(organisation_id=self.organisation.pk, **self.head).exists()
        return [] if kept else [f"The log of the member does not hold the entry {self.head['seq']} with which it ended then."]

    def judged(self, reference: str, found: list[Difference]) -> Recomputed:
        """A figure with what came of it."""
        if not found:
            return Recomputed(reference, Outcome.SAME)
        why = self._why(self.figures[reference]["kind"], rows_changed=any(one.path.endswith(".sha256") for one in found))
        return Recomputed(reference, Outcome.UNKNOWN if why else Outcome.DIFFERS, why, found)

    def _why(self, kind: str, *, rows_changed: bool) -> str:
        """Why a figure of this kind may honestly come out differently; "" where nothing explains it."""
        registers = REGISTERS.get(kind, ())
        if kind in FACTS and rows_changed:
            registers = tuple(name for name in registers if name not in SITES)  # a site's own fields move its coverage only
        if changed := self._entries().filter(object_type__in=registers).count():
            return f"changed since (entries in the log: {changed}), and only the newest state is kept"
        if self._forgotten_since(kind):
            return "what is no longer kept was deleted since"
        if kind in ("actions", "issues") and (late := self._actions_made_since()):
            return f"the portal has opened actions by itself since ({late})"
        if late := sum(self._written_at_that_moment(model) for model in FACTS.get(kind, ())):
            return f"records were being written at the very moment of the report ({late})"
        if kind == "area_status" and self._list_is_newer():
            return "the official list was replaced by a newer one"
        return ""

    def _entries(self) -> QuerySet:
        rows = AuditEvent.objects.filter(organisation_id=self.organisation.pk)
        return rows.filter(seq__gt=self.head["seq"]) if self.head else rows.filter(at__gt=self.as_of)

    def _forgotten_since(self, kind: str) -> bool:
        """Whether a rule took something that such a figure is made of; an entry without its body may have been about any.

        What sites say of a moment since which reports are kept, they say without the older ones, too. Of an earlier one, which
        sites were open and how many people they had, and so the coverage of every figure, cannot be told again.
        """
        rules = list(FORGOTTEN.get(kind, ()))
        begins = self.period_from if kind == "site_status" else self.as_of
        if begins < timezone.now() - timedelta(days=OBSERVATIONS.kept_days):
            rules.append(OBSERVATIONS.name)
        kept = self._entries().filter(action="members.keep_to_rule")
        return bool(rules) and kept.filter(Q(body__has_any_keys=rules) | Q(body={})).exists()

    def _actions_made_since(self) -> int:
        rows = SafetyAction.objects.filter(organisation=self.organisation, origin=SafetyAction.Origin.PLAN)
        return rows.filter(created_at__gt=self.as_of).count()

    def _written_at_that_moment(self, model: Any) -> int:
        """Facts that say they were recorded before the cut-off, while the log has them after it."""
        ids = self._entries().exclude(object_id=None).values("object_id")
        by_hand = Q(pk__in=ids)
        in_a_check_in = Q(check_in__in=ids) if hasattr(model, "check_in") else Q()
        rows = model.objects.filter(by_hand | in_a_check_in, organisation=self.organisation)
        return rows.filter(recorded_at__lte=self.as_of).count()

    def _list_is_newer(self) -> bool:
        newest = AreaConflictStatus.objects.order_by("-act_date").values_list("act_date", flat=True).first()
        return bool(newest and self.first_on) and newest.isoformat() > max(self.first_on)
