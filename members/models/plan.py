"""Evacuation and communication plans: versioned, judged by their instruments (domain 3.5, 3.6)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.fields import EncryptedJSONField
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedModel, VersionedModel
from members import call_tree

from .site import Site

WRONG_ROWS = _("Each row needs a name, and its other parts in the form that is asked for.")


class PlanStatus(models.TextChoices):
    DRAFT = "DRAFT", _("Draft")
    APPROVED = "APPROVED", _("Approved")
    EXPIRED = "EXPIRED", _("Out of date")
    ACTIVATED = "ACTIVATED", _("Activated")
    RETIRED = "RETIRED", _("Replaced")


PLACES: dict[str, dict[str, type]] = {
    "routes": {"name": str, "mode": str, "km": int, "hours": float, "crossing": str, "via": str},
    "shelters": {"name": str, "capacity": int, "distance_m": int, "supply_hours": int, "step_free": bool, "point": str},
    "assembly_points": {"name": str, "code_word": str, "point": str},
}
"""What a row of each encrypted list holds; `name` is required, the rest may be missing. `point` is "latitude, longitude" in
degrees, `crossing` the code of a border crossing."""
CALL_TREE: dict[str, type] = {"name": str, "deputy": str, "number": str, "called_by": str, "people": int}
"""What a row of a call tree holds: roles and work numbers, never a person (members/call_tree.py)."""
MOST_PLACES, MOST_CALLERS = 8, 40


class Plan(VersionedModel, ScopedModel):
    """What both plans share. A new revision replaces the approved one; old revisions stay."""

    data_class = DataClass.SAFETY
    site_column = "site_id"
    instrument = ""
    lists: tuple[str, ...] = ()
    """The encrypted lists: counted for everybody who reads plans, told only to who asks and may."""

    revision = models.PositiveIntegerField(default=1, editable=False)
    status = models.CharField(max_length=10, choices=PlanStatus.choices, default=PlanStatus.DRAFT, editable=False)
    title = models.CharField(_("title"), max_length=120)
    owner_role = models.CharField(_("owner (role)"), max_length=80, blank=True)
    deputy_role = models.CharField(_("deputy (role)"), max_length=80, blank=True)
    written_by = models.ForeignKey("members.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    approval_asked_at = models.DateTimeField(null=True, editable=False)
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    approved_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    next_review_on = models.DateField(null=True, blank=True, editable=False)
    assessment = ScopedForeignKey("instruments.Assessment", null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class EvacuationPlan(Plan):
    """How people leave a site, and whether everybody fits. Routes, shelters and meeting points are encrypted."""

    instrument = "evacuation_plan"
    lists = tuple(PLACES)

    site = ScopedForeignKey(Site, related_name="evacuation_plans")
    destination = models.CharField(_("destination (settlement)"), max_length=120, blank=True)
    seats = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    trips = models.PositiveSmallIntegerField(_("trips"), null=True, blank=True)
    expected_evacuees = models.PositiveIntegerField(_("people to evacuate"), null=True, blank=True)
    family_estimate = models.PositiveIntegerField(_("family members"), null=True, blank=True)
    shelter_capacity = models.PositiveIntegerField(_("shelter places on site"), null=True, blank=True)
    beds = models.PositiveIntegerField(_("beds at the destination"), null=True, blank=True)
    routes = EncryptedJSONField(null=True, blank=True)  # lists of rows as PLACES says
    shelters = EncryptedJSONField(null=True, blank=True)
    assembly_points = EncryptedJSONField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-created_at", "id"]),
            models.Index(fields=["-created_at", "id"]),
            models.Index(fields=["site", "-revision"]),
        ]
        constraints = [models.UniqueConstraint(fields=["organisation", "site", "revision"], name="evacuation_plan_revision_once")]

    def clean(self) -> None:
        for kind, shape in PLACES.items():
            if not fits_shape(getattr(self, kind), shape):
                raise ValidationError({kind: WRONG_ROWS})


def fits_shape(rows: Any, shape: dict[str, type], *, most: int = MOST_PLACES) -> bool:
    """Whether a value is None or a short list of rows, each with a name and no part that is not known."""
    if rows is None:
        return True
    return isinstance(rows, list) and len(rows) <= most and all(_row_fits(row, shape) for row in rows)


def _row_fits(row: Any, shape: dict[str, type]) -> bool:
    if not isinstance(row, dict) or not str(row.get("name") or "").strip() or row.keys() - shape.keys():
        return False
    return all(value is None or _part_fits(value, shape[key]) for key, value in row.items())


def _part_fits(value: Any, kind: type) -> bool:
    if kind is bool or isinstance(value, bool):
        return isinstance(value, bool) and kind is bool
    if kind is str:
        return isinstance(value, str) and len(value) <= 300
    return isinstance(value, (int, float) if kind is float else int) and 0 <= value < 1_000_000


class CommunicationPlan(Plan):
    """How people are reached when networks fail. Judged as n of 15, without a word."""

    instrument = "communication_plan"
    lists = ("call_tree",)

    site = ScopedForeignKey(Site, related_name="communication_plans")
    primary_channel = models.CharField(_("first channel"), max_length=80, blank=True)
    fallback_channel = models.CharField(_("second channel, without mobile data"), max_length=80, blank=True)
    silent_hours = models.PositiveSmallIntegerField(_("hours of silence before somebody goes to look"), null=True, blank=True)
    tested_on = models.DateField(_("last tested on"), null=True, blank=True)
    reached = models.PositiveIntegerField(_("people reached in the test within two hours"), null=True, blank=True)
    attempted = models.PositiveIntegerField(_("people tried in the test"), null=True, blank=True)
    call_tree = EncryptedJSONField(null=True, blank=True)  # rows as CALL_TREE says

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-created_at", "id"]),
            models.Index(fields=["-created_at", "id"]),
            models.Index(fields=["site", "-revision"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "site", "revision"], name="communication_plan_revision_once")
        ]

    def clean(self) -> None:
        if self.reached is not None and (self.attempted is None or self.reached > self.attempted):
            raise ValidationError({"reached": _("More people were reached than were tried.")})
        if not fits_shape(self.call_tree, CALL_TREE, most=MOST_CALLERS):
            raise ValidationError({"call_tree": WRONG_ROWS})
        try:
            call_tree.check(self.call_tree)
        except ValidationError as error:
            raise ValidationError({"call_tree": error.messages}) from error
