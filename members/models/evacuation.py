"""An evacuation from its activation to its stand-down, and the drills that prepare for it (domain 3.5)."""

from datetime import timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet

from .plan import EvacuationPlan
from .site import AlertLevel, Site

AHEAD = timedelta(minutes=2)
"""Clocks differ: as far as this an evacuation may begin in the future (decisions 4.7)."""


class Leaving(models.TextChoices):
    """Who leaves. `PlanActivation.who` holds a code, `PART: packing hall`, or free text."""

    ALL = "ALL", _("Everyone at the site")
    SHIFT = "SHIFT", _("The shift that is here now")
    PART = "PART", _("Only some parts")


class ActivationReason(models.TextChoices):
    """Why people leave. `PlanActivation.reason` holds a code, `DAMAGE: a note`, or free text."""

    DANGER = "DANGER", _("Immediate danger")
    ORDER = "ORDER", _("Order of the authorities")
    UTILITIES = "UTILITIES", _("Power, water or heat lost")
    DAMAGE = "DAMAGE", _("Damage to the site")
    OTHER = "OTHER", _("Another reason")
    LATER = "LATER", _("To be said later")


class PlanActivationQuerySet(ScopedQuerySet):
    """Evacuations."""

    def of_everybody(self) -> Self:
        """Those after which nobody is at the site: of more than some parts of it, and not called off before anybody left."""
        return self.exclude(who__startswith=Leaving.PART).exclude(stood_down_at__isnull=False, moved=0)


class PlanActivation(ScopedModel):
    """An evacuation under way, from the activation to the stand-down. "Evacuating" is derived from it."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    site = ScopedForeignKey(Site, related_name="activations")
    plan = ScopedForeignKey(EvacuationPlan, related_name="activations")
    level = models.PositiveSmallIntegerField(_("alert level"), choices=AlertLevel.choices)
    who = models.CharField(_("who leaves"), max_length=120)
    reason = models.CharField(_("reason"), max_length=200)
    people = models.PositiveIntegerField(_("people to move"), null=True, blank=True)
    activated_at = models.DateTimeField(_("began at"), default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    activated_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    stood_down_at = models.DateTimeField(null=True, blank=True, editable=False)
    stood_down_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    moved = models.PositiveIntegerField(_("people moved"), null=True, blank=True)
    family_moved = models.PositiveIntegerField(_("family members moved"), null=True, blank=True)
    problems = models.CharField(_("problems"), max_length=500, blank=True)

    objects = ScopedManager.from_queryset(PlanActivationQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["-activated_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-activated_at", "id"]),
            models.Index(fields=["site", "-activated_at"]),
        ]

    def __str__(self) -> str:
        return self.reason

    def clean(self) -> None:
        if self.activated_at and self.activated_at > timezone.now() + AHEAD:
            raise ValidationError({"activated_at": _("This lies in the future.")})

    @property
    def is_of_everybody(self) -> bool:
        """Whether nobody stays at the site. What is not said to be some parts of it is everybody."""
        return not self.who.startswith(Leaving.PART)

    @property
    def who_words(self) -> str:
        """Who leaves, in words."""
        return in_words(self.who, Leaving)

    @property
    def reason_words(self) -> str:
        """Why, in words."""
        return in_words(self.reason, ActivationReason)


def in_words(stored: str, codes: type[models.TextChoices]) -> str:
    """A code as its label, `CODE: text` with the label before the text, anything else as it is."""
    code, _colon, text = stored.partition(": ")
    if code not in codes.values:
        return stored
    label = str(codes(code).label)
    return f"{label}: {text}" if text else label


class Drill(ScopedModel):
    """A drill of the evacuation plan and what it taught."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    class Kind(models.TextChoices):
        TABLETOP = "TABLETOP", _("On paper")
        SHELTER = "SHELTER", _("To the shelter")
        FULL = "FULL", _("Full evacuation")

    class Result(models.TextChoices):
        PASS = "PASS", _("Passed")
        PARTIAL = "PARTIAL", _("Partly")
        FAIL = "FAIL", _("Failed")

    site = ScopedForeignKey(Site, related_name="drills")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    held_on = models.DateField(_("held on"))
    shifts = models.CharField(_("which shifts"), max_length=80, blank=True)
    participants = models.PositiveIntegerField(_("people who took part"))
    target_minutes = models.PositiveIntegerField(_("target, minutes"), null=True, blank=True)
    minutes = models.PositiveIntegerField(_("took, minutes"), null=True, blank=True)
    result = models.CharField(_("result"), max_length=7, choices=Result.choices)
    lessons = models.CharField(_("lessons"), max_length=500, blank=True)
    next_due_on = models.DateField(null=True, blank=True, editable=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-held_on", "-id"]
        indexes = [models.Index(fields=["organisation", "-held_on", "id"]), models.Index(fields=["site", "-held_on"])]

    def __str__(self) -> str:
        return self.get_kind_display()

    def clean(self) -> None:
        if self.held_on and self.held_on > timezone.localdate():
            raise ValidationError({"held_on": _("This lies in the future.")})
