"""What a coordinator does about a site from her own desk: she reminds it, calls it, and hands it to a colleague."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import ROLE_NAMES, Role
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet

from .bulk import BulkCheckIn
from .codes import Operational
from .organisation import RoleGrant
from .site import Site

REMIND_AGAIN_AFTER = timedelta(hours=4)


class Reminder(ScopedModel):
    """Somebody asked the reporters of a site to check in. It is sent when the night is over, unless the site is in danger."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    site = ScopedForeignKey(Site, related_name="reminders")
    since = models.DateTimeField(null=True, blank=True)  # when the last report was seen: a newer one makes the reminder pointless
    reminded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    by_role = models.CharField(max_length=18, blank=True)  # empty: a program
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-reminded_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "site", "-reminded_at"]),
            models.Index(fields=["reminded_at"], condition=Q(told_at=None), name="reminders_to_send"),
        ]

    def __str__(self) -> str:
        return str(self.reminded_at)

    @property
    def who(self) -> str:
        """The role of who reminded, in the language of the reader; no name."""
        return str(ROLE_NAMES[Role(self.by_role)] if self.by_role else _("a program"))


class SiteCallQuerySet(ScopedQuerySet):
    def kept(self) -> "SiteCallQuerySet":
        """Calls that nobody took back."""
        return self.filter(undone_at=None)


class SiteCall(ScopedModel):
    """A call to a site and what was heard. The report that it made, `bulk`, is taken back together with it."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    class Heard(models.TextChoices):
        AS_BEFORE = "AS_BEFORE", _("As before")
        OPERATING = Operational.OPERATING.value, Operational.OPERATING.label
        REDUCED = Operational.REDUCED.value, Operational.REDUCED.label
        SUSPENDED = Operational.SUSPENDED.value, Operational.SUSPENDED.label
        EVACUATED = Operational.EVACUATED.value, Operational.EVACUATED.label
        NOT_REACHED = "NOT_REACHED", _("Nobody answers")

    site = ScopedForeignKey(Site, related_name="calls")
    heard = models.CharField(_("what was heard"), max_length=15, choices=Heard.choices)
    told_by = models.CharField(_("as told by (a role, no name)"), max_length=80, blank=True)
    called_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    bulk = ScopedForeignKey(BulkCheckIn, null=True, blank=True, related_name="calls")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager.from_queryset(SiteCallQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["-called_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-called_at", "-id"]),
            models.Index(fields=["site", "-called_at", "-id"]),
        ]

    def __str__(self) -> str:
        return self.get_heard_display()

    def clean(self) -> None:
        if self.heard != self.Heard.NOT_REACHED and not self.told_by.strip():
            raise ValidationError({"told_by": _("Say who told it: a role, no name.")})


class SiteCareQuerySet(ScopedQuerySet):
    def in_force(self) -> "SiteCareQuerySet":
        """Those whose colleague is still a coordinator here: who left looks after nothing."""
        grants = RoleGrant.objects.in_force().filter(role=Role.MEMBER_COORDINATOR, user__is_active=True)
        same = {"organisation_id": OuterRef("organisation_id"), "user_id": OuterRef("user_id")}
        return self.filter(Exists(grants.filter(**same)))


class SiteCare(ScopedModel):
    """Which coordinator follows a site up. A site without one is everybody's; alarms always go to all."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    site = ScopedForeignKey(Site, related_name="+")
    user = models.ForeignKey("members.User", on_delete=models.CASCADE, related_name="+", verbose_name=_("coordinator"))
    note = models.CharField(_("what to know"), max_length=200, blank=True)
    since = models.DateTimeField(default=timezone.now)

    objects = ScopedManager.from_queryset(SiteCareQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["site_id", "id"]
        constraints = [models.UniqueConstraint(fields=["organisation", "site"], name="site_cared_for_once")]

    def __str__(self) -> str:
        return str(self.site_id)
