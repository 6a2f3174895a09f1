"""Calls of the AIM-Progress team with several members: invited on an agenda, under the statement on competition law."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms import BaseForm
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.web.forms import DateInput
from aimprogress.web.pages import ActionPage, ServicePage
from members.competition import STATEMENT
from members.models import Meeting, Organisation
from members.services import meetings as services
from members.views.meetings import OfMeetings


class ConveneForm(forms.ModelForm):
    members = forms.ModelMultipleChoiceField(
        label=_("Members"), queryset=Organisation.objects.none(), widget=forms.CheckboxSelectMultiple,
        help_text=_("Two or more. Each reads its own part only, and not who the others are."),
    )  # fmt: skip

    class Meta:
        model = Meeting
        fields = ["members", "held_on", "kind", "topic", "agenda", "participants"]
        widgets = {"held_on": DateInput(), "agenda": forms.Textarea(attrs={"rows": "6"})}
        help_texts = {"agenda": _("Approved before. Safety and rights of people only: nothing about trade.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = {"kind": Organisation.Kind.MEMBER, "status": Organisation.Status.ACTIVE}
        self.fields["members"].queryset = Organisation.objects.filter(**active).order_by("short_name")
        self.fields["agenda"].required = True
        self.fields["participants"].label = _("Who takes part (roles, no names)")


class ConveneCall(OfMeetings, ServicePage):
    """The team invites several members on an agenda; each gets a part of its own."""

    service = services.convene_call
    form_class = ConveneForm
    model = None
    heading = _("Call with several members")
    submit = _("Invite them")
    success_message = _("The members were invited.")

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"members": list(form.cleaned_data["members"])}

    def get_success_url(self) -> str:
        return reverse("members:meeting", args=[self.saved[0].pk])


class _OfCall(OfMeetings):
    """An act about a call with several members."""

    object: Any

    def get_queryset(self) -> QuerySet:
        return Meeting.objects.filter(call__isnull=False)

    def get_lead(self) -> str:
        return self.object.topic

    def get_back_url(self) -> str:
        return reverse("members:meeting", args=[self.object.pk])

    def get_success_url(self) -> str:
        return self.get_back_url()


class AcceptStatement(_OfCall, ActionPage):
    service = services.accept_statement
    question = _("Do you accept the statement on competition law?")
    explanation = STATEMENT
    verb = _("We accept it")
    success_message = _("Accepted.")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(organisation_id=self.actor.organisation_id)


class StopForm(forms.Form):
    reason = forms.CharField(
        label=_("What was off the agenda"), max_length=200, help_text=_("Name the kind of thing, do not repeat it.")
    )


class StopCall(_OfCall, ServicePage):
    """Off the agenda: the call is over for everybody in it, and it is logged who said so first."""

    service = services.stop_call
    form_class = StopForm
    heading = _("Stop the call: off the agenda")
    submit = _("Stop the call")
    success_message = _("The call is stopped, and everybody in it is told.")

    def call_service(self, **arguments: Any) -> Any:
        return type(self).service(meeting_id=self.object.pk, **arguments)


class MoveForm(forms.ModelForm):
    class Meta:
        model = Meeting
        fields = ["held_on", "topic", "agenda"]
        widgets = ConveneForm.Meta.widgets
        help_texts = {"agenda": _("Another agenda is accepted by every member again.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agenda"].required = True


class MoveCall(_OfCall, ServicePage):
    """Another day, topic or agenda of a call that is still to come, for all who are invited."""

    service = services.move_call
    form_class = MoveForm
    heading = _("Change the call")
    success_message = _("The call was changed, and every member of it is told.")

    def call_service(self, **arguments: Any) -> Any:
        return type(self).service(meeting_id=self.object.pk, **arguments)


class CallOff(_OfCall, ActionPage):
    """The call is not held; it stays in the list and says so."""

    service = services.call_off
    question = _("Call the call off?")
    explanation = _("Every member of it is told. It stays in the list.")
    verb = _("Call it off")
    danger = True
    success_message = _("The call was called off, and every member of it is told.")

    def call_service(self, **arguments: Any) -> Any:
        return type(self).service(meeting_id=self.object.pk)


class MinutesForm(forms.Form):
    notes = forms.CharField(
        label=_("What was said to all"), max_length=8000, widget=forms.Textarea(attrs={"rows": "10"}),
        help_text=_("Every member of the call reads this. No names of people or members, no exact places."),
    )  # fmt: skip


class WriteMinutes(_OfCall, ServicePage):
    service = services.write_minutes
    form_class = MinutesForm
    heading = _("Write the minutes")
    success_message = _("The minutes stand with every member of the call.")

    def get_initial(self) -> dict[str, Any]:
        return {"notes": self.object.notes}

    def call_service(self, **arguments: Any) -> Any:
        return type(self).service(meeting_id=self.object.pk, **arguments)
