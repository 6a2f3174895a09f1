"""Phones that check in. A phone is enrolled once by a link, only adds check-ins of one site, and is ended in one press."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.fields import EncryptedTextField
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet

from .site import Site

SILENT_AFTER = timedelta(days=30)  # a token that was not used for so long opens nothing; a new link makes a new one


class DeviceQuerySet(ScopedQuerySet):
    def alive(self) -> Self:
        """Enrolled and not ended."""
        return self.filter(revoked_at=None).exclude(enrolled_at=None)

    def in_hand(self) -> Self:
        """Not ended: enrolled, or with a link that still opens."""
        waiting = models.Q(enrolled_at=None, link_ends_at__lte=timezone.now())
        return self.filter(revoked_at=None).exclude(waiting)

    def end(self, why: str) -> int:
        """End them now; the next thing each sends is answered 410, and it deletes what it holds."""
        return self.filter(revoked_at=None).update(revoked_at=timezone.now(), ended=why, link_hash="")


class Device(ScopedModel):
    """A phone that may add check-ins for one site and read nothing. Its token is stored as a hash only."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    class Standing(models.TextChoices):
        REPORTER = "REPORTER", _("Reporter")
        DEPUTY = "DEPUTY", _("Deputy")
        SECOND = "SECOND", _("Second phone")

    class Ended(models.TextChoices):
        LOST = "LOST", _("Lost")
        LEFT = "LEFT", _("Left")
        HANDED_OVER = "HANDED_OVER", _("Handed over")
        CLOSED = "CLOSED", _("Check-in from inside was closed")
        CUT_OFF = "CUT_OFF", _("Access was cut off")

    site = ScopedForeignKey(Site, related_name="devices")
    holder = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    standing = models.CharField(_("standing"), max_length=8, choices=Standing.choices, default=Standing.REPORTER)
    alias = models.CharField(max_length=12)
    language = models.CharField(max_length=5, default="en")
    line_key = EncryptedTextField()  # signs the text line; 32 hexadecimal digits
    link_hash = models.CharField(max_length=64, blank=True)
    link_ends_at = models.DateTimeField()
    token_hash = models.CharField(max_length=64, blank=True)
    made_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    wiped_at = models.DateTimeField(null=True, blank=True)  # when the phone said that it has deleted what it held
    ended = models.CharField(max_length=12, choices=Ended.choices, blank=True)
    replaces = ScopedForeignKey("self", null=True, blank=True, related_name="replaced_by")

    objects = ScopedManager.from_queryset(DeviceQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-made_at", "-id"]),
            models.Index(fields=["link_hash"], condition=~models.Q(link_hash=""), name="device_by_link"),
            models.Index(fields=["holder"]),
        ]
        constraints = [models.UniqueConstraint(fields=["organisation", "alias"], name="device_alias_once_in_organisation")]

    def __str__(self) -> str:
        return self.alias

    @property
    def is_silent(self) -> bool:
        """True where the token was not used for thirty days, so that it opens nothing any more."""
        return self.last_seen_at is not None and timezone.now() - self.last_seen_at > SILENT_AFTER
