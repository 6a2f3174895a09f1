"""A member that leaves: who asked, who agreed, when its data are erased, and the receipt that stays."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from aimprogress.core.actor import Actor
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Role

from .organisation import Organisation, User


class DepartureQuerySet(models.QuerySet):
    def known_to(self, actor: Actor) -> "DepartureQuerySet":
        """Those of the own organisation; for an administrator everybody's."""
        return self if Role.AIM_ADMIN in actor.roles else self.filter(organisation=actor.organisation_id)


class Departure(models.Model):
    """Two people decide, a waiting time follows, then everything is erased by rule. The receipt holds counts and hashes only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="departures")
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    agreed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    receipt = models.JSONField(default=dict, blank=True)
    receipt_sha256 = models.CharField(max_length=64, blank=True)

    objects = DepartureQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(stopped_at=None, erased_at=None), name="one_departure_at_a_time"
            ),
            models.CheckConstraint(condition=Q(agreed_by=None) | ~Q(agreed_by=F("asked_by")), name="two_people_let_leave"),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(agreed_at__isnull=False, stopped_at=None), name="erased_only_when_agreed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.asked_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.stopped_at is None and self.erased_at is None
