"""Answers to instruments. The questions stand in library/*.yaml; here stands what somebody answered, and the result."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from aimprogress.core.fields import EncryptedTextField
from aimprogress.core.scoping import DataClass, InScope, ScopedForeignKey, ScopedManager, ScopedModel

from .definition import Instrument, InstrumentError
from .engine import AnswerValue, Result, load


class AssessmentManager(ScopedManager):
    def get_queryset(self) -> models.QuerySet:
        """Answers to a commercial instrument only for who sees commercial rows; row security says the same."""
        open_to_all = models.Q(commercial=False) | models.Q(InScope(DataClass.COMMERCIAL))
        return super().get_queryset().filter(open_to_all)


class Assessment(ScopedModel):
    """One answering of an instrument about one subject. `result` is stored with the versions that made it."""

    data_class = DataClass.SAFETY
    site_column = "site_id"  # a site reporter reads the assessments of the own sites only

    site = ScopedForeignKey("members.Site", null=True, blank=True, related_name="+")
    instrument = models.CharField(_("instrument"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version of the instrument"))
    subject_type = models.CharField(max_length=60)  # "members.EvacuationPlan"
    subject_id = models.UUIDField()
    result = models.JSONField(default=dict, blank=True)  # engine.Result.as_json
    formula_version = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    worker_rep = models.CharField(_("signed with (a role of the workers' side, no name)"), max_length=80, blank=True)
    no_worker_rep_because = models.CharField(_("why nobody of the workers' side signs"), max_length=200, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    commercial = models.BooleanField(default=False, editable=False)  # as the instrument says
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = AssessmentManager()
    unscoped = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["organisation", "subject_type", "subject_id"], name="assessment_of_subject")]

    def __str__(self) -> str:
        return f"{self.instrument} v{self.version}"

    def clean(self) -> None:
        try:
            instrument = self.definition
        except InstrumentError as error:
            raise ValidationError({"instrument": str(error)}) from error
        if self.subject_type not in instrument.subjects:
            raise ValidationError({"subject_type": _("This questionnaire is not about that kind of record.")})

    @property
    def definition(self) -> Instrument:
        """The instrument in the version that was answered."""
        return load(self.instrument, self.version)

    @property
    def outcome(self) -> Result | None:
        """The stored result; None while nothing has been answered."""
        return Result.from_json(self.result) if self.result else None

    def is_valid_at(self, now: datetime) -> bool:
        """Signed, not used, and within the days that the instrument gives a signature."""
        validity = self.definition.validity
        if self.signed_at is None or self.used_at is not None:
            return False
        return validity is None or now - self.signed_at <= timedelta(days=validity.days)

    def given(self) -> dict[str, AnswerValue]:
        """Everything answered so far, by item key."""
        return {answer.item: answer.as_value() for answer in self.answers.all()}


class Answer(ScopedModel):
    """The answer to one item. Note and evidence are encrypted: people write routes and places into them."""

    data_class = DataClass.SAFETY

    assessment = ScopedForeignKey(Assessment, related_name="answers", on_delete=models.PROTECT)
    item = models.CharField(max_length=80)  # the item's code, `code@repeat` in a repeated group
    value = models.CharField(max_length=20)
    note = EncryptedTextField(_("note"), null=True, blank=True)
    evidence = EncryptedTextField(_("evidence"), null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "assessment", "item"], name="answer_once_for_each_item")]

    def __str__(self) -> str:
        return f"{self.item}: {self.value}"

    def as_value(self) -> AnswerValue:
        """The answer as the engine takes it."""
        return AnswerValue(self.value, self.note or "", self.evidence or "")
