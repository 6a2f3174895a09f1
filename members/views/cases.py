"""The support desk: the list of cases, one with its conversation, asking, answering, handling, and answers kept for next time."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.forms import BaseForm
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission, Role
from aimprogress.web.pages import Column, DetailPage, ListPage, ServicePage
from members.guidance import Item, find, library
from members.guidance_seen import applied_at
from members.models import CaseMessage, Meeting, Organisation, ReusableAnswer, RoleGrant, Site, SupportCase, Topic, User
from members.rows import SITE_ROWS
from members.services import cases as services
from members.support_filters import CaseFilterSet, ReusableAnswerFilterSet
from members.support_rows import CASE_ROWS, REUSABLE_ANSWER_ROWS

NO_NAMES = _("No names of people, no exact places.")
LONG = forms.Textarea(attrs={"rows": "8"})
Status, Category = SupportCase.Status, SupportCase.Category
OFFERED = 8
TOPIC_OF = {
    Category.SAFETY: Topic.SHELTER, Category.EVACUATION: Topic.EVACUATION, Category.HRDD: Topic.RIGHTS, Category.EXIT: Topic.EXIT,
    Category.SUPPLIER: Topic.SUPPLY, Category.LABOUR_EXPLOITATION: Topic.RECRUITMENT, Category.LEGAL_POINTER: Topic.LAW,
    Category.HUMANITARIAN_PARTNER: Topic.AID, Category.DATA: Topic.DATA,
}  # fmt: skip
ANSWERS_WITH = (Status.WAITING_MEMBER, Status.IN_PROGRESS, Status.WAITING_EXTERNAL, Status.RESOLVED)


def as_uuid(text: str) -> UUID | None:
    """An id of a query string; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


class OfCases:
    section = "support"
    sensitive = True
    neutral = _("Support")
    who = "case"
    noun = "case"
    model = SupportCase

    def get_crumbs(self) -> list[tuple[Any, str]]:
        cases = [(_("Cases"), reverse("members:cases"))] if self.actor.may(Permission.CASE_READ) else []
        return [(_("Support"), reverse("members:support")), *cases]

    def get_success_url(self) -> str:
        return reverse("members:case", args=[self.object.pk])


class CaseList(OfCases, ListPage):
    """Cases with their clock: for the desk those whose answer is due first, for a member the newest."""

    permission = Permission.CASE_READ
    heading = _("Support cases")
    template_name = "members/case_list.html"
    row_template = "members/_case_row.html"
    filterset_class = CaseFilterSet
    export_noun = "support-cases"
    orderings = {"newest": ("-opened_at", "-id"), "due": ("due_at", "id")}
    columns = (
        Column(_("Case"), ordering="newest"),
        Column(_("About")),
        Column(_("Status")),
        Column(_("Answer due"), ordering="due"),
        Column(_("Who")),
    )
    empty_heading = _("No cases yet")
    empty_text = _("Ask AIM-Progress about safety, evacuation, due diligence, or anything else. Each urgency has its own clock.")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Support"), reverse("members:support"))]

    def get_queryset(self) -> QuerySet:
        return CASE_ROWS.values(SupportCase.objects.all())

    def get_ordering(self) -> tuple[str, Sequence[str]]:
        usual = "due" if self.actor.is_secretariat and "ordering" not in self.request.GET else ""
        return (usual, self.orderings[usual]) if usual else super().get_ordering()

    def get_empty_action(self) -> tuple[Any, str] | None:
        return (_("Ask for support"), reverse("members:case_add")) if self.actor.may(Permission.CASE_OPEN) else None

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        statuses, categories, now = dict(Status.choices), dict(SupportCase.Category.choices), timezone.now()
        return [
            CASE_ROWS.present(row, self.actor)
            | {
                "status_word": statuses[row["status"]], "category_word": categories[row["category"]],
                "is_late": row["due_at"] is not None and row["due_at"] < now, "is_paused": row["clock_left"] is not None,
            }
            for row in rows
        ]  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        views = [("open", _("Open")), ("late", _("Overdue")), ("mine", _("Mine")), ("ended", _("Ended"))]
        return super().get_context_data(views=views, chosen=self.request.GET.get("state", ""), **kwargs)


class CaseForm(forms.ModelForm):
    text = forms.CharField(label=_("What do you need?"), max_length=4000, widget=LONG, help_text=NO_NAMES)
    site = forms.ModelChoiceField(label=_("Site"), queryset=Site.objects.none(), required=False)

    class Meta:
        model = SupportCase
        fields = ["urgency", "category", "site", "summary"]
        widgets = {"urgency": forms.RadioSelect}
        help_texts = {"summary": NO_NAMES}

    def __init__(self, *args: Any, sites: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites


class OpenCase(OfCases, ServicePage):
    service = services.open_case
    form_class = CaseForm
    model = None
    template_name = "members/case_form.html"
    heading = _("Ask for support")
    submit = _("Send to AIM-Progress")
    success_message = _("Sent. AIM-Progress and your coordinators are told.")

    def get_form_kwargs(self) -> dict[str, Any]:
        sites = Site.objects.filter(organisation_id=self.actor.organisation_id).open().order_by("name", "id")
        if self.actor.reports_at is not None:
            sites = sites.filter(pk__in=self.actor.reports_at)
        return super().get_form_kwargs() | {"sites": sites}

    def get_initial(self) -> dict[str, Any]:
        return {"site": self.request.GET.get("site", "")}

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}

    def get_success_url(self) -> str:
        reads = self.actor.may(Permission.CASE_READ)
        return reverse("members:case", args=[self.saved.pk]) if reads else reverse("members:support")


class WriteForm(forms.Form):
    text = forms.CharField(label=_("Message"), max_length=4000, widget=LONG, help_text=NO_NAMES)


class AnswerForm(WriteForm):
    """The desk's: with the status that follows."""

    status = forms.ChoiceField(label=_("Then the case"), choices=[(one.value, one.label) for one in ANSWERS_WITH])


class CasePage(OfCases, DetailPage):
    """The conversation, the clock, and the box for the next message."""

    permission = Permission.CASE_READ
    queryset = SupportCase.objects.select_related("organisation", "handler")
    template_name = "members/case.html"

    def get_heading(self) -> str:
        return self.object.summary

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case, desk = self.object, self.actor.is_secretariat
        may_write = self.actor.may(Permission.CASE_WRITE)
        return super().get_context_data(
            thread=list(CaseMessage.objects.filter(case=case)), is_late=case.due_at is not None and case.due_at < timezone.now(),
            desk=desk, form=answer_form(self) if may_write else None, site=self.site_name(),
            answers=ReusableAnswer.objects.filter(category=case.category)[:20] if desk and may_write else [],
            guidance=guidance_for(case, self.actor) if desk and may_write else [],
            meetings=Meeting.objects.filter(case=case)[:20], may_close=may_write and not desk and case.status != Status.CLOSED,
            **kwargs,
        )  # fmt: skip

    def site_name(self) -> str:
        if self.object.site_id is None:
            return ""
        row = SITE_ROWS.values(Site.objects.filter(pk=self.object.site_id)).first()
        return SITE_ROWS.present(row, self.actor)["name"] if row else ""


def answer_form(page: Any) -> forms.Form:
    """The box for the next message; for the desk filled with the kept answer that the url names."""
    if not page.actor.is_secretariat:
        return WriteForm()
    get = page.request.GET
    kept = ReusableAnswer.objects.filter(pk=as_uuid(get.get("answer", ""))).values_list("text", flat=True).first()
    item = library().get(get.get("guidance", ""))
    return AnswerForm(initial={"text": kept or (f"{item.title} ({item.publisher})\n{item.link}" if item else "")})


def guidance_for(case: SupportCase, actor: Actor) -> list[Item]:
    """What of the library to point to: what applies at the site now, then what is about the same."""
    site = Site.objects.select_related("area", "admin1").filter(pk=case.site_id).first() if case.site_id else None
    here = [one.item for one in applied_at(site, actor)] if site else []
    about = find(topic=TOPIC_OF[case.category]) if case.category in TOPIC_OF else []
    return list({item.code: item for item in [*here, *about]}.values())[:OFFERED]


class _ByCaseId(OfCases, ServicePage):
    """A form about a case, handed to a service that takes its id: the desk writes into rows that it does not own."""

    def call_service(self, **arguments: Any) -> Any:
        return type(self).service(case_id=self.object.pk, **arguments)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [*super().get_crumbs(), (str(self.object), reverse("members:case", args=[self.object.pk]))]


class WriteToCase(_ByCaseId):
    service = services.write_to_case
    heading = _("Write a message")
    submit = _("Send")
    success_message = _("Sent.")

    def get_form_class(self) -> type[forms.Form]:
        return AnswerForm if self.actor.is_secretariat else WriteForm


class HandleForm(forms.ModelForm):
    handler = forms.ModelChoiceField(label=_("Who of the team takes it"), queryset=User.objects.none(), required=False)

    class Meta:
        model = SupportCase
        fields = ["status", "urgency", "handler", "outcome"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grants = RoleGrant.objects.in_force().filter(role=Role.AIM_ANALYST)
        self.fields["handler"].queryset = User.objects.filter(pk__in=grants.values("user_id"), is_active=True).order_by("email")


class HandleCase(_ByCaseId):
    service = services.handle_case
    form_class = HandleForm
    heading = _("Handle the case")
    success_message = _("The case was changed.")


class CloseForm(forms.Form):
    satisfaction = forms.TypedChoiceField(
        label=_("How well did it help?"), choices=[("", _("No answer")), *((n, str(n)) for n in range(1, 6))], coerce=int,
        empty_value=None, required=False, help_text=_("1: not at all, 5: fully."),
    )  # fmt: skip
    may_be_generalised = forms.BooleanField(
        label=_("AIM-Progress may make a note for all members from it, without our name"), required=False
    )


class CloseCase(_ByCaseId):
    service = services.close_case
    form_class = CloseForm
    heading = _("Close the case")
    submit = _("Close")
    success_message = _("The case is closed. A new message opens it again.")


class AnswerList(ListPage):
    """Answers that the desk gives again."""

    permission = Permission.CASE_HANDLE
    heading = _("Answers kept")
    section = "support"
    template_name = "members/answer_list.html"
    row_template = "members/_answer_row.html"
    filterset_class = ReusableAnswerFilterSet
    orderings = {"about": ("category", "title", "id")}
    columns = (Column(_("Answer")), Column(_("About")), Column(_("Language")))
    empty_heading = _("No answers are kept yet")
    empty_text = _("Keep an answer that fits the next question as well. It names no member.")
    empty_action = (_("Keep an answer"), "/support/answers/add/")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Support"), reverse("members:support"))]

    def get_queryset(self) -> QuerySet:
        return REUSABLE_ANSWER_ROWS.values(ReusableAnswer.objects.filter(organisation_id=self.actor.organisation_id))

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        words = dict(SupportCase.Category.choices)
        return [row | {"category_word": words[row["category"]]} for row in rows]


class AnswerKeepForm(forms.ModelForm):
    class Meta:
        model = ReusableAnswer
        fields = ["title", "category", "language", "text"]
        widgets = {"text": LONG}
        help_texts = {"text": _("It names no member, no person and no place.")}


class KeepAnswer(ServicePage):
    service = services.keep_answer
    form_class = AnswerKeepForm
    section = "support"
    noun = "answer"
    heading = _("Keep an answer")
    success_message = _("The answer is kept.")
    success_url = "/support/answers/"

    def get_initial(self) -> dict[str, Any]:
        """A message of the desk, where the url names one: it becomes the next answer."""
        said = self.said()
        return {"text": said.text, "category": said.case.category} if said else {}

    def get_form(self, form_class: Any = None) -> forms.BaseForm:
        form, said = super().get_form(form_class), self.said()
        if said and not said.case.may_be_generalised:
            form.fields["text"].help_text = _(
                "The member did not agree to a note of this case: keep only what is true for everybody."
            )
        return form

    def said(self) -> CaseMessage | None:
        asked = as_uuid(self.request.GET.get("message", ""))
        return CaseMessage.objects.filter(by_desk=True, pk=asked).select_related("case").first()


class ChangeAnswer(KeepAnswer):
    service = services.keep_answer
    heading = _("Change the answer")
    model = ReusableAnswer

    def get_queryset(self) -> QuerySet:
        return ReusableAnswer.objects.filter(organisation_id=self.actor.organisation_id)

    def get_initial(self) -> dict[str, Any]:
        return {}
