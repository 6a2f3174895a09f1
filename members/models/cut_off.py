"""Access that was cut off in an emergency: whose, where, why, and who gave it back."""

from collections.abc import Collection
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.ids import uuid7
from aimprogress.places.countries import COUNTRY_CHOICES

from .organisation import Organisation, User


class CutOffQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Those that two people have not given back."""
        return self.filter(restored_at=None)

    def over(self, organisation_id: UUID, countries: Collection[str] = ()) -> Self:
        """The open ones that hold for a whole organisation, or for its sites in one of these countries."""
        whole, there = Q(organisation=organisation_id, country=""), Q(country__in=[code for code in countries if code])
        return self.open().filter(whole | there & (Q(organisation=None) | Q(organisation=organisation_id)))


class CutOff(models.Model):
    """Every way in of a member, of a country, or of a member's sites in a country, closed at once; two people open it again.

    The roles and keys that it closed point here and count for nothing until it is lifted. It holds no content.
    """

    class Reason(models.TextChoices):
        DEVICE_SEIZED = "DEVICE_SEIZED", _("A phone or computer was seized or lost")
        PERSON_HELD = "PERSON_HELD", _("Somebody with access is held or under pressure")
        TERRITORY_LOST = "TERRITORY_LOST", _("The territory is no longer safe to report from")
        MISUSE = "MISUSE", _("Access is being misused")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="cut_offs")
    country = models.CharField(max_length=2, choices=COUNTRY_CHOICES, blank=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    cut_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cut_at = models.DateTimeField(default=timezone.now)
    restore_asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    restore_asked_at = models.DateTimeField(null=True, blank=True)
    restored_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    restored_at = models.DateTimeField(null=True, blank=True)

    objects = CutOffQuerySet.as_manager()

    class Meta:
        ordering = ["-cut_at", "-id"]
        indexes = [models.Index(fields=["organisation", "-cut_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) | ~Q(country=""), name="cut_off_names_whom",
                violation_error_message=_("Choose a member, a country, or both."),
            ),
            models.CheckConstraint(
                condition=Q(restored_by=None) | ~Q(restored_by=models.F("restore_asked_by")), name="two_people_restore",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.organisation or '*'} {self.country}"
