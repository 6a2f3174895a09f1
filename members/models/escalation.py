"""What follows when a site is silent: who was asked, one step after the other, and the call that somebody has to make."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.fields import EncryptedTextField
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedModel, VersionedModel

from .site import Site


class Escalation(ScopedModel):
    """One step about one late report: raised once, whatever the clock does. A newer report ends it by itself."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    class Step(models.TextChoices):
        REPORTER = "REPORTER", _("Site reporter")
        COORDINATOR = "COORDINATOR", _("Coordinator")
        ANALYST = "ANALYST", _("AIM-Progress analyst")
        CALL = "CALL", _("Telephone call")

    class Outcome(models.TextChoices):
        REACHED = "REACHED", _("Reached, a report follows")
        NOT_REACHED = "NOT_REACHED", _("Nobody answers")
        OTHER_WAY = "OTHER_WAY", _("Heard of them another way")

    site = ScopedForeignKey(Site, related_name="escalations")
    fact = models.CharField(max_length=10)  # figures.freshness.Fact
    since = models.DateTimeField()  # when the last report was seen: a newer one begins anew
    step = models.CharField(max_length=11, choices=Step.choices)
    raised_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True)  # of a call; of the next one where nobody answered
    tried_at = models.DateTimeField(null=True, blank=True)  # when nobody answered, last
    alerted_at = models.DateTimeField(null=True, blank=True)  # when it was told, last, that the call is overdue
    contacts_asked = models.PositiveSmallIntegerField(default=0)  # of the call list, by short message
    outcome = models.CharField(_("what came of it"), max_length=11, choices=Outcome.choices, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["raised_at", "id"]
        indexes = [
            models.Index(fields=["organisation", "raised_at", "id"]),
            models.Index(fields=["raised_at", "id"], condition=Q(step="CALL", closed_at=None), name="calls_to_make"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "site", "fact", "since", "step"], name="escalated_once"),
        ]

    def __str__(self) -> str:
        return self.get_step_display()


class CallContact(VersionedModel, ScopedModel):
    """A role of a member and its work number, for calls when nothing else answers. No name, no private number."""

    data_class = DataClass.SAFETY

    role = models.CharField(_("role"), max_length=80)
    hours = models.CharField(_("when it answers"), max_length=80, blank=True)
    number = EncryptedTextField(_("work number"))
    place = models.PositiveSmallIntegerField(_("called as number"), default=1)

    class Meta:
        ordering = ["place", "id"]
        indexes = [models.Index(fields=["organisation", "place", "id"])]

    def __str__(self) -> str:
        return self.role
