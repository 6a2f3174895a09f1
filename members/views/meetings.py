"""Meetings of the AIM-Progress team with one member, and calls with several."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms import BaseForm
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.web.forms import DateInput
from aimprogress.web.pages import ActionPage, Column, DetailPage, ListPage, ServicePage
from members.competition import FORBIDDEN, STATEMENT
from members.models import Meeting, MeetingFollowUp, Organisation, SupportCase
from members.services import meetings as services
from members.support_filters import MeetingFilterSet
from members.support_rows import MEETING_ROWS
from members.views.cases import as_uuid


class OfMeetings:
    section = "support"
    sensitive = True
    neutral = _("Support")
    who = "meeting"
    noun = "meeting"
    model = Meeting

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Support"), reverse("members:support")), (_("Meetings"), reverse("members:meetings"))]


class MeetingList(OfMeetings, ListPage):
    permission = Permission.MEETING_READ
    heading = _("Meetings")
    template_name = "members/meeting_list.html"
    row_template = "members/_meeting_row.html"
    filterset_class = MeetingFilterSet
    export_noun = "meetings"
    orderings = {"newest": ("-held_on", "-id")}
    columns = (Column(_("Meeting")), Column(_("Date")), Column(_("Who took part")), Column(_("Open"), "n"))
    empty_heading = _("No meetings yet")
    empty_text = _("Write down what was said with AIM-Progress and what follows. Roles, no names.")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Support"), reverse("members:support"))]

    def get_queryset(self) -> QuerySet:
        return MEETING_ROWS.values(Meeting.objects.all())

    def get_empty_action(self) -> tuple[Any, str] | None:
        may = self.actor.may(Permission.MEETING_KEEP)
        return (_("Write down a meeting"), reverse("members:meeting_add")) if may else None

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return [MEETING_ROWS.present(row, self.actor) for row in rows]


class MeetingPage(OfMeetings, DetailPage):
    permission = Permission.MEETING_READ
    queryset = Meeting.objects.select_related("organisation", "case")
    template_name = "members/meeting.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        agreed = [
            (one, one.done_at is None and one.due_on < today) for one in MeetingFollowUp.objects.filter(meeting=self.object)
        ]
        form = FollowUpForm() if self.actor.may(Permission.MEETING_KEEP) else None
        return super().get_context_data(agreed=agreed, form=form, **self.of_a_call(), **kwargs)

    def of_a_call(self) -> dict[str, Any]:
        """What a call with several members shows: to a member its own part, to the team all of them."""
        meeting, team = self.object, self.actor.is_secretariat
        if meeting.call is None:
            return {"reads_notes": True}
        convenes = self.actor.may(Permission.MEETING_CONVENE)
        may_accept = self.actor.may(Permission.MEETING_ACCEPT) and meeting.accepted_at is None
        parts = Meeting.objects.filter(call=meeting.call).select_related("organisation").order_by("organisation__short_name")
        return {
            "reads_notes": team or meeting.accepted_at is not None, "statement": STATEMENT, "forbidden": FORBIDDEN,
            "may_accept": may_accept and not meeting.called_off_at,
            "may_stop": self.actor.may(Permission.MEETING_KEEP) and not (meeting.stopped_at or meeting.called_off_at),
            "parts": list(parts) if team else [], "may_write": convenes and meeting.may_be_minuted,
            "may_move": convenes and meeting.is_to_come,
        }  # fmt: skip


class FollowUpForm(forms.ModelForm):
    class Meta:
        model = MeetingFollowUp
        fields = ["what", "owner_role", "due_on"]
        widgets = {"due_on": DateInput()}


class MeetingForm(forms.ModelForm):
    organisation = forms.ModelChoiceField(label=_("Member"), queryset=Organisation.objects.none())
    case = forms.ModelChoiceField(label=_("Case"), queryset=SupportCase.objects.none(), required=False)

    class Meta:
        model = Meeting
        fields = ["organisation", "held_on", "kind", "topic", "participants", "notes", "case"]
        widgets = {"held_on": DateInput(), "notes": forms.Textarea(attrs={"rows": "8"})}
        help_texts = {"notes": _("No names of people, no exact places. Nothing about other members.")}

    def __init__(self, *args: Any, members: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = members
        self.fields["case"].queryset = SupportCase.objects.open().order_by("-opened_at", "-id")


class KeepMeeting(OfMeetings, ServicePage):
    service = services.keep_meeting
    form_class = MeetingForm
    model = None
    heading = _("Write down a meeting")
    success_message = _("The meeting was kept. Add what was agreed.")

    def get_form_kwargs(self) -> dict[str, Any]:
        members = Organisation.objects.filter(kind=Organisation.Kind.MEMBER)
        if not self.actor.is_secretariat:
            members = members.filter(pk=self.actor.organisation_id)
        return super().get_form_kwargs() | {"members": members}

    def get_initial(self) -> dict[str, Any]:
        case = SupportCase.objects.filter(pk=as_uuid(self.request.GET.get("case", ""))).first()
        own = None if self.actor.is_secretariat else self.actor.organisation_id
        return {"held_on": timezone.localdate(), "organisation": case.organisation_id if case else own, "case": case}

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        clean = dict(form.cleaned_data)
        return clean | {"organisation_id": clean.pop("organisation").pk}

    def call_service(self, **arguments: Any) -> Any:
        case = arguments.pop("case", None)
        return type(self).service(case_id=case.pk if case else None, **arguments)

    def get_success_url(self) -> str:
        return reverse("members:meeting", args=[self.saved.pk])


class AddFollowUp(OfMeetings, ServicePage):
    service = services.add_follow_up
    form_class = FollowUpForm
    heading = _("Add what was agreed")
    submit = _("Add")
    success_message = _("Added.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {name: value for name, value in super().get_form_kwargs().items() if name != "instance"}

    def call_service(self, **arguments: Any) -> Any:
        return type(self).service(meeting_id=self.object.pk, **arguments)

    def get_success_url(self) -> str:
        return reverse("members:meeting", args=[self.object.pk])


class SettleFollowUp(OfMeetings, ActionPage):
    service = services.settle_follow_up
    model = MeetingFollowUp
    noun = "follow_up"
    question = _("Is it done?")
    verb = _("Done")
    success_message = _("Marked as done.")

    def call_service(self, **arguments: Any) -> Any:
        return type(self).service(follow_up_id=self.object.pk)

    def get_back_url(self) -> str:
        return reverse("members:meeting", args=[self.object.meeting_id])

    def get_success_url(self) -> str:
        return self.get_back_url()
