"""What endangers people at a site. Reports are added, never changed: of each hazard the newest one says how it is now."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import ScopedForeignKey, ScopedManager, ScopedQuerySet

from .codes import HazardSeverity, HazardType
from .fact import Fact, newest_first
from .site import Site


class HazardReportQuerySet(ScopedQuerySet):
    def newest_of_each(self) -> models.QuerySet:
        """Of each hazard of each site the newest of these reports."""
        newest = self.order_by("site_id", "hazard", "-observed_at", "-id").distinct("site_id", "hazard")
        return self.model.objects.filter(pk__in=newest.values("pk"))


class HazardReport(Fact):
    """A hazard at a site from a moment on: how bad, what is done about it, what remains (domain 3.8). Severity 0: it is over."""

    site = ScopedForeignKey(Site, related_name="hazard_reports")
    hazard = models.CharField(_("hazard"), max_length=24, choices=HazardType.choices)
    severity = models.PositiveSmallIntegerField(_("how bad"), choices=HazardSeverity.choices)
    residual = models.PositiveSmallIntegerField(
        _("what remains after the measures"), choices=HazardSeverity.choices, null=True, blank=True
    )
    measures = models.CharField(_("what is done about it"), max_length=500, blank=True)
    mine_action_contact = models.BooleanField(_("mine-action contact used"), null=True, blank=True)
    correction_reason = models.CharField(_("what was wrong"), max_length=200, blank=True)
    supersedes = ScopedForeignKey("self", null=True, blank=True, related_name="superseded_by")
    retracted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ScopedManager.from_queryset(HazardReportQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["-observed_at", "-id"]
        indexes = [
            *newest_first("hazard"),
            models.Index(fields=["site", "hazard", "-observed_at", "-id"], name="hazard_newest_of_each"),
            models.Index(fields=["recorded_at"], condition=models.Q(severity=HazardSeverity.GRAVE), name="hazard_grave_news"),
        ]

    def __str__(self) -> str:
        return self.get_hazard_display()

    def clean(self) -> None:
        super().clean()
        if self.residual is not None and self.residual > self.severity:
            raise ValidationError({"residual": _("Measures do not make a hazard worse.")})
