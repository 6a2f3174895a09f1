"""Salient human-rights issues: the register of risks to people, ranked by severity (domain 1.3-1.7)."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedModel, VersionedModel
from risks.codes import GROUPS, RIGHTS
from risks.saliency import FORMULA, Band, Saliency, assess, is_salient

ONE_TO_FIVE = [MinValueValidator(1), MaxValueValidator(5)]


class RightsIssue(VersionedModel, ScopedModel):
    """A harm to people that happens or may happen. Its rank follows from four inputs and one printed formula."""

    data_class = DataClass.SAFETY

    class Involvement(models.TextChoices):
        CAUSE = "CAUSE", _("Causes it")
        CONTRIBUTE = "CONTRIBUTE", _("Contributes to it")
        LINKED = "LINKED", _("Directly linked to it")
        NONE = "NONE", _("No link found")
        UNKNOWN = "UNKNOWN", _("Not assessed yet")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        MANAGED = "MANAGED", _("Managed")
        CLOSED = "CLOSED", _("Closed")

    number = models.PositiveIntegerField(editable=False, default=0)
    catalogue = models.CharField(_("kind of issue"), max_length=3, blank=True)
    title = models.CharField(_("what may happen, or happens, to people"), max_length=160)
    rights = ArrayField(models.CharField(max_length=8, choices=RIGHTS), verbose_name=_("rights"), default=list, blank=True)
    groups = ArrayField(
        models.CharField(max_length=20, choices=GROUPS), verbose_name=_("people affected"), default=list, blank=True
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    site = ScopedForeignKey("members.Site", null=True, blank=True, related_name="rights_issues")
    ihl_relevant = models.BooleanField(_("humanitarian law applies"), null=True, blank=True)
    is_actual = models.BooleanField(_("it is happening"), default=False)
    scale = models.PositiveSmallIntegerField(_("scale"), validators=ONE_TO_FIVE)
    scope = models.PositiveSmallIntegerField(_("scope"), validators=ONE_TO_FIVE)
    irremediability = models.PositiveSmallIntegerField(_("irremediability"), validators=ONE_TO_FIVE)
    likelihood = models.PositiveSmallIntegerField(_("likelihood"), validators=ONE_TO_FIVE)
    conflict_driver = models.BooleanField(_("can feed the conflict"), default=False)
    involvement = models.CharField(_("our involvement"), max_length=10, choices=Involvement.choices, default=Involvement.UNKNOWN)
    marked_salient = models.BooleanField(_("salient"), null=True, blank=True)
    salient_reason = models.CharField(_("reason"), max_length=300, blank=True)
    salient_second = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner_role = models.CharField(_("owner (a role, no name)"), max_length=80, blank=True)
    narrative = models.TextField(_("what we know; no names"), max_length=2000, blank=True)
    first_identified_on = models.DateField(_("first identified on"), default=timezone.localdate)
    last_assessed_at = models.DateTimeField(default=timezone.now, editable=False)
    next_review_on = models.DateField(_("next review"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    closed_reason = models.CharField(_("why it is closed"), max_length=200, blank=True)

    # Computed by risks/saliency.py on every save, stored with the formula's version.
    severity_level = models.PositiveSmallIntegerField(editable=False)
    severity_sum = models.PositiveSmallIntegerField(editable=False)
    effective_likelihood = models.PositiveSmallIntegerField(editable=False)
    score = models.DecimalField(max_digits=5, decimal_places=2, editable=False)
    band = models.CharField(max_length=8, choices=[(band.value, band.value) for band in Band], editable=False)
    salient = models.BooleanField(editable=False, default=False)
    formula = models.CharField(max_length=8, default=FORMULA, editable=False)

    class Meta:
        ordering = ["-score", "id"]
        indexes = [
            models.Index(fields=["organisation", "-score", "id"]),
            models.Index(fields=["-score", "id"]),
            models.Index(fields=["site"]),
        ]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="issue_number_once")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: object, **kwargs: object) -> None:
        if None not in (self.scale, self.scope, self.irremediability, self.likelihood):
            self.rank()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.status == self.Status.CLOSED and not self.closed_reason:
            raise ValidationError({"closed_reason": _("Say why it is closed.")})

    def rank(self) -> None:
        """Compute the ranking from the four inputs; `save` does, set-wise loaders call it themselves."""
        try:
            result: Saliency = assess(self.scale, self.scope, self.irremediability, self.likelihood, is_actual=self.is_actual)
        except ValueError as error:
            raise ValidationError(_("Each of the four inputs is a number from 1 to 5.")) from error
        self.severity_level, self.severity_sum = result.severity_level, result.severity_sum
        self.effective_likelihood, self.score, self.band = result.likelihood, result.score, result.band
        self.formula = FORMULA
        self.salient = is_salient(
            result.score, conflict_driver=self.conflict_driver, severity_level=result.severity_level, marked=self.marked_salient
        )
