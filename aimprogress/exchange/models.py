"""A list on its way into the portal: one batch per upload, one row per source row. Nothing of it is true before it is applied."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.fields import EncryptedJSONField, EncryptedTextField
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedModel

UNDO_WITHIN = timedelta(hours=24)
AT_ONCE = 96 * 1024
"""Bytes of a list that is read while the page waits: some thousand rows."""


class ImportBatch(ScopedModel):
    """One upload for one target, as understood now.

    The narrower data class whatever the target: a list not yet imported is its owner's alone. The file itself is kept
    encrypted, because it may hold exact places, and only as long as the import can be undone.
    """

    data_class = DataClass.COMMERCIAL

    class State(models.TextChoices):
        READING = "reading", _("Being read")
        STAGED = "staged", _("Waiting for you")
        APPLIED = "applied", _("Imported")
        UNDONE = "undone", _("Taken back")

    target = models.CharField(max_length=20)
    file_name = models.CharField(max_length=120)
    file_kind = models.CharField(max_length=4)
    content = EncryptedTextField(null=True, blank=True)  # base64 of the upload; emptied by `forget_uploads`
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(default=0)  # Upload.weight
    state = models.CharField(max_length=8, choices=State.choices, default=State.STAGED)
    columns_confirmed = models.BooleanField(default=False)
    chosen = models.JSONField(default=dict, blank=True)  # {sheet: {column position: field}}
    corrections = EncryptedJSONField(null=True, blank=True)  # {"sheet\trow": {field: text}}
    columns = EncryptedJSONField(null=True, default=list, blank=True)  # what the columns page shows, with one example each
    counts = models.JSONField(default=dict, blank=True)  # rows by outcome
    rows_hash = models.CharField(max_length=16, blank=True, default="")  # keyed, of what the stored rows say: exchange/staging.py
    missing = models.JSONField(default=list, blank=True)  # names of what the portal has and the list does not mention
    job = ScopedForeignKey("jobs.Job", null=True, blank=True, related_name="+")  # the last one that worked on it
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_counts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["organisation", "-created_at", "-id"]), models.Index(fields=["-created_at", "-id"])]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("exchange:preview", kwargs={"pk": self.pk})

    @property
    def has_content(self) -> bool:
        """False once the file was forgotten."""
        return bool(self.content)

    @property
    def is_large(self) -> bool:
        """Whether what is done with the list is a Job's work: nobody waits for it with an open page."""
        return self.size > AT_ONCE

    @property
    def is_being_worked_on(self) -> bool:
        return self.job is not None and not self.job.is_terminal

    @property
    def undo_until(self) -> datetime | None:
        """The moment after which the import stays; None before it was applied."""
        return self.applied_at + UNDO_WITHIN if self.applied_at else None

    @property
    def can_be_undone(self) -> bool:
        return self.state == self.State.APPLIED and timezone.now() < self.applied_at + UNDO_WITHIN

    @property
    def kept_unnamed(self) -> int:
        """Records that an undo kept, beyond those that it names."""
        return self.undone_counts.get("kept_unnamed", 0)


class ImportRow(ScopedModel):
    """One source row with its outcome. What it says is encrypted: it may hold exact places."""

    data_class = DataClass.COMMERCIAL

    class Outcome(models.TextChoices):
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        SAME = "same", _("The same")
        DUPLICATE = "duplicate", _("Repeated")
        PROBLEM = "problem", _("Problem")
        IGNORED = "ignored", _("No record")

    batch = ScopedForeignKey(ImportBatch, related_name="rows", on_delete=models.CASCADE, db_index=False)  # see Meta.indexes
    number = models.PositiveIntegerField()  # order in the whole upload, from 1
    sheet = models.CharField(max_length=120)
    row = models.PositiveIntegerField()
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    why = models.JSONField(null=True, blank=True)  # [code, params] of wording
    body = EncryptedJSONField(null=True, blank=True)  # {"fields", "problems", "changes"}
    has_checks = models.BooleanField(default=False)
    target_id = models.UUIDField(null=True, blank=True)
    before = EncryptedJSONField(null=True, blank=True)  # what undo needs

    class Meta:
        ordering = ["batch_id", "number"]
        indexes = [models.Index(fields=["batch", "outcome", "number"])]
        constraints = [models.UniqueConstraint(fields=["organisation", "batch", "number"], name="import_row_once_in_batch")]

    def __str__(self) -> str:
        return f"{self.sheet}:{self.row}"

    @property
    def fields(self) -> dict:
        """The values as understood, by field name."""
        return (self.body or {}).get("fields", {})

    @property
    def problems(self) -> list[dict]:
        """Errors, cells to check and notes: level, field, code, params, value, suggestion."""
        return (self.body or {}).get("problems", [])

    @property
    def changes(self) -> dict[str, list]:
        """What differs from the portal: field -> [value in the portal, value in the list]."""
        return (self.body or {}).get("changes", {})
