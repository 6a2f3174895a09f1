"""Safety actions, and the bulk changes of them that can be taken back."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet, VersionedModel
from humanitarian.wording import in_the_readers_language

UNVERIFIED = Q(status="DONE", evidence="", evidence_file=None)
HELPED = Q(status="DONE", effect__in=("SOME", "FULL"))


class ActionSentence:
    """What is missing in a change, in words: said by the model, and of several actions by the form before anything is stored."""

    WHAT_BLOCKS = _("Say what blocks it, so that somebody can help.")
    WHY_CANCELLED = _("Say why it is not done after all.")


class SafetyActionQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=SafetyAction.OPEN)

    def overdue(self, today: date) -> Self:
        """Open actions whose day is over. Today is the site's day, not UTC's."""
        return self.open().filter(due_on__lt=today)

    def unverified(self) -> Self:
        """Done, but nobody said or showed how we know."""
        return self.filter(UNVERIFIED)


class SafetyAction(VersionedModel, ScopedModel):
    """Something to do so that people are safer: who (a role), until when, and whether it helped. Source: domain.md 3.8."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    class Type(models.TextChoices):
        PREVENT = "PREVENT", _("Prevent")
        MITIGATE = "MITIGATE", _("Mitigate")
        RESPOND = "RESPOND", _("Respond")
        RECOVER = "RECOVER", _("Recover")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        IN_PROGRESS = "IN_PROGRESS", _("In progress")
        BLOCKED = "BLOCKED", _("Blocked")
        DONE = "DONE", _("Done")
        CANCELLED = "CANCELLED", _("Cancelled")

    class Effect(models.TextChoices):
        NOT_YET = "NOT_YET", _("Not known yet")
        NONE = "NONE", _("No effect")
        SOME = "SOME", _("Some effect")
        FULL = "FULL", _("Full effect")

    class Origin(models.TextChoices):
        HAND = "", _("Entered by hand")
        PLAN = "PLAN", _("Gap in a plan")
        CHECK_IN = "CHECK_IN", _("Check-in")
        ISSUE = "ISSUE", _("Human-rights issue")
        CHECKLIST = "CHECKLIST", _("Checklist of the site")
        ROLL_CALL = "ROLL_CALL", _("Roll call")
        HAZARD = "HAZARD", _("Hazard")
        STOCK = "STOCK", _("Hazardous stock in danger")

    OPEN = (Status.OPEN, Status.IN_PROGRESS, Status.BLOCKED)

    number = models.PositiveIntegerField(editable=False, default=0)
    site = ScopedForeignKey("members.Site", related_name="safety_actions")
    title = models.CharField(_("what has to be done"), max_length=160)
    type = models.CharField(_("kind"), max_length=8, choices=Type.choices, default=Type.PREVENT)
    owner_role = models.CharField(_("who (a role, no name)"), max_length=80)
    due_on = models.DateField(_("until"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    blocked_by = models.CharField(_("what blocks it, or why it is cancelled"), max_length=200, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True, editable=False)
    evidence = models.CharField(_("how we know it is done"), max_length=300, blank=True)
    evidence_file = ScopedForeignKey("core.StoredFile", null=True, blank=True, related_name="+", editable=False)
    effect = models.CharField(_("effect"), max_length=8, choices=Effect.choices, default=Effect.NOT_YET)
    effect_on = models.DateField(_("effect judged on"), null=True, blank=True, editable=False)
    escalated = models.PositiveSmallIntegerField(default=0, editable=False)  # days late at which somebody was last told
    origin = models.CharField(max_length=9, choices=Origin.choices, default=Origin.HAND, blank=True, editable=False)
    origin_id = models.UUIDField(null=True, blank=True, editable=False)
    origin_key = models.CharField(max_length=40, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager.from_queryset(SafetyActionQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["organisation", "due_on", "id"]),
            models.Index(fields=["due_on", "id"]),
            models.Index(fields=["organisation", "status", "due_on"]),
            models.Index(fields=["site", "due_on"]),
        ]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="action_number_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def title_read(self) -> str:
        """The title as its reader reads it: in their language, where the portal worded it."""
        return in_the_readers_language(self.title, self.origin, self.origin_key)

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def overdue_days(self, today: date) -> int:
        """Whole days past the due day; 0 where it is not overdue."""
        return max(0, (today - self.due_on).days) if self.is_open else 0

    @property
    def is_unverified(self) -> bool:
        """Done, but nobody said how we know."""
        return self.status == self.Status.DONE and not (self.evidence or self.evidence_file_id)

    def clean(self) -> None:
        if self.status == self.Status.BLOCKED and not self.blocked_by:
            raise ValidationError({"blocked_by": ActionSentence.WHAT_BLOCKS})
        if self.status == self.Status.CANCELLED and not self.blocked_by.strip():
            raise ValidationError({"blocked_by": ActionSentence.WHY_CANCELLED})
        if bool(self.origin) != (self.origin_id is not None):
            raise ValidationError({"origin": _("Say which record the action is about, or none.")})


class ActionBatch(ScopedModel):
    """Several actions changed alike: what they were before, so that the change can be taken back."""

    data_class = DataClass.SAFETY

    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey("members.User", null=True, on_delete=models.SET_NULL, related_name="+")
    before = models.JSONField()  # {action id: {"version": after the change, "values": {field: what it was}}}
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.changed_at)
