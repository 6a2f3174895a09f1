"""Pay of workers, month by month, as it was reported. Rows are added, never changed; a correction takes the place of a row."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import BooleanField, Case, Exists, Expression, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.fields import EncryptedTextField
from aimprogress.core.permissions import Permission
from aimprogress.core.scoping import ScopedForeignKey, ScopedManager, ScopedQuerySet
from members.models.fact import Fact

MOST_PEOPLE = MaxValueValidator(200_000)


class ContractGroup(models.TextChoices):
    OWN = "OWN", _("Own employees")
    AGENCY = "AGENCY", _("Agency workers")
    CONTRACTOR = "CONTRACTOR", _("Contractors on site")


class WagePolicy(models.TextChoices):
    """By what rule people were paid in a month (domain.md 3.7)."""

    FULL = "FULL", _("Full wage")
    DOWNTIME = "DOWNTIME", _("Statutory idle pay, at least two thirds")
    PARTIAL = "PARTIAL", _("A part of the wage")
    ADVANCE = "ADVANCE", _("Paid months ahead")
    SUSPENDED = "SUSPENDED", _("Contract suspended")
    MOBILISED_FULL = "MOBILISED_FULL", _("Mobilised, keeps the average wage")
    MOBILISED_PARTIAL = "MOBILISED_PARTIAL", _("Mobilised, keeps a part")
    FAMILY = "FAMILY", _("Family of the killed or missing")
    NONE = "NONE", _("No pay")


STRICT_POLICIES = frozenset({WagePolicy.MOBILISED_FULL, WagePolicy.MOBILISED_PARTIAL, WagePolicy.FAMILY})
"""How many are paid by these tells how many serve, are missing or dead: for the own coordinators only (domain.md 8.2, 8.3)."""
PART_OF_THE_WAGE = frozenset({WagePolicy.DOWNTIME, WagePolicy.PARTIAL, WagePolicy.SUSPENDED, WagePolicy.MOBILISED_PARTIAL})
"""Rules that pay less than the wage: who got all that they promise was paid in part; in full means the whole wage."""
LEAST_IDLE_PERCENT = 67


class PaySentence:
    """What is wrong with a report, in words: said by its form, and of lists by the rules of humanitarian/imports.py."""

    NOT_BEGUN = _("This month has not begun.")
    WHAT_PART = _("Say what part of the wage was paid.")
    IDLE_PAY = _("Idle pay is at least two thirds. For less, choose a part of the wage.")
    HOW_FAR_AHEAD = _("Say how many months were paid ahead.")
    NOBODY_IN_FULL = _("This rule pays less than the wage. Count them as paid in part, or choose Full wage.")
    NOBODY_PAID = _("Where nobody is paid, nobody is paid in full or in part.")
    THREE_LETTERS = _("Three letters, such as EUR or UAH.")


def unbalanced(entitled: int, parts: Iterable[int]) -> str:
    """That those paid in full, in part and not at all are not the people entitled."""
    told = {"sum": sum(parts), "entitled": entitled}
    return str(_("Paid in full, in part and not at all make %(sum)s people, but %(entitled)s are entitled.")) % told


class ChannelRisk(models.TextChoices):
    NONE = "", _("None known")
    BANK = "BANK", _("Banks do not work reliably")
    CASH = "CASH", _("Paid in cash")
    OTHER = "OTHER", _("Other")


class MoneyBand(models.TextChoices):
    """The same bands as of spend with a supplier: no amount is kept."""

    UNDER_100K = "<100k", _("below 100,000")
    UNDER_1M = "100k-1m", _("100,000 to 1 million")
    UNDER_10M = "1-10m", _("1 to 10 million")
    OVER_10M = ">10m", _("above 10 million")


class _PolicyIsReadable(Expression):
    """True for rows whose wage policy the current Actor may know, decided when the SQL is compiled."""

    conditional = True
    output_field = BooleanField()

    def __init__(self) -> None:
        super().__init__()
        self.policy = F("policy")

    def get_source_expressions(self) -> list[Any]:
        return [self.policy]

    def set_source_expressions(self, expressions: list[Any]) -> None:
        (self.policy,) = expressions

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        if current_actor().may(Permission.HEADCOUNT_STRICT):
            return "(1 = 1)", []
        sql, params = compiler.compile(self.policy)
        kept = sorted(STRICT_POLICIES)
        return f"({sql} NOT IN ({', '.join(['%s'] * len(kept))}))", [*params, *kept]


def full_wage() -> Case:
    """People who got the whole wage, as SQL. Reports of before the rule of `clean` may say it of people on a part of it."""
    return Case(When(policy__in=PART_OF_THE_WAGE, then=Value(0)), default=F("paid_full"), output_field=IntegerField())


class WageReportQuerySet(ScopedQuerySet):
    def standing(self, as_of: datetime | None = None) -> Self:
        """The rows that hold: known by `as_of`, and neither taken back nor corrected by then."""
        as_of = as_of or timezone.now()
        corrected = WageSupportReport.objects.beyond_the_sample().filter(supersedes=OuterRef("pk")).kept(as_of)
        return self.kept(as_of).filter(~Exists(corrected))

    def kept(self, as_of: datetime | None = None) -> Self:
        """The rows that were known by `as_of` and not taken back by then, corrected ones among them."""
        as_of = as_of or timezone.now()
        return self.filter(Q(retracted_at=None) | Q(retracted_at__gt=as_of), recorded_at__lte=as_of)

    def of_workers(self) -> Self:
        """Without pay for those who serve and for families: they are not among the people entitled to wages for work."""
        return self.exclude(policy__in=STRICT_POLICIES)


class WageReportManager(ScopedManager.from_queryset(WageReportQuerySet)):
    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(_PolicyIsReadable())


class WageSupportReport(Fact):
    """How many people of a contract group at a site were paid in a month, by one rule. Counts only (domain.md 3.7)."""

    sample = ("site_id", "members_site")

    site = ScopedForeignKey("members.Site", related_name="wage_reports", verbose_name=_("site"))
    month = models.DateField(_("month"))
    group = models.CharField(_("contract group"), max_length=10, choices=ContractGroup.choices)
    policy = models.CharField(_("paid by the rule"), max_length=17, choices=WagePolicy.choices)
    percent = models.PositiveSmallIntegerField(
        _("percent of the wage"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    advance_months = models.PositiveSmallIntegerField(_("months paid ahead"), null=True, blank=True)
    entitled = models.PositiveIntegerField(_("people entitled"), validators=[MOST_PEOPLE])
    paid_full = models.PositiveIntegerField(_("paid in full"), default=0)
    paid_partial = models.PositiveIntegerField(_("paid in part"), default=0)
    paid_none = models.PositiveIntegerField(_("not paid"), default=0)
    months_continued = models.PositiveSmallIntegerField(_("months of continued pay to date"), null=True, blank=True)
    arrears_days = models.PositiveSmallIntegerField(_("days that the oldest unpaid wages are late"), default=0)
    channel_risk = models.CharField(_("risk of the way of paying"), max_length=5, choices=ChannelRisk.choices, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="UAH")
    total = EncryptedTextField(_("total paid, as a band"), null=True, blank=True)  # of MoneyBand; the own organisation's alone
    reason = models.CharField(_("what was wrong"), max_length=200, blank=True)
    supersedes = ScopedForeignKey("self", null=True, blank=True, related_name="superseded_by", editable=False)
    retracted_at = models.DateTimeField(null=True, blank=True, editable=False)  # with the import that brought it

    objects = WageReportManager()
    unscoped = models.Manager()

    class Meta:
        ordering = ["-month", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-month", "-id"], name="pay_by_organisation"),
            models.Index(fields=["-month", "-id"], name="pay_newest"),
            models.Index(fields=["site", "-month", "-id"], name="pay_by_site"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "site", "month", "group", "policy"], condition=Q(supersedes=None, retracted_at=None),
                name="pay_reported_once",
                violation_error_message=_("This is reported already. Correct that report instead."),
            ),
            models.UniqueConstraint(
                fields=["organisation", "supersedes"], condition=Q(retracted_at=None), name="pay_corrected_once",
                violation_error_message=_("This report was corrected already. Correct the newer one."),
            ),
            models.CheckConstraint(
                condition=Q(entitled=F("paid_full") + F("paid_partial") + F("paid_none")), name="pay_adds_up"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.group}"

    @property
    def full_wage(self) -> int:
        """People who got the whole wage, whatever the report calls full."""
        return 0 if self.policy in PART_OF_THE_WAGE else self.paid_full

    @property
    def paid_any(self) -> int:
        """People who got something."""
        return self.paid_full + self.paid_partial

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        self.month = self.month.replace(day=1) if isinstance(self.month, date) else self.month
        if self.month and self.month > timezone.localdate():
            errors["month"] = PaySentence.NOT_BEGUN
        counts = [self.entitled, self.paid_full, self.paid_partial, self.paid_none]
        if all(isinstance(count, int) for count in counts) and sum(counts[1:]) != self.entitled:
            errors["entitled"] = unbalanced(self.entitled, counts[1:])
        errors |= self._wrong_policy() | self._wrong_correction()
        if self.currency and not (len(self.currency) == 3 and self.currency.isalpha() and self.currency.isupper()):
            errors["currency"] = PaySentence.THREE_LETTERS
        if self.total and self.total not in MoneyBand.values:
            errors["total"] = _("Choose a band.")
        if errors:
            raise ValidationError(errors)

    def _wrong_policy(self) -> dict[str, Any]:
        policy = WagePolicy
        if self.policy == policy.PARTIAL and not self.percent:
            return {"percent": PaySentence.WHAT_PART}
        if self.policy == policy.DOWNTIME and self.percent and self.percent < LEAST_IDLE_PERCENT:
            return {"percent": PaySentence.IDLE_PAY}
        if self.policy == policy.ADVANCE and not self.advance_months:
            return {"advance_months": PaySentence.HOW_FAR_AHEAD}
        if self.policy == policy.NONE and (self.paid_full or self.paid_partial):
            return {"policy": PaySentence.NOBODY_PAID}
        if self.policy in STRICT_POLICIES and self.site_id and self.site.safety_profile:
            return {"policy": _("At this site this is not collected: it endangers people.")}
        if self.policy in PART_OF_THE_WAGE and self.paid_full:
            return {"paid_full": PaySentence.NOBODY_IN_FULL}
        return {}

    def _wrong_correction(self) -> dict[str, Any]:
        """A correction says the same month, group and rule anew, and why; what else was wrong is put to zero."""
        if self.supersedes_id is None:
            return {}
        if self.supersedes.retracted_at:
            return {"supersedes": _("That report was taken back. Report the month anew.")}
        if any(getattr(self, name) != getattr(self.supersedes, name) for name in ("month", "group", "policy")):
            return {"supersedes": _("A correction is of the same month, contract group and rule.")}
        return {} if self.reason.strip() else {"reason": _("Say what was wrong.")}
