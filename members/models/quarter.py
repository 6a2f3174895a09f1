"""What stays of status and head counts when they are deleted: totals by country and quarter."""

from django.db import models

from aimprogress.core.scoping import DataClass, ScopedModel


class QuarterStanding(ScopedModel):
    """How the sites of a member in a country stood when a quarter ended, and their people, as known then.

    Added up once, before anything that it is made of is deleted, and never changed. People are sums of what outsiders may read
    site by site (decision 0001): no count of 1 to 4 people is in it, and everybody reads the same.
    """

    data_class = DataClass.SAFETY

    country = models.CharField(max_length=2)
    quarter = models.DateField()  # its first day
    sites = models.PositiveIntegerField(default=0)
    groups = models.JSONField(default=dict, blank=True)  # sites by display group; silent ones are out of contact
    counted = models.PositiveIntegerField(default=0)  # open sites behind the people: their head count was young and sure enough
    people = models.JSONField(default=dict, blank=True)  # {"expected": [least, most], "reached": …}; twice the same is exact

    class Meta:
        ordering = ["-quarter", "country", "id"]
        indexes = [
            models.Index(fields=["organisation", "-quarter", "country", "id"]),
            models.Index(fields=["-quarter", "country", "id"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "country", "quarter"], name="quarter_standing_once_in_a_country")
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.quarter:%Y-%m}"
