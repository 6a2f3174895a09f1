"""What is done for people: safety actions, partner organisations, contributions."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.ids import uuid7
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet, VersionedModel


class SafetyActionQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=SafetyAction.OPEN)

    def overdue(self, today: date) -> Self:
        """Open actions whose day is over. Today is the site's day, not UTC's."""
        return self.open().filter(due_on__lt=today)


class SafetyAction(VersionedModel, ScopedModel):
    """Something to do so that people are safer: who (a role), until when, and whether it helped. Source: domain.md 3.8."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    class Type(models.TextChoices):
        PREVENT = "PREVENT", _("Prevent")
        MITIGATE = "MITIGATE", _("Mitigate")
        RESPOND = "RESPOND", _("Respond")
        RECOVER = "RECOVER", _("Recover")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        IN_PROGRESS = "IN_PROGRESS", _("In progress")
        BLOCKED = "BLOCKED", _("Blocked")
        DONE = "DONE", _("Done")
        CANCELLED = "CANCELLED", _("Cancelled")

    class Effect(models.TextChoices):
        NOT_YET = "NOT_YET", _("Not known yet")
        NONE = "NONE", _("No effect")
        SOME = "SOME", _("Some effect")
        FULL = "FULL", _("Full effect")

    class Origin(models.TextChoices):
        HAND = "", _("Entered by hand")
        PLAN = "PLAN", _("Gap in a plan")
        CHECK_IN = "CHECK_IN", _("Check-in")
        ISSUE = "ISSUE", _("Human-rights issue")

    OPEN = (Status.OPEN, Status.IN_PROGRESS, Status.BLOCKED)

    number = models.PositiveIntegerField(editable=False, default=0)
    site = ScopedForeignKey("members.Site", related_name="safety_actions")
    title = models.CharField(_("what has to be done"), max_length=160)
    type = models.CharField(_("kind"), max_length=8, choices=Type.choices, default=Type.PREVENT)
    owner_role = models.CharField(_("who (a role, no name)"), max_length=80)
    due_on = models.DateField(_("until"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    blocked_by = models.CharField(_("what blocks it"), max_length=200, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True, editable=False)
    evidence = models.CharField(_("how we know it is done"), max_length=300, blank=True)
    effect = models.CharField(_("effect"), max_length=8, choices=Effect.choices, default=Effect.NOT_YET)
    origin = models.CharField(max_length=9, choices=Origin.choices, default=Origin.HAND, blank=True, editable=False)
    origin_id = models.UUIDField(null=True, blank=True, editable=False)
    origin_key = models.CharField(max_length=40, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager.from_queryset(SafetyActionQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["organisation", "due_on", "id"]),
            models.Index(fields=["due_on", "id"]),
            models.Index(fields=["organisation", "status", "due_on"]),
            models.Index(fields=["site", "due_on"]),
        ]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="action_number_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def overdue_days(self, today: date) -> int:
        """Whole days past the due day; 0 where it is not overdue."""
        return max(0, (today - self.due_on).days) if self.is_open else 0

    @property
    def is_unverified(self) -> bool:
        """Done, but nobody said how we know."""
        return self.status == self.Status.DONE and not self.evidence

    def clean(self) -> None:
        if self.status == self.Status.BLOCKED and not self.blocked_by:
            raise ValidationError({"blocked_by": _("Say what blocks it, so that somebody can help.")})


class PartnerOrganisation(models.Model):
    """An entry of the directory: a UN agency, a Red Cross society, a union. Public facts, the same for everybody."""

    class Type(models.TextChoices):
        UN = "UN", _("United Nations")
        RCRC = "RCRC", _("Red Cross and Red Crescent")
        INGO = "INGO", _("International NGO")
        NNGO = "NNGO", _("National NGO")
        UNION = "UNION", _("Trade union")
        GOV = "GOV", _("Government")
        POOLED_FUND = "POOLED_FUND", _("Pooled fund")
        PRIVATE = "PRIVATE", _("Private sector")
        FOUNDATION = "FOUNDATION", _("Foundation")
        FAITH = "FAITH", _("Faith-based")
        OTHER = "OTHER", _("Other")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=160, unique=True)
    short_name = models.CharField(_("short name"), max_length=40)
    type = models.CharField(_("type"), max_length=12, choices=Type.choices)
    identifier = models.CharField(_("identifier (IATI)"), max_length=40, blank=True)
    countries = models.JSONField(_("countries"), default=list, blank=True)
    organisation = models.OneToOneField(
        "members.Organisation", null=True, blank=True, on_delete=models.SET_NULL, related_name="partner_entry"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["short_name", "id"]

    def __str__(self) -> str:
        return self.short_name


class Contribution(VersionedModel, ScopedModel):
    """What a member gave or promised to a partner. Counted at the member's own outflow only (domain 4.6)."""

    data_class = DataClass.COMMERCIAL

    class Kind(models.TextChoices):
        CASH = "CASH", _("Money")
        IN_KIND = "IN_KIND", _("Goods")
        SERVICE = "SERVICE", _("Service")
        MATCH = "MATCH", _("Match of staff donations")
        STAFF_TIME = "STAFF_TIME", _("Staff time")

    class Earmarking(models.TextChoices):
        NONE = "NONE", _("None")
        COUNTRY = "COUNTRY", _("Country")
        SECTOR = "SECTOR", _("Sector")
        PROJECT = "PROJECT", _("Project")

    partner = models.ForeignKey(
        PartnerOrganisation, on_delete=models.PROTECT, related_name="contributions", verbose_name=_("partner")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CASH)
    purpose = models.CharField(_("for what"), max_length=160, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    committed = models.DecimalField(_("committed"), max_digits=18, decimal_places=2, validators=[MinValueValidator(0)])
    disbursed = models.DecimalField(
        _("paid or handed over"), max_digits=18, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    committed_on = models.DateField(_("committed on"))
    disbursed_on = models.DateField(_("last paid on"), null=True, blank=True)
    earmarking = models.CharField(_("earmarking"), max_length=8, choices=Earmarking.choices, default=Earmarking.NONE)

    class Meta:
        ordering = ["-committed_on", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-committed_on", "-id"]),
            models.Index(fields=["-committed_on", "-id"]),
            models.Index(fields=["partner"]),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.committed}"

    def clean(self) -> None:
        if self.disbursed and self.disbursed_on is None:
            raise ValidationError({"disbursed_on": _("Say when it was paid.")})
        if self.currency and not (len(self.currency) == 3 and self.currency.isalpha() and self.currency.isupper()):
            raise ValidationError({"currency": _("Three letters, such as EUR or UAH.")})
