"""Areas, settlements, and what a dated act says about an area. Reference data: unscoped, written only by `load_reference`.

A public point here is a centroid or a town's published point, never the place of a site: distances are computed from it.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aimprogress.places.abroad import ukrainian_names
from aimprogress.places.countries import country_name
from aimprogress.places.names import search_key

NAMESPACE = uuid.UUID("6f1b1e0a-2f3c-5d55-9a7b-9d4f6d0c2b11")
"""Makes ids of reference rows from their natural keys, so that loading twice gives the same rows."""


class AdminArea(models.Model):
    """An administrative area. `code` is the KATOTTG code in Ukraine and the ISO 3166-2 code elsewhere.

    Levels: 1 oblast or region, 2 raion, 3 hromada, 4 a single settlement or city district that the official list names.
    Where a country has no regions here, its one level-1 area is the whole country under its ISO 3166-1 code.
    Crimea, Sevastopol and every occupied area belong to Ukraine (A/RES/68/262, A/RES/ES-11/4).
    """

    class Level(models.IntegerChoices):
        """How far down the area stands."""

        REGION = 1, _("Oblast or region")
        RAION = 2, _("Raion")
        HROMADA = 3, _("Hromada")
        LISTED_PLACE = 4, _("Settlement named in the official list")

    code = models.CharField(max_length=20, primary_key=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    country = models.CharField(max_length=2)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    pcode = models.CharField(max_length=12, blank=True, help_text=_("P-code of OCHA, where one exists"))
    iso = models.CharField(max_length=6, blank=True, help_text=_("ISO 3166-2 code; differs from the P-code in five oblasts"))
    name_en = models.CharField(max_length=120)
    name_local = models.CharField(max_length=120)
    lat = models.FloatField(null=True, blank=True, help_text=_("public centroid, degrees north"))
    lon = models.FloatField(null=True, blank=True, help_text=_("public centroid, degrees east"))

    class Meta:
        ordering = ["country", "level", "name_en", "code"]
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        indexes = [
            models.Index(fields=["country", "level", "name_en"], name="area_by_country"),
            models.Index(fields=["iso"], name="area_by_iso", condition=~models.Q(iso="")),
            models.Index(fields=["pcode"], name="area_by_pcode", condition=~models.Q(pcode="")),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The area's name as a reader meets it: "Lviv oblast", in Ukrainian "Львівська область"."""
        if self.code == self.country:  # no regions here: the whole country
            return str(country_name(self.country))
        in_ukrainian = (get_language() or "en").split("-")[0] == "uk"
        if self.country != "UA":
            return ukrainian_names().get(self.code, self.name_en) if in_ukrainian else self.name_en
        if in_ukrainian:
            return self._label_in_ukrainian()
        if self.level == self.Level.REGION:
            return self.name_en if self.code[:4] in CITIES_AND_CRIMEA or "oblast" in self.name_en else f"{self.name_en} oblast"
        kind = {self.Level.RAION: "raion", self.Level.HROMADA: "hromada"}.get(self.level)
        return f"{self.name_en} {kind}" if kind else self.name_en

    def _label_in_ukrainian(self) -> str:
        if self.level == self.Level.REGION and self.code[:4] in CITIES_AND_CRIMEA:
            return self.name_local
        kind = {self.Level.REGION: "область", self.Level.RAION: "район", self.Level.HROMADA: "громада"}.get(self.level)
        return f"{self.name_local} {kind}" if kind else self.name_local

    @property
    def point(self) -> tuple[float, float] | None:
        """The public point (lat, lon) in degrees, or None where none could be derived."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


CITIES_AND_CRIMEA = frozenset({"UA01", "UA80", "UA85"})
"""First-level units of Ukraine that are no oblast."""


class SettlementQuerySet(models.QuerySet):
    """Questions about settlements."""

    def matching(self, text: str) -> SettlementQuerySet:
        """Settlements whose search key holds every word of `text`, in any script and spelling we know; largest first."""
        found = self
        for word in search_key(text).split():
            found = found.filter(search_key__contains=word)
        return found.order_by("-population", "name", "id")


class Settlement(models.Model):
    """A town or village with its public point. Never more exact than the settlement itself."""

    id = models.UUIDField(primary_key=True, editable=False)
    geonameid = models.IntegerField(
        null=True, blank=True, unique=True, help_text=_("GeoNames id, where the row comes from there")
    )
    country = models.CharField(max_length=2)
    admin1 = models.ForeignKey(AdminArea, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(
        AdminArea,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="settlements",
        help_text=_("the smallest known area around it: the settlement itself where listed, else its hromada, raion or oblast"),
    )
    katottg = models.CharField(max_length=20, blank=True, help_text=_("code of the settlement in the Ukrainian codifier"))
    name = models.CharField(max_length=120)
    name_local = models.CharField(max_length=120)
    lat = models.FloatField()
    lon = models.FloatField()
    population = models.PositiveIntegerField(default=0)
    search_key = models.TextField(help_text=_("folded names, see places.names.search_key"))

    objects = SettlementQuerySet.as_manager()

    class Meta:
        ordering = ["country", "-population", "name", "id"]
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        indexes = [
            models.Index(fields=["country", "-population", "name"], name="settlement_by_size"),
            models.Index(fields=["admin1", "-population", "name"], name="settlement_in_region"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language: the local form on Ukrainian pages for places in Ukraine, else the Latin one."""
        ukrainian = (get_language() or "en").split("-")[0] == "uk" and self.country == "UA"
        return self.name_local if ukrainian else self.name

    @property
    def point(self) -> tuple[float, float]:
        """The public point (lat, lon) in degrees."""
        return self.lat, self.lon


class AreaConflictStatus(models.Model):
    """One line of a dated act: this area had this status from a day to a day. Only `area_status` reads it for the pages."""

    class Status(models.TextChoices):
        """The codes of domain 2.1."""

        UNKNOWN = "UNKNOWN", _("Not known")
        STABLE = "STABLE", _("Stable")
        TENSION = "TENSION", _("Tension")
        SPILLOVER = "SPILLOVER", _("Spill-over")
        ACTIVE_HOSTILITIES = "ACTIVE_HOSTILITIES", _("Active hostilities")
        NEAR_FRONT = "NEAR_FRONT", _("Near the front")
        OCCUPIED = "OCCUPIED", _("Occupied")
        RETURNED = "RETURNED", _("Returned, mines likely")
        PARTY_REAR = "PARTY_REAR", _("Territory of a party, away from the fighting")
        POST_CONFLICT = "POST_CONFLICT", _("After the conflict")

    class Table(models.TextChoices):
        """The tables of the Ukrainian list (order no. 376 of 28 February 2025)."""

        POSSIBLE = "possible_hostilities", _("Territories of possible hostilities")
        ACTIVE = "active_hostilities", _("Territories of active hostilities")
        ACTIVE_WITH_REGISTERS = (
            "active_hostilities_registers_working",
            _("Territories of active hostilities where the State registers work"),
        )
        OCCUPIED = "temporarily_occupied", _("Territories temporarily occupied by the Russian Federation")
        OCCUPIED_TAIL = "temporarily_occupied_tail", _("Territories temporarily occupied by the Russian Federation (continued)")

    id = models.UUIDField(primary_key=True, editable=False)
    area = models.ForeignKey(AdminArea, on_delete=models.CASCADE, related_name="conflict_statuses")
    status = models.CharField(max_length=20, choices=Status.choices)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    table = models.CharField(max_length=40, choices=Table.choices)
    act = models.CharField(max_length=300, help_text=_("the act the line stands in"))
    act_date = models.DateField(help_text=_("state of the act; no fact is newer than this"))
    exceptions = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, help_text=_("codes inside the area that the line leaves out")
    )

    class Meta:
        ordering = ["area", "valid_from", "table", "id"]
        verbose_name = _("conflict status of an area")
        verbose_name_plural = _("conflict statuses of areas")
        indexes = [models.Index(fields=["area", "valid_from"], name="area_status_by_area")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="area_status_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.status} {self.valid_from}"
