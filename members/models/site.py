"""Sites and what was observed at them. Facts are added, never changed; `Site.current_*` is their projection."""

import secrets
from datetime import timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.fields import EncryptedJSONField
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet, VersionedModel

CLOCK_TOLERANCE = timedelta(minutes=2)


def new_checkin_code() -> str:
    """An opaque name for a site in links and on phones: it says nothing about the place or the company."""
    return secrets.token_urlsafe(9)


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


class SiteQuerySet(ScopedQuerySet):
    def in_country(self, *codes: str) -> Self:
        return self.filter(country__in=codes)

    def open(self) -> Self:
        """Sites that are neither closed nor sold."""
        return self.exclude(current_operational__in=ENDED)

    def silent_for(self, span: timedelta) -> Self:
        """Sites without any contact for at least `span`; sites never heard of included."""
        return self.exclude(last_contact_at__gt=timezone.now() - span)


class Site(VersionedModel, ScopedModel):
    """A place of work of a member. Source of the fields: domain.md 3.1."""

    data_class = DataClass.SAFETY
    site_column = "id"

    class Kind(models.TextChoices):
        FACTORY = "FACTORY", _("Factory")
        BREWERY = "BREWERY", _("Brewery")
        CO_PACKER = "CO_PACKER", _("Co-packer")
        WAREHOUSE = "WAREHOUSE", _("Warehouse")
        OFFICE = "OFFICE", _("Office")
        FARM = "FARM", _("Farm")
        DEPOT = "DEPOT", _("Depot")
        PORT_TERMINAL = "PORT_TERMINAL", _("Port terminal")
        RETAIL = "RETAIL", _("Shop")
        REMOTE_TEAM = "REMOTE_TEAM", _("Remote team")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices, default=Kind.FACTORY)
    country = models.CharField(_("country"), max_length=2)
    admin1 = models.ForeignKey("places.AdminArea", on_delete=models.PROTECT, related_name="+", verbose_name=_("oblast or region"))
    area = models.ForeignKey(
        "places.AdminArea", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("raion or hromada")
    )
    settlement = models.ForeignKey(
        "places.Settlement", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("settlement")
    )
    number_in_area = models.PositiveIntegerField(default=1, editable=False)
    exact_location = EncryptedJSONField(null=True, blank=True)  # {"lat": degrees, "lon": degrees}
    address = models.CharField(_("address"), max_length=200, blank=True)
    languages = ArrayField(models.CharField(max_length=5), default=list, blank=True, verbose_name=_("languages"))
    baseline = models.PositiveIntegerField(_("people who work here"), default=0)
    largest_shift = models.PositiveIntegerField(_("largest shift"), null=True, blank=True)
    union_present = models.BooleanField(_("recognised union at the site"), null=True, blank=True)
    essential_goods = models.BooleanField(_("makes essential goods"), default=False)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    safety_profile = models.BooleanField(_("safety profile"), default=False, editable=False)
    inside_checkin_reason = models.CharField(max_length=200, blank=True, editable=False)
    checkin_code = models.CharField(max_length=16, unique=True, default=new_checkin_code, editable=False)
    alert_level = models.PositiveSmallIntegerField(choices=AlertLevel.choices, default=AlertLevel.NORMAL, editable=False)

    # The projection: what the log says now. Written by services/sites.py in the log's own transaction.
    current_operational = models.CharField(max_length=15, choices=Operational.choices, blank=True, editable=False)
    current_reason = models.CharField(max_length=20, choices=Reason.choices, blank=True, editable=False)
    current_control = models.CharField(max_length=12, choices=Control.choices, blank=True, editable=False)
    current_damage = models.PositiveSmallIntegerField(choices=Damage.choices, null=True, editable=False)
    current_access = models.CharField(max_length=10, choices=Access.choices, blank=True, editable=False)
    current_utilities = models.JSONField(default=dict, editable=False)
    current_confidence = models.CharField(max_length=1, choices=Confidence.choices, blank=True, editable=False)
    current_status_at = models.DateTimeField(null=True, editable=False)
    current_status_since = models.DateTimeField(null=True, editable=False)
    current_changed_at = models.DateTimeField(null=True, editable=False)  # when the portal learned that it is so
    current_previous = models.CharField(max_length=15, choices=Operational.choices, blank=True, editable=False)
    current_status_id = models.UUIDField(null=True, editable=False)
    current_headcount_id = models.UUIDField(null=True, editable=False)
    current_headcount_at = models.DateTimeField(null=True, editable=False)
    current_headcount_confidence = models.CharField(max_length=1, choices=Confidence.choices, blank=True, editable=False)
    current_expected = models.PositiveIntegerField(null=True, editable=False)
    current_accounted = models.PositiveIntegerField(null=True, editable=False)
    current_safe = models.PositiveIntegerField(null=True, editable=False)
    current_displaced = models.PositiveIntegerField(null=True, editable=False)
    current_unaccounted = models.PositiveIntegerField(null=True, editable=False)
    current_plan_adequate = models.BooleanField(null=True, editable=False)
    current_plan_review_on = models.DateField(null=True, editable=False)
    evacuating_since = models.DateTimeField(null=True, editable=False)
    help_needed_since = models.DateTimeField(null=True, editable=False)
    last_contact_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager.from_queryset(SiteQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["country", "name", "id"]
        indexes = [
            models.Index(fields=["organisation", "country", "name", "id"]),
            models.Index(fields=["country", "name", "id"]),
            models.Index(fields=["organisation", "current_status_at", "id"]),
            models.Index(fields=["current_status_at", "id"]),
            models.Index(fields=["organisation", "admin1"]),
            models.Index(fields=["organisation", "current_changed_at"]),
            models.Index(fields=["current_changed_at"]),
        ]
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="site_code_once_in_organisation")]

    def __str__(self) -> str:
        return self.name

    @property
    def status_group(self) -> StatusGroup:
        """The display group of the last status; a site never heard of is out of contact."""
        return GROUP_OF.get(self.current_operational, StatusGroup.NO_CONTACT)

    def clean(self) -> None:
        if self.admin1_id and self.admin1.country != self.country:
            raise ValidationError({"admin1": _("This oblast or region is not in the chosen country.")})
        if self.largest_shift and self.baseline and self.largest_shift > self.baseline:
            raise ValidationError({"largest_shift": _("The largest shift cannot be larger than the number of people.")})


class Fact(ScopedModel):
    """What every observation carries (domain 0.1)."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    observed_at = models.DateTimeField(_("seen at"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    reported_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    source_type = models.CharField(_("source"), max_length=10, choices=SourceType.choices, default=SourceType.DIRECT)
    confidence = models.CharField(_("confidence"), max_length=1, choices=Confidence.choices, default=Confidence.A)

    class Meta:
        abstract = True

    def clean(self) -> None:
        if self.observed_at and self.observed_at > self.recorded_at + CLOCK_TOLERANCE:
            raise ValidationError({"observed_at": _("This lies in the future.")})


def _newest_first(name: str) -> list[models.Index]:
    return [
        models.Index(fields=["organisation", "-observed_at", "-id"], name=f"{name}_by_organisation"),
        models.Index(fields=["-observed_at", "-id"], name=f"{name}_newest"),  # the secretariat's newest, over all
        models.Index(fields=["site", "-observed_at", "-id"], name=f"{name}_by_site"),
    ]


class CheckIn(ScopedModel):
    """What was said at one check-in, as it was said. The facts it made point here."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    class FollowUp(models.TextChoices):
        NONE = "", _("Nothing to do")
        REASON = "REASON", _("Suspended: ask for the reason")
        JUDGED_AGAIN = "JUDGED_AGAIN", _("The answer no longer fitted the last head count")
        NOT_REACHED = "NOT_REACHED", _("People not reached")
        HELP = "HELP", _("Someone needs help")

    site = ScopedForeignKey(Site, related_name="check_ins")
    device = models.UUIDField(null=True, blank=True)
    seq = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    body_hash = models.CharField(max_length=64)
    answers = models.JSONField(default=dict)
    by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    follow_up = models.CharField(max_length=14, choices=FollowUp.choices, default=FollowUp.NONE, blank=True)
    followed_up_at = models.DateTimeField(null=True, blank=True)
    followed_up_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    escalated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-received_at", "-id"]),
            models.Index(fields=["site", "-received_at", "-id"]),
            models.Index(fields=["follow_up", "received_at"], condition=~Q(follow_up=""), name="check_in_follow_up"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SiteStatus(Fact):
    """What was observed at a site at a moment. A correction supersedes; its author may retract it within a minute."""

    site = ScopedForeignKey(Site, related_name="statuses")
    operational = models.CharField(_("the site is"), max_length=15, choices=Operational.choices)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    control = models.CharField(_("control"), max_length=12, choices=Control.choices, default=Control.MEMBER)
    damage = models.PositiveSmallIntegerField(_("damage"), choices=Damage.choices, default=Damage.NOT_ASSESSED)
    access = models.CharField(_("access"), max_length=10, choices=Access.choices, blank=True)
    utilities = models.JSONField(_("hours a day"), default=dict, blank=True)  # {"power": 0-24, "water": …}
    note = models.CharField(_("note"), max_length=500, blank=True)
    supersedes = ScopedForeignKey("self", null=True, blank=True, related_name="superseded_by")
    check_in = ScopedForeignKey(CheckIn, null=True, blank=True, related_name="statuses")
    retracted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-observed_at", "-id"]
        indexes = _newest_first("status")

    def __str__(self) -> str:
        return self.get_operational_display()

    @property
    def group(self) -> StatusGroup:
        return GROUP_OF[self.operational]

    def clean(self) -> None:
        super().clean()
        if self.operational == Operational.OPERATING and self.control in {Control.LOST, Control.SEIZED}:
            raise ValidationError({"operational": _("A lost or seized site is not operated by the member.")})
        if not isinstance(self.utilities or {}, dict):
            raise ValidationError({"utilities": _("Give the hours a day by name: power, water, heat, telecom, fuel.")})
        for name, hours in (self.utilities or {}).items():
            if name not in {"power", "water", "heat", "telecom", "fuel"} or not isinstance(hours, int) or not 0 <= hours <= 24:
                raise ValidationError({"utilities": _("Hours a day are whole numbers from 0 to 24.")})


class HeadCount(Fact):
    """People by nine states that exclude each other; counts only, never names (domain 3.4)."""

    site = ScopedForeignKey(Site, related_name="head_counts")
    expected = models.PositiveIntegerField(_("people expected"), validators=[MaxValueValidator(200_000)])
    safe_local = models.PositiveIntegerField(_("safe, at usual place"), default=0)
    safe_idp = models.PositiveIntegerField(_("safe, displaced inside the country"), default=0)
    safe_abroad = models.PositiveIntegerField(_("safe, displaced abroad"), default=0)
    injured = models.PositiveIntegerField(_("injured"), default=0)
    unaccounted = models.PositiveIntegerField(_("not reached"), default=0)
    strict = EncryptedJSONField(null=True, blank=True)  # {"SERVING": n, "DETAINED": n, "MISSING": n, "KILLED": n}
    overlays = models.JSONField(default=dict, blank=True)  # not summed: needs_urgent_help, families_supported, …
    reason = models.CharField(_("reason of the correction"), max_length=200, blank=True)
    supersedes = ScopedForeignKey("self", null=True, blank=True, related_name="superseded_by")
    check_in = ScopedForeignKey(CheckIn, null=True, blank=True, related_name="head_counts")
    retracted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-observed_at", "-id"]
        indexes = _newest_first("headcount")

    def __str__(self) -> str:
        return str(self.expected)

    @property
    def states(self) -> dict[str, int]:
        """All nine states by code, in the order of domain 3.4."""
        strict = self.strict or {}
        return {
            "SAFE_LOCAL": self.safe_local,
            "SAFE_IDP": self.safe_idp,
            "SAFE_ABROAD": self.safe_abroad,
            "SERVING": strict.get("SERVING", 0),
            "INJURED": self.injured,
            "DETAINED": strict.get("DETAINED", 0),
            "MISSING": strict.get("MISSING", 0),
            "UNACCOUNTED": self.unaccounted,
            "KILLED": strict.get("KILLED", 0),
        }

    def clean(self) -> None:
        from members.headcounts import balance  # pure rules of people arithmetic

        super().clean()
        if problem := balance(self.expected, self.states):
            raise ValidationError({"expected": problem})
        if self.site.safety_profile and any((self.strict or {}).values()):
            raise ValidationError(_("At this site these four states are not collected: they endanger people."))


class AlertLevelChange(Fact):
    """The alert level of a site from a moment on (domain 3.2)."""

    site = ScopedForeignKey(Site, related_name="alert_level_changes")
    level = models.PositiveSmallIntegerField(_("alert level"), choices=AlertLevel.choices)
    previous = models.PositiveSmallIntegerField(choices=AlertLevel.choices, null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["-observed_at", "-id"]
        indexes = [*_newest_first("alert"), models.Index(fields=["-recorded_at"], name="alert_last_recorded")]

    def __str__(self) -> str:
        return self.get_level_display()
