"""The duty roster, for the coordinator."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.web.pages import ActionPage, ServicePage
from members.forms.devices import DutyTurnForm
from members.models import DutyTurn
from members.services import duty as services
from members.views.accounts import OfPeople


class Roster(OfPeople, ServicePage):
    """Who is asked when somebody needs help, in this order, and a form to add one."""

    service = services.add_duty_turn
    form_class = DutyTurnForm
    template_name = "members/duty_roster.html"
    heading = _("Duty roster")
    submit = _("Add to the roster")
    success_message = _("Added.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organisation": self.organisation}

    def get_arguments(self, form: DutyTurnForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"organisation": self.organisation}

    def get_success_url(self) -> str:
        return reverse("members:duty_roster")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        turns = DutyTurn.objects.filter(organisation_id=self.actor.organisation_id).select_related("user")
        on_duty = set(turns.on_duty(timezone.localdate()).values_list("pk", flat=True))
        return super().get_context_data(turns=[(turn, turn.pk in on_duty) for turn in turns], **kwargs)


class OfTurn(OfPeople, ActionPage):
    """What is done to one turn."""

    model = DutyTurn
    noun = "turn"
    object: DutyTurn

    def get_queryset(self) -> QuerySet[DutyTurn]:
        return DutyTurn.objects.filter(organisation_id=self.actor.organisation_id)

    def get_back_url(self) -> str:
        return reverse("members:duty_roster")

    def get_success_url(self) -> str:
        return self.get_back_url()


class RaiseTurn(OfTurn):
    """One place up."""

    service = services.raise_duty_turn
    question = _("Ask this one earlier?")
    verb = _("One place up")


class RemoveTurn(OfTurn):
    """Off the roster."""

    service = services.remove_duty_turn
    question = _("Take this turn off the roster?")
    explanation = _("Who was asked already stays written.")
    verb = _("Take it off")
    success_message = _("Taken off the roster.")
