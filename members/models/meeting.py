"""What was said in meetings with the AIM-Progress team, and what was agreed there."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet, VersionedModel


class Meeting(VersionedModel, ScopedModel):
    """A conversation of the AIM-Progress team with one member: who took part by role, what was said, what follows.

    A call with several members is kept as one row for each of them, with the same `call`: every member reads its own row, and
    no row says who the others are. Source: domain.md 7.3.
    """

    data_class = DataClass.SAFETY

    class Kind(models.TextChoices):
        CALL = "CALL", _("Telephone")
        ONLINE = "ONLINE", _("Online")
        IN_PERSON = "IN_PERSON", _("In person")

    held_on = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices, default=Kind.ONLINE)
    topic = models.CharField(_("topic"), max_length=160)
    participants = models.CharField(_("who took part (roles, no names)"), max_length=300)
    notes = models.TextField(_("notes"), max_length=8000, blank=True)
    case = ScopedForeignKey("members.SupportCase", null=True, blank=True, related_name="meetings")
    call = models.UUIDField(null=True, blank=True, editable=False)
    agenda = models.TextField(_("agenda"), max_length=4000, blank=True)
    accepted_at = models.DateTimeField(null=True, editable=False)  # the statement on competition law, by this member
    stopped_at = models.DateTimeField(null=True, editable=False)
    stopped_because = models.CharField(_("what was off the agenda"), max_length=200, blank=True)
    called_off_at = models.DateTimeField(null=True, editable=False)  # before it was held
    kept_by = models.ForeignKey("members.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)

    class Meta:
        ordering = ["-held_on", "-id"]
        indexes = [models.Index(fields=["organisation", "-held_on", "-id"]), models.Index(fields=["-held_on", "-id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "call"], condition=Q(call__isnull=False), name="member_once_in_a_call"
            )
        ]

    def __str__(self) -> str:
        return self.topic

    @property
    def is_to_come(self) -> bool:
        """Whether this call may still be changed or called off: nothing was said yet."""
        return not (self.stopped_at or self.called_off_at or self.notes) and self.held_on >= timezone.localdate()

    @property
    def may_be_minuted(self) -> bool:
        """Whether its day has come."""
        return self.called_off_at is None and self.held_on <= timezone.localdate()

    def clean(self) -> None:
        if self.call and not self.agenda.strip():
            raise ValidationError({"agenda": _("Several members meet only on an agenda that was approved before.")})


class MeetingFollowUpQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        return self.filter(done_at=None)


class MeetingFollowUp(VersionedModel, ScopedModel):
    """What was agreed in a meeting: what, who (a role), until when."""

    data_class = DataClass.SAFETY

    meeting = ScopedForeignKey("members.Meeting", related_name="follow_ups")
    what = models.CharField(_("what was agreed"), max_length=200)
    owner_role = models.CharField(_("who (a role, no name)"), max_length=80)
    due_on = models.DateField(_("until"))
    done_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager.from_queryset(MeetingFollowUpQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = [F("done_at").asc(nulls_first=True), "due_on", "id"]
        indexes = [models.Index(fields=["organisation", "due_on", "id"]), models.Index(fields=["meeting", "due_on", "id"])]

    def __str__(self) -> str:
        return self.what
