"""Work on plans: write, answer, approve. Only for the own organisation's own sites."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm, Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from aimprogress.core.audit import record
from aimprogress.instruments.forms import InstrumentForm
from aimprogress.web.pages import ActionPage, ServicePage
from members.forms.plans import PLAN_FORMS
from members.models import CommunicationPlan, EvacuationPlan, PlanStatus, Site
from members.models.plan import Plan
from members.plan_seen import NAMES, SeenPlan, url_of
from members.planning import review_date
from members.rows import LEVEL_WORDS
from members.services import plans as services
from members.views.plans import READ, SITES, AboutPlans


class OwnSite(AboutPlans):
    """A form about a site of the own organisation; for everybody else the site is not there."""

    permission = None  # the service's
    noun = "site"
    model = Site

    def get_queryset(self) -> QuerySet:
        return SITES.filter(organisation_id=self.actor.organisation_id)

    def get_back_url(self) -> str:
        return reverse("members:site_plans", args=[self.site.pk])

    def get_success_url(self) -> str:
        return self.get_back_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given = {"back_url": self.get_back_url(), "site": self.site, "site_name": self.site_name}
        return super().get_context_data(**given | kwargs)


class OwnPlan(OwnSite):
    """A form about a plan of the own organisation."""

    noun = "plan"
    model: type[Plan]

    def get_queryset(self) -> QuerySet:
        return self.model.objects.filter(organisation_id=self.actor.organisation_id).select_related("site", "assessment")

    def get_back_url(self) -> str:
        return url_of(self.object)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [*super().get_crumbs(), (self.object.title, url_of(self.object))]

    @cached_property
    def seen(self) -> SeenPlan:
        return SeenPlan(self.object, self.object.site, self.actor)


class WritesPlan(View):
    """The form of a plan's text. "Add a row" shows it again as typed, with one more row and nothing checked."""

    template_name = "members/plan_form.html"
    plan_model: type[Plan]
    instance: Plan

    def get_form_class(self) -> type[BaseForm]:
        return PLAN_FORMS[self.plan_model]

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"instance": self.get_instance()}
        wanted = self.request.POST.get("do", "").removeprefix("more-")
        if wanted in self.plan_model.lists:
            kwargs["more"] = wanted
        return kwargs

    def get_instance(self) -> Plan:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        instance = self.get_instance()
        if not instance._state.adding:
            record(READ[self.plan_model], subject=instance)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("do", "").startswith("more-"):
            return self.render_to_response(self.get_context_data(form=self.get_form()))
        return super().post(request, *args, **kwargs)

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.arguments()


class StartPlan(OwnSite, WritesPlan, ServicePage):
    """A new revision, beginning with what the last one says. An open draft is continued instead."""

    submit = _("Save as a draft")
    success_message = _("The draft was saved. Now answer the questions.")

    def get_heading(self) -> Any:
        return _("New revision: %(plan)s") % {"plan": NAMES[self.plan_model][1]}

    @cached_property
    def last(self) -> Plan | None:
        return self.plan_model.objects.filter(site=self.object).order_by("-revision").first()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.last and self.last.status == PlanStatus.DRAFT:
            return HttpResponseRedirect(url_of(self.last, "change"))
        return super().get(request, *args, **kwargs)

    def get_instance(self) -> Plan:
        plan = self.plan_model(organisation_id=self.object.organisation_id, site=self.object)
        for name in services.COPIED[self.plan_model] if self.last else ():
            setattr(plan, name, getattr(self.last, name))
        if self.last and self.request.method == "GET":
            record(READ[self.plan_model], subject=self.last)
        return plan

    def get_success_url(self) -> str:
        return url_of(self.saved, "questions")


class StartEvacuationPlan(StartPlan):
    service = services.draft_evacuation_plan
    plan_model = EvacuationPlan


class StartCommunicationPlan(StartPlan):
    service = services.draft_communication_plan
    plan_model = CommunicationPlan


class ChangePlan(OwnPlan, WritesPlan, ServicePage):
    """Change a draft. An approved revision stays as it was approved."""

    service = services.change_plan
    success_message = _("The draft was saved.")

    def get_heading(self) -> Any:
        return _("Change the draft")

    @property
    def plan_model(self) -> type[Plan]:
        return self.model

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.status != PlanStatus.DRAFT:
            return HttpResponseRedirect(reverse(f"members:{NAMES[self.model][0]}_start", args=[self.object.site_id]))
        return super().get(request, *args, **kwargs)

    def get_instance(self) -> Plan:
        return self.object


class ChangeEvacuationPlan(ChangePlan):
    model = EvacuationPlan


class ChangeCommunicationPlan(ChangePlan):
    model = CommunicationPlan


class AnswerPlan(OwnPlan, ServicePage):
    """The questions of the plan's instrument. Nothing is preselected; what is left open is not met."""

    service = services.answer_plan
    template_name = "members/plan_questions.html"
    submit = _("Save the answers")
    success_message = _("The answers were saved.")

    def get_heading(self) -> Any:
        return str(self.seen.instrument.title)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.status != PlanStatus.DRAFT:
            return HttpResponseRedirect(url_of(self.object))
        return super().get(request, *args, **kwargs)

    def get_form(self, form_class: type[Form] | None = None) -> InstrumentForm:
        given = self.object.assessment.given()
        return InstrumentForm(self.seen.instrument, self.request.POST if self.request.method == "POST" else None, answers=given)

    def get_arguments(self, form: InstrumentForm) -> Mapping[str, Any]:
        return {"answers": form.given_answers()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(seen=self.seen, capacity=self.seen.capacity, **kwargs)


class AnswerEvacuationPlan(AnswerPlan):
    model = EvacuationPlan


class AnswerCommunicationPlan(AnswerPlan):
    model = CommunicationPlan


class AskForApproval(OwnPlan, ActionPage):
    """Put a draft forward: those who may approve it are asked to sign in."""

    service = services.ask_for_approval
    question = _("Put this draft forward for approval?")
    explanation = _("Your organisation's other coordinators get a mail without content that asks them to sign in.")
    verb = _("Put it forward")
    success_message = _("The other coordinators were asked.")


class AskForEvacuationPlan(AskForApproval):
    model = EvacuationPlan


class AskForCommunicationPlan(AskForApproval):
    model = CommunicationPlan


class ApprovePlan(OwnPlan, ActionPage):
    """Put a draft in force. What is missing is shown and stays printed on the plan; it does not stop anybody."""

    service = services.approve_plan
    template_name = "members/plan_approve.html"
    question = _("Approve this plan?")
    success_message = _("The plan is in force.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        items = {item.code: item for item in self.seen.instrument.items}
        missing = [items[code] for code in self.seen.result.missing]
        return super().get_context_data(
            seen=self.seen, missing=missing, verb=_("Approve revision %(n)s") % {"n": self.object.revision},
            not_offered=self.seen.needs_another, review_on=review_date(self.site.alert_level, timezone.localdate()),
            level_word=LEVEL_WORDS[self.site.alert_level],
            replaces=self.model.objects.filter(site=self.site, status=PlanStatus.APPROVED).first(), **kwargs,
        )  # fmt: skip


class ApproveEvacuationPlan(ApprovePlan):
    model = EvacuationPlan


class ApproveCommunicationPlan(ApprovePlan):
    model = CommunicationPlan
