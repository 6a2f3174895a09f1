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
STOPPED = (Operational.SUSPENDED, *ENDED)
"""Work has stopped: what that asks of the people is settled on one guided page (humanitarian/services/stopping.py)."""


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


class HazardType(models.TextChoices):
    """The 26 hazards of domain 3.8."""

    SHELLING = "SHELLING", _("Shelling")
    MISSILE_DRONE = "MISSILE_DRONE", _("Missiles or drones")
    AIR_RAID_DISRUPTION = "AIR_RAID_DISRUPTION", _("Work interrupted by air-raid alerts")
    UXO = "UXO", _("Unexploded ordnance")
    MINE = "MINE", _("Mines")
    SMALL_ARMS = "SMALL_ARMS", _("Small-arms fire")
    OCCUPATION = "OCCUPATION", _("Occupation")
    CHECKPOINT = "CHECKPOINT", _("Checkpoints")
    LOOTING = "LOOTING", _("Looting")
    POWER_OUTAGE = "POWER_OUTAGE", _("Power cuts")
    HEATING_LOSS = "HEATING_LOSS", _("No heating, winter")
    WATER_LOSS = "WATER_LOSS", _("No water")
    TELECOM_LOSS = "TELECOM_LOSS", _("No telephone or data")
    FUEL_SHORTAGE = "FUEL_SHORTAGE", _("Fuel is short")
    ROAD_RAIL_BRIDGE = "ROAD_RAIL_BRIDGE", _("Road, railway or bridge cut")
    PORT_SEA_MINE = "PORT_SEA_MINE", _("Port closed or sea mines")
    DAM_FLOOD = "DAM_FLOOD", _("Dam or flood")
    CHEMICAL = "CHEMICAL", _("Chemicals (ammonia, chlorine)")
    RADIOLOGICAL = "RADIOLOGICAL", _("Radiation")
    BIOLOGICAL = "BIOLOGICAL", _("Disease")
    FIRE = "FIRE", _("Fire")
    CYBER = "CYBER", _("Cyber-attack")
    DISINFORMATION = "DISINFORMATION", _("Disinformation")
    STRUCTURAL_DAMAGE = "STRUCTURAL_DAMAGE", _("Damaged building")
    GBV_TRAFFICKING_TRANSIT = "GBV_TRAFFICKING_TRANSIT", _("Gender-based violence or trafficking on the way")
    OVERWORK_FATIGUE = "OVERWORK_FATIGUE", _("Overwork and fatigue")


class HazardSeverity(models.IntegerChoices):
    OVER = 0, _("Over")
    LOW = 1, _("Low")
    SERIOUS = 2, _("Serious")
    GRAVE = 3, _("Grave")


class Utility(models.TextChoices):
    """What a site is supplied with, in hours a day."""

    POWER = "power", _("Power")
    WATER = "water", _("Water")
    HEAT = "heat", _("Heating")
    TELECOM = "telecom", _("Telephone and data")
    FUEL = "fuel", _("Fuel")


BACKUP = "_backup"
"""Added to the key of a utility: how many hours the site's own reserve lasts."""


class ContractGroup(models.TextChoices):
    OWN = "OWN", _("Own employees")
    AGENCY = "AGENCY", _("Agency workers")
    CONTRACTOR_ON_SITE = "CONTRACTOR_ON_SITE", _("Contractors on site")


class Gender(models.TextChoices):
    F = "F", _("Women")
    M = "M", _("Men")
    X = "X", _("Other or not disclosed")


class Overlay(models.TextChoices):
    """Counts beside the nine states, which they do not add to (domain 3.4)."""

    INJURED_AT_WORK = "injured_at_work", _("Injured at work")
    NEEDS_URGENT_HELP = "needs_urgent_help", _("Need urgent help")
    ON_FULL_PAY = "on_full_pay", _("On full pay")
    ON_PARTIAL_PAY = "on_partial_pay", _("On partial pay")
    UNPAID = "unpaid", _("Unpaid")
    REMOTE_WORKING = "remote_working", _("Work from elsewhere")
    RELOCATED_BY_COMPANY = "relocated_by_company", _("Relocated by the company")
    FAMILIES_SUPPORTED = "families_supported", _("Families supported")
    FAMILY_MEMBERS_WITH_THEM = "family_members_with_them", _("Family members with them")
