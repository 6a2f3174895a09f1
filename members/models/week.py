"""Weekly counts of sites: a projection of the log that dashboards read instead of the log."""

from django.db import models

from aimprogress.core.scoping import DataClass, ScopedModel
from members.models.codes import StatusGroup


class WeekStanding(ScopedModel):
    """How many sites of a member in a country stood in which display group when a week ended, as known then.

    Written once a week and never changed: what arrives later does not rewrite what was known. A week before anything was
    known is remembered by a row that counts no site.
    """

    data_class = DataClass.SAFETY

    week_end = models.DateTimeField()
    country = models.CharField(max_length=2)
    group = models.CharField(max_length=8, choices=StatusGroup.choices)
    sites = models.PositiveIntegerField()

    class Meta:
        ordering = ["-week_end", "organisation", "country", "group"]
        indexes = [models.Index(fields=["week_end", "country"])]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "week_end", "country", "group"], name="week_standing_counted_once")
        ]

    def __str__(self) -> str:
        return f"{self.sites}"
