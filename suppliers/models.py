"""Suppliers of a member and what ties them to it. Commercial: nobody else sees a row, not even that it exists."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError as IdentifierError

from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedModel, VersionedModel
from suppliers.identifiers import check_identifier


class Exposure(models.TextChoices):
    """How the conflict touches a supplier (domain 6.3)."""

    NONE = "NONE", _("None known")
    INPUTS = "INPUTS", _("Inputs")
    WORKERS = "WORKERS", _("Workers")
    OPERATIONS = "OPERATIONS", _("Operations")
    OWNERSHIP = "OWNERSHIP", _("Ownership")
    MARKET = "MARKET", _("Market")


class AssessmentState(models.TextChoices):
    """Where the assessment of a supplier stands (domain 6.2)."""

    NOT_REQUIRED = "NOT_REQUIRED", _("Not required")
    NOT_STARTED = "NOT_STARTED", _("Not started")
    SAQ_SENT = "SAQ_SENT", _("Questionnaire sent")
    SAQ_DONE = "SAQ_DONE", _("Questionnaire answered")
    SCHEDULED = "SCHEDULED", _("Audit planned")
    BLOCKED_BY_CONFLICT = "BLOCKED_BY_CONFLICT", _("Not possible because of the war")
    DONE_OPEN_CAP = "DONE_OPEN_CAP", _("Done, corrections open")
    DONE_CLOSED = "DONE_CLOSED", _("Done, corrections closed")
    EXPIRED = "EXPIRED", _("Expired")
    REFUSED = "REFUSED", _("Refused")
    RECOGNISED = "RECOGNISED", _("Recognised from another audit")


EXPOSED = ~Q(exposure=Exposure.NONE)
ASSESSED = Q(assessment_state__in=(AssessmentState.DONE_OPEN_CAP, AssessmentState.DONE_CLOSED, AssessmentState.RECOGNISED))


class Supplier(VersionedModel, ScopedModel):
    """A supplier as one member knows it. Source of the fields: domain.md 6.3."""

    data_class = DataClass.COMMERCIAL
    sample = ("id", "suppliers_supplier")
    texts_that_leave = ("name", "name_local", "identifier", "sector")

    name = models.CharField(_("name"), max_length=200)
    name_local = models.CharField(_("name in its own script"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2)
    admin1 = models.ForeignKey(
        "places.AdminArea", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("oblast or region")
    )
    city = models.CharField(_("city"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    identifier_kind = models.CharField(_("kind of identifier"), max_length=12, blank=True)
    identifier = models.CharField(_("identifier"), max_length=40, blank=True)
    sector = models.CharField(_("sector"), max_length=120, blank=True)
    workers = models.PositiveIntegerField(_("workers"), null=True, blank=True)
    women_percent = models.DecimalField(
        _("women, per cent"), max_digits=4, decimal_places=1, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )  # fmt: skip
    migrant_percent = models.DecimalField(
        _("migrant workers, per cent"), max_digits=4, decimal_places=1, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )  # fmt: skip
    exposure = models.CharField(_("touched by the war through"), max_length=12, choices=Exposure.choices, default=Exposure.NONE)
    assessment_state = models.CharField(
        _("assessment"), max_length=20, choices=AssessmentState.choices, default=AssessmentState.NOT_STARTED
    )
    assessed_on = models.DateField(_("assessed on"), null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["organisation", "name", "id"]),
            models.Index(fields=["name", "id"]),
            models.Index(fields=["organisation", "country", "name", "id"]),
            models.Index(fields=["organisation", "identifier_kind", "identifier"]),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.identifier:
            try:
                self.identifier = check_identifier(self.identifier_kind, self.identifier)
            except (IdentifierError, KeyError) as error:
                raise ValidationError({"identifier": _("This is not a valid number of the chosen kind.")}) from error


class SupplyLink(VersionedModel, ScopedModel):
    """What a member buys from a supplier, in bands only: no price, no volume."""

    data_class = DataClass.COMMERCIAL
    sample = ("supplier_id", "suppliers_supplier")

    class Tier(models.TextChoices):
        T1 = "T1", _("Direct supplier")
        T2 = "T2", _("Second tier")
        T3 = "T3", _("Third tier")
        T4_FARM_RAW = "T4_FARM_RAW", _("Farm or raw material")
        SERVICE = "SERVICE", _("Service")
        LABOUR = "LABOUR", _("Labour provider")

    class Spend(models.TextChoices):
        UNDER_100K = "<100k", _("under EUR 100,000")
        UNDER_1M = "100k-1m", _("EUR 100,000 to 1 million")
        UNDER_10M = "1-10m", _("EUR 1 to 10 million")
        OVER_10M = ">10m", _("over EUR 10 million")

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("Active")
        PAUSED = "PAUSED", _("Paused")
        STOPPED_CONFLICT = "STOPPED_CONFLICT", _("Stopped because of the war")
        EXITED = "EXITED", _("Ended")

    supplier = ScopedForeignKey(Supplier, related_name="links")
    tier = models.CharField(_("tier"), max_length=12, choices=Tier.choices, default=Tier.T1)
    commodity = models.CharField(_("commodity"), max_length=120, blank=True)
    spend = models.CharField(_("spend a year"), max_length=8, choices=Spend.choices, blank=True)
    since = models.DateField(_("since"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.ACTIVE)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["supplier_id", "id"]
        indexes = [models.Index(fields=["organisation", "tier", "id"]), models.Index(fields=["supplier"])]

    def __str__(self) -> str:
        return self.get_tier_display()

    def clean(self) -> None:
        if self.status in {self.Status.STOPPED_CONFLICT, self.Status.EXITED} and not self.reason:
            raise ValidationError({"reason": _("Say why the purchase ended: people there live from it.")})
