"""One report for many sites at once, as after a blackout of a whole region."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, ScopedModel

from .codes import Confidence, Operational, SourceType

UNDO_WITHIN = timedelta(minutes=15)


class BulkCheckIn(ScopedModel):
    """What one person said of many sites, as told by somebody. The statuses that it made point here: it is taken back whole."""

    data_class = DataClass.SAFETY

    operational = models.CharField(_("the sites are"), max_length=15, choices=Operational.choices, blank=True)  # empty: as before
    observed_at = models.DateTimeField(_("seen at"))
    told_by = models.CharField(_("as told by"), max_length=80)
    source_type = models.CharField(_("source"), max_length=10, choices=SourceType.choices)
    confidence = models.CharField(_("confidence"), max_length=1, choices=Confidence.choices)
    sites = models.PositiveIntegerField()
    by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["organisation", "-made_at", "-id"])]

    def __str__(self) -> str:
        return str(self.made_at)
