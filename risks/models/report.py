"""Due-diligence reports: what was asked for, the snapshot that was frozen, and the PDF made from it."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedModel, VersionedModel


class Report(VersionedModel, ScopedModel):
    """One report of one member about one period (domain 9.1). What it holds stands in its snapshot and its PDF.

    Commercial: it holds supplier counts and money. `sha256` is of the snapshot, the report's identity; it is empty until
    the facts are frozen.
    """

    data_class = DataClass.COMMERCIAL

    class Audience(models.TextChoices):
        INTERNAL = "INTERNAL", _("Internal edition")

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        SUPERSEDED = "SUPERSEDED", _("Replaced by a newer one")

    class Language(models.TextChoices):
        ENGLISH = "en", _("English")
        UKRAINIAN = "uk", _("Ukrainian")

    number = models.CharField(_("number"), max_length=60, editable=False)
    revision = models.PositiveSmallIntegerField(default=1, editable=False)
    period_from = models.DateField(_("from"))
    period_to = models.DateField(_("to"))
    as_of = models.DateTimeField(_("facts as of"), null=True, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.ENGLISH)
    audience = models.CharField(_("edition"), max_length=10, choices=Audience.choices, default=Audience.INTERNAL)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False)
    requested_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    job = ScopedForeignKey("jobs.Job", null=True, blank=True, related_name="reports", editable=False)
    evidence = ScopedForeignKey("core.StoredFile", null=True, blank=True, related_name="+", editable=False)
    pdf = ScopedForeignKey("core.StoredFile", null=True, blank=True, related_name="+", editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    pages = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        indexes = [
            models.Index(fields=["organisation", "-requested_at", "-id"], name="report_newest_of_organisation"),
            models.Index(fields=["-requested_at", "-id"], name="report_newest"),
            models.Index(fields=["job"], name="report_of_job"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number", "revision"], name="report_number_once"),
            models.CheckConstraint(condition=models.Q(period_to__gte=models.F("period_from")), name="report_period_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.number}-r{self.revision}"

    def get_absolute_url(self) -> str:
        return reverse("risks:report", args=[self.pk])

    @property
    def fingerprint(self) -> str:
        """The start of the identity, as it stands on every page; "" until the facts are frozen."""
        return self.sha256[:8]

    @property
    def is_ready(self) -> bool:
        return self.pdf_id is not None
