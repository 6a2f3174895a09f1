"""What AIM-Progress tells all members at once, and who confirmed that it was read."""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.ids import uuid7
from aimprogress.core.scoping import DataClass, ScopedModel

from .support import Topic


class BulletinQuerySet(models.QuerySet):
    def in_force(self) -> "BulletinQuerySet":
        """Neither withdrawn nor over."""
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()), withdrawn_at=None)


class Bulletin(models.Model):
    """A notice of the AIM-Progress team. Shareable (class K3, domain 7.4): the same for every member and partner.

    countries: whom it concerns, by where they have open sites; none named: everybody.
    """

    class Level(models.TextChoices):
        INFO = "INFO", _("For information")
        ADVISORY = "ADVISORY", _("Advice: confirm within 72 hours")
        URGENT = "URGENT", _("Urgent: confirm within 12 hours")

    CONFIRM_WITHIN = {Level.ADVISORY: timedelta(hours=72), Level.URGENT: timedelta(hours=12)}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    level = models.CharField(_("level"), max_length=8, choices=Level.choices, default=Level.INFO)
    topic = models.CharField(_("topic"), max_length=12, choices=Topic.choices)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True, verbose_name=_("countries"))
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("text"), max_length=4000)
    asked = models.TextField(_("what is asked of members"), max_length=1000, blank=True)
    issued_at = models.DateTimeField(default=timezone.now, editable=False)
    issued_by = models.ForeignKey("members.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    expires_at = models.DateTimeField(_("holds until"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-id"]
        indexes = [models.Index(fields=["-issued_at", "-id"])]

    def __str__(self) -> str:
        return self.title

    @property
    def confirm_by(self) -> datetime | None:
        """When every coordinator whom it concerns should have confirmed it; None where nobody has to."""
        span = self.CONFIRM_WITHIN.get(self.level)
        return self.issued_at + span if span else None

    @property
    def in_force(self) -> bool:
        return self.withdrawn_at is None and (self.expires_at is None or self.expires_at > timezone.now())

    def clean(self) -> None:
        if self.expires_at and self.expires_at <= self.issued_at:
            raise ValidationError({"expires_at": _("A bulletin holds until a day to come.")})


class BulletinReceipt(ScopedModel):
    """A coordinator confirmed having read a bulletin. Added to, never changed."""

    data_class = DataClass.SAFETY

    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="receipts")
    user = models.ForeignKey("members.User", null=True, on_delete=models.SET_NULL, related_name="+")
    confirmed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-confirmed_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-confirmed_at", "-id"]),
            models.Index(fields=["-confirmed_at", "-id"]),
        ]
        constraints = [models.UniqueConstraint(fields=["organisation", "bulletin", "user"], name="bulletin_confirmed_once")]

    def __str__(self) -> str:
        return f"{self.bulletin_id} {self.organisation_id}"
