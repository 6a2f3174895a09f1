"""Who is asked when somebody needs help, in which order, and who was asked."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import ROLE_NAMES, Role
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedManager, ScopedModel, ScopedQuerySet

from .fact import CheckIn
from .organisation import RoleGrant

ANSWERING = (Role.MEMBER_COORDINATOR,)
"""The roles that can acknowledge a call for help at every site; a reporter sees the own sites only."""


class DutyTurnQuerySet(ScopedQuerySet):
    def on_duty(self, day: date) -> "DutyTurnQuerySet":
        """Those whose turn covers the day and who can still answer, in the order in which they are asked.

        Who lost the role, or is cut off, would be waited for ten minutes for nothing.
        """
        begun, not_over = Q(from_on=None) | Q(from_on__lte=day), Q(until_on=None) | Q(until_on__gte=day)
        grants = RoleGrant.objects.in_force().filter(role__in=ANSWERING, user__is_active=True)
        answers = Exists(grants.filter(organisation_id=OuterRef("organisation_id"), user_id=OuterRef("user_id")))
        return self.filter(begun, not_over, answers).order_by("position", "id")


class DutyTurn(ScopedModel):
    """A place on the duty roster of a member. Pages show its role words, never a name."""

    data_class = DataClass.SAFETY

    user = models.ForeignKey("members.User", on_delete=models.CASCADE, related_name="+", verbose_name=_("account"))
    label = models.CharField(_("who that is"), max_length=60, help_text=_("A role, such as “regional HSE lead”; no name."))
    position = models.PositiveSmallIntegerField(default=0)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)

    objects = ScopedManager.from_queryset(DutyTurnQuerySet)()
    unscoped = models.Manager()

    class Meta:
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["organisation", "position", "id"])]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        if self.from_on and self.until_on and self.until_on < self.from_on:
            raise ValidationError({"until_on": _("This lies before the first day.")})


class HelpCall(ScopedModel):
    """Somebody was asked to look at a call for help. Never changed: the screen of who called shows it."""

    data_class = DataClass.SAFETY

    check_in = ScopedForeignKey(CheckIn, related_name="help_calls")
    user = models.ForeignKey("members.User", null=True, on_delete=models.SET_NULL, related_name="+")
    label = models.CharField(max_length=60)  # the words of the roster, or the value of a role
    called_at = models.DateTimeField(default=timezone.now)
    mailed = models.BooleanField(default=False)  # the mail server took the mail; whether somebody read it, nobody knows

    class Meta:
        ordering = ["called_at", "id"]
        constraints = [models.UniqueConstraint(fields=["organisation", "check_in", "user"], name="called_once_for_help")]

    def __str__(self) -> str:
        return self.label

    @property
    def who(self) -> str:
        """Who that is, in the language of the reader; no name."""
        return str(ROLE_NAMES[Role(self.label)]) if self.label in set(Role) else self.label
