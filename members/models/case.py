"""The support desk: what a member asks, what is answered and by when."""

from datetime import datetime
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet, VersionedModel


class SupportCaseQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=SupportCase.OPEN)

    def overdue(self, now: datetime) -> Self:
        """Cases whose answer was due before `now`."""
        return self.open().filter(due_at__lt=now)


class SupportCase(VersionedModel, ScopedModel):
    """A question of a member to the AIM-Progress team, with the clock of its urgency. Source: domain.md 7.3.

    due_at: when the next answer is owed; empty where none is. clock_left: the time that a paused clock still has.
    """

    data_class = DataClass.SAFETY

    class Category(models.TextChoices):
        SAFETY = "SAFETY", _("Safety of people")
        EVACUATION = "EVACUATION", _("Evacuation")
        HRDD = "HRDD", _("Human-rights due diligence")
        RED_FLAG = "RED_FLAG", _("Red flag")
        EXIT = "EXIT", _("Leaving a market")
        SUPPLIER = "SUPPLIER", _("Supplier")
        LABOUR_EXPLOITATION = "LABOUR_EXPLOITATION", _("Labour exploitation")
        HUMANITARIAN_PARTNER = "HUMANITARIAN_PARTNER", _("Humanitarian partner")
        LEGAL_POINTER = "LEGAL_POINTER", _("Pointer to law")
        DATA = "DATA", _("Data")
        PORTAL = "PORTAL", _("The portal")

    class Urgency(models.TextChoices):
        P1 = "P1", _("Life in danger: answer within 2 hours, day and night")
        P2 = "P2", _("Urgent: answer within 8 working hours")
        P3 = "P3", _("Soon: answer within 2 working days")
        P4 = "P4", _("Can wait: answer within 5 working days")

    class Status(models.TextChoices):
        NEW = "NEW", _("New")
        TRIAGED = "TRIAGED", _("Looked at")
        IN_PROGRESS = "IN_PROGRESS", _("In progress")
        WAITING_MEMBER = "WAITING_MEMBER", _("Waits for the member")
        WAITING_EXTERNAL = "WAITING_EXTERNAL", _("Waits for others")
        RESOLVED = "RESOLVED", _("Resolved")
        CLOSED = "CLOSED", _("Closed")
        REOPENED = "REOPENED", _("Opened again")

    OPEN = (Status.NEW, Status.TRIAGED, Status.IN_PROGRESS, Status.WAITING_MEMBER, Status.WAITING_EXTERNAL, Status.REOPENED)

    number = models.PositiveIntegerField(editable=False)
    site = ScopedForeignKey("members.Site", null=True, blank=True, related_name="cases")
    category = models.CharField(_("about"), max_length=20, choices=Category.choices)
    urgency = models.CharField(_("how urgent"), max_length=2, choices=Urgency.choices, default=Urgency.P3)
    summary = models.CharField(_("in one line"), max_length=160)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.NEW)
    handler = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=300, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        _("how well it helped, 1 to 5"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    may_be_generalised = models.BooleanField(_("may become a note without our name"), default=False)
    opened_by = models.ForeignKey("members.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(null=True, blank=True, editable=False)
    clock_left = models.DurationField(null=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)  # the first answer
    in_time = models.BooleanField(null=True, editable=False)  # whether the first answer was
    resolved_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager.from_queryset(SupportCaseQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-opened_at", "-id"]),
            models.Index(fields=["-opened_at", "-id"]),
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="case_due"),
        ]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="case_number_once")]

    def __str__(self) -> str:
        return f"C-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_for_life(self) -> bool:
        """Whether its clock runs day and night."""
        return self.urgency == self.Urgency.P1


class CaseMessage(ScopedModel):
    """One contribution to the conversation of a case. Added to, never changed."""

    data_class = DataClass.SAFETY

    case = ScopedForeignKey("members.SupportCase", related_name="messages")
    text = models.TextField(_("message"), max_length=4000)
    by_desk = models.BooleanField(default=False, editable=False)
    written_by = models.ForeignKey("members.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    written_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["written_at", "id"]
        indexes = [
            models.Index(fields=["case", "written_at", "id"]),
            models.Index(fields=["organisation", "written_at", "id"]),
            models.Index(fields=["written_at", "id"]),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def clean(self) -> None:
        if not self.text.strip():
            raise ValidationError({"text": _("Write something.")})


class ReusableAnswer(VersionedModel, ScopedModel):
    """An answer that the desk gives again. It belongs to the AIM-Progress team and names no member."""

    data_class = DataClass.SAFETY

    title = models.CharField(_("title"), max_length=120)
    category = models.CharField(_("about"), max_length=20, choices=SupportCase.Category.choices)
    language = models.CharField(_("language"), max_length=5, default="en")
    text = models.TextField(_("text"), max_length=4000)

    class Meta:
        ordering = ["category", "title", "id"]
        indexes = [models.Index(fields=["organisation", "category", "title", "id"])]

    def __str__(self) -> str:
        return self.title
