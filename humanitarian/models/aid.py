"""Partner organisations, and what members give them."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from aimprogress.core.ids import uuid7
from aimprogress.core.scoping import DataClass, ScopedModel, VersionedModel


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
    texts_that_leave = ("purpose",)

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
