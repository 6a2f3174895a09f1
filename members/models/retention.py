"""What stops deletion, what deletion did, and what is left of the figures that were too dangerous to keep."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.fields import EncryptedJSONField
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Permission
from aimprogress.core.scoping import DataClass, ScopedModel

from .organisation import Organisation, User


class LegalHoldQuerySet(models.QuerySet):
    def in_force(self) -> "LegalHoldQuerySet":
        return self.filter(lifted_at=None)

    def known_to(self, actor: Actor) -> "LegalHoldQuerySet":
        """All for who sets and lifts them in the AIM-Progress team; for everybody else those in force on the own organisation."""
        team = Organisation.objects.filter(pk=actor.organisation_id, kind=Organisation.Kind.SECRETARIAT)
        if actor.may(Permission.HOLD_SET) and team.exists():
            return self
        return self.in_force().filter(organisation=actor.organisation_id)


class LegalHold(models.Model):
    """Nothing of this organisation is deleted from `set_at` until it is lifted (domain 8.5).

    Without row security, so that no narrower sight ever hides a hold from the functions that ask for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="legal_holds")
    reason = models.CharField(_("reason"), max_length=300)
    set_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        ordering = ["-set_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation"], condition=Q(lifted_at=None), name="one_legal_hold_at_a_time")
        ]

    def __str__(self) -> str:
        return str(self.organisation)


class RetentionTally(ScopedModel):
    """When a rule was last kept for an organisation, what it did then and in all. Counts, never content."""

    data_class = DataClass.SAFETY

    rule = models.CharField(max_length=30)
    ran_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)  # when it last found something
    last_rows = models.PositiveIntegerField(default=0)
    all_rows = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "rule"], name="one_tally_of_a_rule")]

    def __str__(self) -> str:
        return self.rule


class StrictMonth(ScopedModel):
    """The protected states of one month and country, added up before the counts of single sites forgot them."""

    data_class = DataClass.SAFETY

    country = models.CharField(max_length=2)
    month = models.DateField()  # its first day
    sites = models.PositiveIntegerField()
    counts = EncryptedJSONField()  # {"SERVING": n, "DETAINED": n, "MISSING": n, "KILLED": n}

    class Meta:
        ordering = ["-month", "country"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "country", "month"], name="strict_month_once_in_a_country")
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.month:%Y-%m}"
