"""What leaves a member: shares to a partner, pulls, and staff sessions of the secretariat. Both sides see the row."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, InScope, ScopedForeignKey, ScopedModel, ScopedQuerySet


class TwoSidedManager(models.Manager.from_queryset(ScopedQuerySet)):
    """Rows of which the Actor's organisation is the giver or the receiver."""

    def get_queryset(self) -> models.QuerySet:
        data_class = self.model.data_class
        mine = Q(InScope(data_class)) | Q(InScope(data_class, column="receiver_id"))
        return super().get_queryset().filter(mine)


class TwoSidedModel(ScopedModel):
    """`organisation` gives, `receiver` receives; row security knows both (EnableTwoSidedRowSecurity)."""

    data_class = DataClass.COMMERCIAL
    receiver = models.ForeignKey("members.Organisation", on_delete=models.PROTECT, related_name="+")

    objects = TwoSidedManager()
    unscoped = models.Manager()

    class Meta:
        abstract = True


class DataShare(TwoSidedModel):
    """A member lets one receiver see one dataset, at one precision, until one day."""

    class Dataset(models.TextChoices):
        SITE_STATUS = "SITE_STATUS", _("Site status")
        HEAD_COUNTS = "HEAD_COUNTS", _("Head counts")
        PLANS = "PLANS", _("Plans in place")
        SAFETY_ACTIONS = "SAFETY_ACTIONS", _("Safety actions")
        SUPPLIERS = "SUPPLIERS", _("Suppliers")
        CONTRIBUTIONS = "CONTRIBUTIONS", _("Contributions")
        REPORTS = "REPORTS", _("Reports")

    class Precision(models.TextChoices):
        ADM2 = "ADM2", _("Raion or district")
        ADM1 = "ADM1", _("Oblast or region")
        COUNTRY = "COUNTRY", _("Country")

    dataset = models.CharField(max_length=20, choices=Dataset.choices)
    precision = models.CharField(max_length=8, choices=Precision.choices, default=Precision.ADM1)
    granted_by = models.ForeignKey("members.User", null=True, on_delete=models.SET_NULL, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-granted_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-granted_at", "id"]),
            models.Index(fields=["receiver", "-granted_at", "id"]),
        ]

    def __str__(self) -> str:
        return self.get_dataset_display()

    @property
    def in_force(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    def clean(self) -> None:
        if self._state.adding and self.expires_at and self.expires_at <= timezone.now():
            raise ValidationError({"expires_at": _("A share ends in the future.")})
        if self.organisation_id == self.receiver_id:
            raise ValidationError({"receiver": _("A share goes to another organisation.")})


class SharePull(TwoSidedModel):
    """One pull through a share: when, how many rows, and which figures' moment."""

    share = ScopedForeignKey(DataShare, related_name="pulls")
    at = models.DateTimeField(default=timezone.now)
    rows = models.PositiveIntegerField()
    label = models.CharField(max_length=200)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["organisation", "-at", "id"]), models.Index(fields=["share", "-at"])]

    def __str__(self) -> str:
        return f"{self.rows}"


class StaffSession(TwoSidedModel):
    """An analyst looks at a member's commercial rows for an hour, with a reason the member reads."""

    analyst = models.ForeignKey("members.User", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    started_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-started_at", "id"]),
            models.Index(fields=["receiver", "analyst", "-started_at"]),
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def in_force(self) -> bool:
        return self.ended_at is None and self.ends_at > timezone.now()

    def clean(self) -> None:
        if len((self.reason or "").split()) < 3:
            raise ValidationError({"reason": _("Say in a sentence why you need to look.")})


def in_force(rows: Any) -> Any:
    """Those shares of `rows` that have neither ended nor been revoked."""
    return rows.filter(revoked_at=None, expires_at__gt=timezone.now())
