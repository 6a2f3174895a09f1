"""A site of a member, with what its log says now in `Site.current_*`."""

import secrets
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from aimprogress.core.fields import EncryptedJSONField
from aimprogress.core.scoping import DataClass, ScopedManager, ScopedModel, ScopedQuerySet, VersionedModel

from .codes import (
    ENDED,
    GROUP_OF,
    Access,
    AlertLevel,
    Confidence,
    Control,
    Damage,
    HazardSeverity,
    Operational,
    Reason,
    StatusGroup,
)


def new_checkin_code() -> str:
    """An opaque name for a site in links and on phones: it says nothing about the place or the company."""
    return secrets.token_urlsafe(9)


class SiteQuerySet(ScopedQuerySet):
    def in_country(self, *codes: str) -> Self:
        return self.filter(country__in=codes)

    def open(self) -> Self:
        """Sites that are neither closed nor sold."""
        return self.exclude(current_operational__in=ENDED)


class SiteManager(ScopedManager.from_queryset(SiteQuerySet)):
    """Sites, without those that were withdrawn."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(withdrawn_at=None)

    def with_withdrawn(self) -> models.QuerySet:
        """Every row in scope: for whoever asks what is stored, not what there is."""
        return super().get_queryset()


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
    hazardous_stock = models.BooleanField(_("keeps ammonia or chlorine"), null=True, blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    safety_profile = models.BooleanField(_("safety profile"), default=False, editable=False)
    profile_since = models.DateTimeField(null=True, editable=False)  # kept by the database (migration 0038), whoever writes
    inside_checkin_reason = models.CharField(max_length=200, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)  # decision 0010: it was never there, but facts are kept
    checkin_code = models.CharField(max_length=16, unique=True, default=new_checkin_code, editable=False)
    alert_level = models.PositiveSmallIntegerField(choices=AlertLevel.choices, default=AlertLevel.NORMAL, editable=False)

    # The projection: what the log says now. Written by services/sites.py in the log's own transaction.
    current_operational = models.CharField(max_length=15, choices=Operational.choices, blank=True, editable=False)
    current_reason = models.CharField(max_length=20, choices=Reason.choices, blank=True, editable=False)
    current_control = models.CharField(max_length=12, choices=Control.choices, blank=True, editable=False)
    current_damage = models.PositiveSmallIntegerField(choices=Damage.choices, null=True, editable=False)
    current_access = models.CharField(max_length=10, choices=Access.choices, blank=True, editable=False)
    current_utilities = models.JSONField(default=dict, editable=False)
    current_utilities_at = models.DateTimeField(null=True, editable=False)
    current_hazard = models.PositiveSmallIntegerField(choices=HazardSeverity.choices, null=True, editable=False)  # the worst
    current_confidence = models.CharField(max_length=1, choices=Confidence.choices, blank=True, editable=False)
    current_status_at = models.DateTimeField(null=True, editable=False)
    current_status_recorded_at = models.DateTimeField(null=True, editable=False)
    current_status_since = models.DateTimeField(null=True, editable=False)
    current_changed_at = models.DateTimeField(null=True, editable=False)  # when the portal learned that it is so
    current_previous = models.CharField(max_length=15, choices=Operational.choices, blank=True, editable=False)
    current_status_id = models.UUIDField(null=True, editable=False)
    current_headcount_id = models.UUIDField(null=True, editable=False)
    current_headcount_at = models.DateTimeField(null=True, editable=False)
    current_headcount_recorded_at = models.DateTimeField(null=True, editable=False)
    current_headcount_confidence = models.CharField(max_length=1, choices=Confidence.choices, blank=True, editable=False)
    current_expected = models.PositiveIntegerField(null=True, editable=False)
    current_accounted = models.PositiveIntegerField(null=True, editable=False)
    current_safe = models.PositiveIntegerField(null=True, editable=False)
    current_displaced = models.PositiveIntegerField(null=True, editable=False)
    current_unaccounted = models.PositiveIntegerField(null=True, editable=False)
    current_plan_adequate = models.BooleanField(null=True, editable=False)
    current_plan_review_on = models.DateField(null=True, editable=False)
    current_drill_due_on = models.DateField(null=True, editable=False)
    evacuating_since = models.DateTimeField(null=True, editable=False)
    help_needed_since = models.DateTimeField(null=True, editable=False)
    last_contact_at = models.DateTimeField(null=True, editable=False)

    objects = SiteManager()
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
