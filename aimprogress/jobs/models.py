"""Long work as rows: PostgreSQL decides who does what, Celery only wakes.

The rules that must hold even when Python is wrong (terminal rows never change, the fence only grows, legal transitions,
every transition logged) are check constraints here and a trigger in migration 0002.
"""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet

from .kinds import KINDS

MAX_ATTEMPTS = 3


class JobQuerySet(ScopedQuerySet):
    def known_to(self, actor: Actor) -> Self:
        """The jobs that `actor` asked for; for who manages the organisation's people, all of the organisation."""
        own = self.filter(organisation_id=actor.organisation_id)
        if actor.may(Permission.PEOPLE_MANAGE):
            return own
        if actor.kind == "api_key":
            return own.filter(api_key_id=actor.key_id, api_key_id__isnull=False)
        return own.filter(requester_id=actor.user_id, requester_id__isnull=False)


class Job(ScopedModel):
    """One piece of long work that somebody asked for.

    The row holds references and parameters only; what the work made stands in `result_file`, with a data class of its own.
    All times are the database's: clocks of workers are never compared.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        WAITING = "waiting", _("Waiting")

    TERMINAL = (State.SUCCEEDED, State.FAILED, State.CANCELLED)

    data_class = DataClass.SAFETY

    kind = models.TextField(_("kind"))
    params = models.JSONField(_("parameters"), default=dict)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("requested by"),
    )
    api_key_id = models.UUIDField(null=True, blank=True)
    """The ApiKey that asked, where no person did. No foreign key: keys are revoked, never deleted."""
    api_key_label = models.TextField(blank=True, default="")
    language = models.TextField(default="en")
    """BCP 47, of the requester: the words in the file and in `error`."""

    state = models.TextField(_("state"), choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=MAX_ATTEMPTS)
    fence = models.PositiveIntegerField(default=0)
    """Grows with every claim: who holds an older number can neither report progress nor publish."""
    lease_until = models.DateTimeField(null=True, blank=True)
    run_after = models.DateTimeField(db_default=Now())
    cancel_requested = models.BooleanField(default=False)
    worker = models.TextField(blank=True, default="")

    error = models.TextField(_("what happened"), blank=True, default="")
    """Plain words for the requester: why it failed, or what a waiting job waits for."""
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    progress_words = models.TextField(blank=True, default="")

    idempotency_key = models.TextField(null=True, blank=True)
    body_hash = models.TextField(blank=True, default="")
    retry_of = ScopedForeignKey("self", null=True, blank=True, related_name="retries")
    result_file = ScopedForeignKey("core.StoredFile", null=True, blank=True, related_name="+")

    created_at = models.DateTimeField(_("requested"), db_default=Now(), editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = ScopedManager.from_queryset(JobQuerySet)()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["organisation", "-created_at", "-id"], name="job_newest_of_organisation"),
            models.Index(fields=["-created_at", "-id"], name="job_newest"),
            models.Index(fields=["run_after"], condition=Q(state__in=["queued", "waiting"]), name="job_next"),
            models.Index(fields=["organisation", "lease_until"], condition=Q(state="running"), name="job_running"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "requester", "api_key_id", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                nulls_distinct=False,
                name="job_once_per_key",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "succeeded", "failed", "cancelled", "waiting"]),
                name="job_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False) | ~Q(state="running") & Q(lease_until__isnull=True),
                name="job_lease_iff_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["succeeded", "failed", "cancelled"], finished_at__isnull=False)
                | ~Q(state__in=["succeeded", "failed", "cancelled"]) & Q(finished_at__isnull=True),
                name="job_finished_iff_terminal",
            ),
            models.CheckConstraint(
                condition=Q(result_file__isnull=True) | Q(state="succeeded"), name="job_result_only_when_succeeded"
            ),
            models.CheckConstraint(condition=Q(attempts__lte=F("max_attempts")), name="job_attempts_bounded"),
            models.CheckConstraint(condition=Q(max_attempts__gte=1), name="job_one_attempt_at_least"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("jobs:detail", args=[self.pk])

    @property
    def title(self) -> str:
        """What it is, in words."""
        kind = KINDS.get(self.kind)
        if kind is None:
            return self.kind
        return str(kind.title_of(self) if kind.title_of else kind.title)

    @property
    def error_said(self) -> str:
        """`error` in the reader's language, where it is one of the portal's own sentences."""
        return gettext(self.error) if self.error else ""

    @property
    def progress_said(self) -> str:
        """`progress_words` in the reader's language."""
        return gettext(self.progress_words) if self.progress_words else ""

    @property
    def in_one_line(self) -> str:
        """How it stands, in short sentences in the reader's language: what is said aloud on the pages of work."""
        parts = [self.get_state_display()]
        if self.cancel_requested and not self.is_terminal:
            parts.append(gettext("It is being stopped."))
        elif self.state == self.State.RUNNING:
            parts += [self.progress_said, f"{self.percent} %" if self.percent is not None else ""]
        else:
            parts.append(self.error_said)
        return " ".join(f"{part.removesuffix('.')}." for part in parts if part)

    @property
    def is_terminal(self) -> bool:
        """True when nothing will change any more."""
        return self.state in self.TERMINAL

    @property
    def percent(self) -> int | None:
        """How far a running job is, 0-99; None while it has not said of how many."""
        if not self.progress_total:
            return None
        return min(99, 100 * self.progress_done // self.progress_total)


class JobTransition(ScopedModel):
    """What happened to a job, in order; written by the database's trigger, never by Python."""

    data_class = DataClass.SAFETY

    job = ScopedForeignKey(Job, related_name="transitions")
    from_state = models.TextField(blank=True, default="")
    to_state = models.TextField()
    fence = models.PositiveIntegerField()
    attempts = models.PositiveSmallIntegerField()
    worker = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["organisation", "job", "at"], name="jobtransition_of_job")]

    def __str__(self) -> str:
        return f"{self.from_state} -> {self.to_state}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("Transitions are written by the database.")


class EventPosition(models.Model):
    """How far a subscriber has read one audit chain. Unscoped: it names a chain and a number, nothing that happened there."""

    pk = models.CompositePrimaryKey("consumer", "chain")
    consumer = models.TextField()
    chain = models.UUIDField()
    seq = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    skipped = models.PositiveIntegerField(default=0)
    """Events given up after many failures; each stands in the log as an error."""

    def __str__(self) -> str:
        return f"{self.consumer} {self.chain}: {self.seq}"


class TimetableRun(models.Model):
    """A slot of the timetable that was run. Unscoped: the first to insert the row does the work, everybody else does nothing."""

    pk = models.CompositePrimaryKey("schedule", "slot")
    schedule = models.TextField()
    slot = models.DateTimeField()
    ran_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.schedule} {self.slot:%Y-%m-%d %H:%M}"
