"""What members do for their own people beside wages. Never counted as humanitarian aid (domain.md 3.7, 4.6)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.fields import EncryptedTextField
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedModel, VersionedModel
from humanitarian.models.action import SafetyAction
from humanitarian.models.aid import PartnerOrganisation
from humanitarian.models.pay import MoneyBand


class SupportType(models.TextChoices):
    EMERGENCY_GRANT = "EMERGENCY_GRANT", _("Emergency grant")
    LOAN_FREE = "LOAN_FREE", _("Loan without interest")
    SALARY_ADVANCE = "SALARY_ADVANCE", _("Advance on the wage")
    RELOCATION_GRANT = "RELOCATION_GRANT", _("Relocation grant")
    TRANSPORT = "TRANSPORT", _("Transport to safety")
    ACCOMMODATION = "ACCOMMODATION", _("Accommodation")
    FOOD_HYGIENE = "FOOD_HYGIENE", _("Food and hygiene")
    MEDICAL = "MEDICAL", _("Medical help")
    PSYCHOSOCIAL = "PSYCHOSOCIAL", _("Psychosocial support")
    FUNERAL_BEREAVEMENT = "FUNERAL_BEREAVEMENT", _("Funeral and bereavement")
    LIFE_INSURANCE = "LIFE_INSURANCE", _("Life insurance")
    LEGAL_AID = "LEGAL_AID", _("Legal aid")
    DOCUMENT_HELP = "DOCUMENT_HELP", _("Help with documents")
    CHILDCARE_SCHOOL = "CHILDCARE_SCHOOL", _("Childcare and school")
    LANGUAGE = "LANGUAGE", _("Language courses")
    JOB_TRANSFER = "JOB_TRANSFER", _("A job at another site")
    IT_REMOTE_KIT = "IT_REMOTE_KIT", _("Equipment for remote work")
    GENERATOR_WINTER = "GENERATOR_WINTER", _("Generators and winter help")
    VETERAN_REINTEGRATION = "VETERAN_REINTEGRATION", _("Return of veterans to work")
    HOTLINE = "HOTLINE", _("Hotline")


MOVING = frozenset({SupportType.RELOCATION_GRANT, SupportType.ACCOMMODATION, SupportType.JOB_TRANSFER, SupportType.TRANSPORT})
"""Measures of which it matters how many were asked, came and went back."""


class PsychosocialLayer(models.IntegerChoices):
    """The four layers of the IASC."""

    BASIC = 1, _("1 · basic services and safety")
    COMMUNITY = 2, _("2 · community and family support")
    FOCUSED = 3, _("3 · focused, not specialised")
    SPECIALIST = 4, _("4 · specialised")


class SupportMeasure(VersionedModel, ScopedModel):
    """A measure for own people: what, when, who may use it and who not and why, whom it reached, whether it helped."""

    data_class = DataClass.SAFETY

    type = models.CharField(_("what"), max_length=21, choices=SupportType.choices)
    layer = models.PositiveSmallIntegerField(_("layer of support"), choices=PsychosocialLayer.choices, null=True, blank=True)
    country = models.CharField(_("country"), max_length=2)
    site = ScopedForeignKey("members.Site", null=True, blank=True, related_name="support_measures", verbose_name=_("site"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    for_own = models.BooleanField(_("own employees may use it"), default=True)
    for_agency = models.BooleanField(_("agency workers may use it"), default=False)
    for_contractors = models.BooleanField(_("contractors on site may use it"), default=False)
    excluded_because = models.CharField(_("why the others may not"), max_length=300, blank=True)
    people_reached = models.PositiveIntegerField(
        _("people reached"), null=True, blank=True, validators=[MaxValueValidator(200_000)]
    )
    offered = models.PositiveIntegerField(_("people it was offered to"), null=True, blank=True)
    accepted = models.PositiveIntegerField(_("people who accepted"), null=True, blank=True)
    returned = models.PositiveIntegerField(_("people who went back"), null=True, blank=True)
    partner = models.ForeignKey(
        PartnerOrganisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("with the partner")
    )
    spend = EncryptedTextField(_("spend, as a band"), null=True, blank=True)  # of MoneyBand; the own organisation's alone
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    effect = models.CharField(_("effect"), max_length=8, choices=SafetyAction.Effect.choices, default=SafetyAction.Effect.NOT_YET)
    effect_source = models.CharField(_("how we know: who was asked, when"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-starts_on", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-starts_on", "-id"], name="measure_by_organisation"),
            models.Index(fields=["-starts_on", "-id"], name="measure_newest"),
        ]

    def __str__(self) -> str:
        return self.get_type_display()

    @property
    def excluded(self) -> list[Any]:
        """The groups that may not use it, in words."""
        open_to = {"OWN": self.for_own, "AGENCY": self.for_agency, "CONTRACTOR": self.for_contractors}
        return [label for code, label in GROUP_WORDS.items() if not open_to[code]]

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        if self.excluded and not self.excluded_because.strip():
            errors["excluded_because"] = _("Say why some workers may not use it; the report prints it.")
        if not (self.for_own or self.for_agency or self.for_contractors):
            errors["for_own"] = _("A measure is for somebody.")
        if (self.type == SupportType.PSYCHOSOCIAL) != (self.layer is not None):
            errors["layer"] = _("Psychosocial support names its layer; other measures have none.")
        if self.ends_on and self.starts_on and self.ends_on < self.starts_on:
            errors["ends_on"] = _("The end lies before the beginning.")
        if self.effect != SafetyAction.Effect.NOT_YET and not self.effect_source.strip():
            errors["effect_source"] = _("Say how you know: an effect that nobody asked about is a guess.")
        errors |= self._wrong_numbers()
        if self.spend and (self.spend not in MoneyBand.values or not self.currency):
            errors["spend"] = _("Choose a band, and name its currency.")
        if errors:
            raise ValidationError(errors)

    def _wrong_numbers(self) -> dict[str, Any]:
        moved = (self.offered, self.accepted, self.returned)
        if self.type not in MOVING:
            return {"offered": _("This belongs to measures that move people.")} if any(n is not None for n in moved) else {}
        known = [n for n in moved if n is not None]
        if known != sorted(known, reverse=True):
            return {"accepted": _("No more people accept than it was offered to, and no more go back than came.")}
        return {}


GROUP_WORDS = {"OWN": _("own employees"), "AGENCY": _("agency workers"), "CONTRACTOR": _("contractors on site")}
