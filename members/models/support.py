"""The support of AIM-Progress: what a member did about a piece of guidance."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet


class Topic(models.TextChoices):
    """What guidance and bulletins are about; what keeps people alive first."""

    SHELTER = "SHELTER", _("Air raids and shelter")
    EVACUATION = "EVACUATION", _("Evacuation")
    MINES = "MINES", _("Mines")
    POWER = "POWER", _("Power and generators")
    RADIATION = "RADIATION", _("Radiation")
    MIND = "MIND", _("Mental health")
    MISSING = "MISSING", _("Missing people")
    LAW = "LAW", _("Law")
    RIGHTS = "RIGHTS", _("Human rights in conflict")
    EXIT = "EXIT", _("Leaving a market")
    SUPPLY = "SUPPLY", _("Suppliers and purchasing")
    REFUGEES = "REFUGEES", _("Employing displaced people")
    RECRUITMENT = "RECRUITMENT", _("Fair recruitment")
    AID = "AID", _("Giving aid")
    PSEA = "PSEA", _("Protection from sexual exploitation")
    DATA = "DATA", _("Data about people")


class GuidanceMarkQuerySet(ScopedQuerySet):
    def latest(self) -> "GuidanceMarkQuerySet":
        """What was said last about each item at each site."""
        same = GuidanceMark.objects.filter(site_id=OuterRef("site_id"), item=OuterRef("item"))
        later = same.filter(Q(marked_at__gt=OuterRef("marked_at")) | Q(marked_at=OuterRef("marked_at"), id__gt=OuterRef("id")))
        return self.filter(~Exists(later))


class GuidanceMark(ScopedModel):
    """What a site said about an item of the library: read, done, or not applicable and why. Added to, never changed."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    class Mark(models.TextChoices):
        READ = "READ", _("Read")
        DONE = "DONE", _("Done")
        NOT_APPLICABLE = "NOT_APPLICABLE", _("Not applicable")

    site = ScopedForeignKey("members.Site", related_name="guidance_marks")
    item = models.CharField(_("item"), max_length=60)
    item_version = models.PositiveSmallIntegerField(editable=False)
    mark = models.CharField(_("mark"), max_length=14, choices=Mark.choices)
    reason = models.CharField(_("because"), max_length=300, blank=True)
    marked_by = models.ForeignKey("members.User", null=True, on_delete=models.SET_NULL, related_name="+")
    marked_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager.from_queryset(GuidanceMarkQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["-marked_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-marked_at", "-id"]),
            models.Index(fields=["-marked_at", "-id"]),
            models.Index(fields=["site", "item", "-marked_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.mark}"

    def clean(self) -> None:
        if self.mark == self.Mark.NOT_APPLICABLE and not self.reason.strip():
            raise ValidationError({"reason": _("Say why it does not apply here: the next reader should not have to ask.")})
