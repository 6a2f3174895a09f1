"""The codes a site's state is told in, with the words a reader gets. Source: domain.md 3.1 and 3.2."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Operational(models.TextChoices):
    """The nine codes of domain 3.1."""

    OPERATING = "OPERATING", _("Operating normally")
    REDUCED = "REDUCED", _("Operating at reduced level")
    ESSENTIAL_ONLY = "ESSENTIAL_ONLY", _("Only essential goods")
    SUSPENDED = "SUSPENDED", _("Suspended")
    EVACUATED = "EVACUATED", _("Evacuated, nobody on site")
    RELOCATED = "RELOCATED", _("Activity moved elsewhere")
    CLOSED = "CLOSED", _("Closed for good")
    DIVESTED = "DIVESTED", _("Sold or transferred")
    UNKNOWN = "UNKNOWN", _("No contact")


class StatusGroup(models.TextChoices):
    """What is shown: decisions 4.1. The value is also the name of its mark and colour."""

    OPERATING = "ok", _("Operating")
    REDUCED = "reduced", _("Reduced")
    MOVED = "moved", _("Moved")
    PAUSED = "paused", _("Paused")
    EVACUATED = "evac", _("Evacuated")
    NO_CONTACT = "lost", _("No contact")
    CLOSED = "closed", _("Closed")


GROUP_OF = {
    Operational.OPERATING: StatusGroup.OPERATING,
    Operational.ESSENTIAL_ONLY: StatusGroup.OPERATING,
    Operational.REDUCED: StatusGroup.REDUCED,
    Operational.SUSPENDED: StatusGroup.PAUSED,
    Operational.EVACUATED: StatusGroup.EVACUATED,
    Operational.RELOCATED: StatusGroup.MOVED,
    Operational.CLOSED: StatusGroup.CLOSED,
    Operational.DIVESTED: StatusGroup.CLOSED,
    Operational.UNKNOWN: StatusGroup.NO_CONTACT,
}
ENDED = (Operational.CLOSED, Operational.DIVESTED)


class Reason(models.TextChoices):
    SAFETY = "SAFETY", _("Safety of people")
    POWER = "POWER", _("Power or heating")
    SUPPLY = "SUPPLY", _("Materials do not arrive")
    WORKFORCE = "WORKFORCE", _("Too few people")
    DAMAGE = "DAMAGE", _("Damage")
    ORDER_OF_AUTHORITY = "ORDER_OF_AUTHORITY", _("Order of an authority")
    POLICY = "POLICY", _("Company decision")
    SANCTIONS = "SANCTIONS", _("Sanctions")
    SEIZURE = "SEIZURE", _("Seized")
    DEMAND = "DEMAND", _("No demand")
    OTHER = "OTHER", _("Another reason")


class Control(models.TextChoices):
    MEMBER = "MEMBER", _("Full control")
    LIMITED = "LIMITED", _("Limited access")
    LOST = "LOST", _("No access (front or occupation)")
    SEIZED = "SEIZED", _("Seized or under external management")
    HANDED_OVER = "HANDED_OVER", _("Handed over")


class Damage(models.IntegerChoices):
    NONE = 0, _("No damage")
    LIGHT = 1, _("Light, still usable")
    MODERATE = 2, _("Moderate, partly usable")
    HEAVY = 3, _("Heavy, can be repaired")
    DESTROYED = 4, _("Destroyed")
    NOT_ASSESSED = 9, _("Not assessed")


class Access(models.TextChoices):
    OPEN = "OPEN", _("Open")
    RESTRICTED = "RESTRICTED", _("Restricted")
    UNSAFE = "UNSAFE", _("Unsafe")
    NONE = "NONE", _("No access")


class AlertLevel(models.IntegerChoices):
    NORMAL = 0, _("Normal")
    WATCH = 1, _("Watch")
    HIGH = 2, _("High")
    SEVERE = 3, _("Severe")
    EXTREME = 4, _("Extreme")


class SourceType(models.TextChoices):
    DIRECT = "DIRECT", _("Seen or contacted by our staff")
    DOC = "DOC", _("Document")
    WORKER_REP = "WORKER_REP", _("Workers' representative")
    PARTNER = "PARTNER", _("Partner organisation")
    PUBLIC = "PUBLIC", _("Public source")
    EST = "EST", _("Estimate")


class Confidence(models.TextChoices):
    A = "A", _("Confirmed")
    B = "B", _("Credible, second-hand")
    C = "C", _("Unverified")
