"""A roll call after an incident: is everybody reached? Counts by parts of a site and rounds; nobody is named (domain 3.4)."""

from datetime import timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet

from .codes import HazardType
from .evacuation import AHEAD
from .fact import Fact
from .site import Site

LAST_ROUND_AFTER = timedelta(hours=72)


class Incident(models.TextChoices):
    """What happened, where it is none of the hazards."""

    EVACUATION = "EVACUATION", _("Evacuation")
    OTHER = "OTHER", _("Something else")


INCIDENTS = [Incident.choices[0], *HazardType.choices, Incident.choices[1]]


class RollCall(ScopedModel):
    """The roll call of a site, open until a person closes it. Its parts are those of the call tree when it was opened."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    site = ScopedForeignKey(Site, related_name="roll_calls")
    incident = models.CharField(_("what happened"), max_length=24, choices=INCIDENTS)
    began_at = models.DateTimeField(_("when it happened"), default=timezone.now)
    parts = models.JSONField(default=list, editable=False)  # as call_tree.Branch; empty: the site answers as a whole
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    opened_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    due_at = models.DateTimeField(null=True, blank=True, editable=False)  # of the next round; null: the last was answered
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    closing_reason = models.CharField(_("why it ends"), max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-opened_at", "-id"]),
            models.Index(fields=["-opened_at", "-id"]),
            models.Index(fields=["site", "-opened_at"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "site"], condition=Q(closed_at=None), name="one_open_roll_call")
        ]

    def __str__(self) -> str:
        return self.get_incident_display()

    @property
    def roles(self) -> list[str]:
        """The parts that answer, by the role that calls for them."""
        return [part["role"] for part in self.parts]

    def clean(self) -> None:
        if self.began_at > self.opened_at + AHEAD:
            raise ValidationError({"began_at": _("This lies in the future.")})
        if self.began_at < self.opened_at - LAST_ROUND_AFTER:
            raise ValidationError({"began_at": _("The last round is due 72 hours after it happened. Log a head count instead.")})


class RollCallAnswerQuerySet(ScopedQuerySet):
    def standing(self) -> Self:
        """Answers that no later one corrects."""
        return self.exclude(Exists(RollCallAnswer.objects.filter(supersedes=OuterRef("pk"))))


class RollCallAnswer(Fact):
    """What one part of a site said in one round, "" being all of it. Added, never changed; a correction supersedes."""

    roll_call = ScopedForeignKey(RollCall, related_name="answers")
    site = ScopedForeignKey(Site, related_name="+")
    round = models.PositiveSmallIntegerField(_("round"))
    part = models.CharField(_("part of the site"), max_length=80, blank=True)
    expected = models.PositiveIntegerField(_("people expected"))
    safe = models.PositiveIntegerField(_("reached and safe"))
    need_help = models.PositiveIntegerField(_("reached, need help"))
    not_reached = models.PositiveIntegerField(_("not reached"))
    supersedes = ScopedForeignKey("self", null=True, blank=True, related_name="superseded_by")

    objects = ScopedManager.from_queryset(RollCallAnswerQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-recorded_at", "-id"]),
            models.Index(fields=["-recorded_at", "-id"]),
            models.Index(fields=["roll_call", "round"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "supersedes"], name="answer_corrected_once"),
            models.UniqueConstraint(
                fields=["organisation", "roll_call", "round", "part"], condition=Q(supersedes=None), name="answered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.part}"

    def clean(self) -> None:
        from members.rounds import Heard  # pure arithmetic of people

        super().clean()
        if self.observed_at and self.observed_at < min(self.roll_call.began_at, self.roll_call.opened_at):
            raise ValidationError({"observed_at": _("This is before it happened.")})
        if problem := Heard(self.expected, self.safe, self.need_help, self.not_reached).problem:
            raise ValidationError({"expected": problem})
