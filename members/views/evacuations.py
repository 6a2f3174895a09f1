"""An evacuation from its first press to its end: activate a plan in three clicks, stand down in two, and log a drill."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from aimprogress.core.exceptions import Conflict
from aimprogress.core.ids import uuid7
from aimprogress.figures.precision import reduced_name
from aimprogress.web.pages import ServicePage
from members.emergency import emergency_numbers
from members.forms.evacuations import ActivationForm, DrillForm, StandDownForm
from members.models import EvacuationPlan, PlanActivation, PlanStatus, Site
from members.notifications import analysts_of, coordinators_of, reporters_of
from members.plan_seen import SeenPlan
from members.rounds import ROUNDS
from members.rows import LEVEL_WORDS
from members.services import evacuations as services
from members.views.plan_work import OwnSite


class ActivatePlan(OwnSite, ServicePage):
    """People leave: who, why, who gets told, what happens then, and one named button."""

    service = services.activate_plan
    form_class = ActivationForm
    template_name = "members/plan_activate.html"
    heading = _("Activate the plan?")
    success_message = _("The plan is active, and a roll call is open. Now count your people.")

    @cached_property
    def plan(self) -> EvacuationPlan | None:
        return EvacuationPlan.objects.filter(site=self.object, status=PlanStatus.APPROVED).select_related("assessment").first()

    def get_initial(self) -> dict[str, Any]:
        return {"plan": self.plan.pk if self.plan else None, "press": uuid7()}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"level": self.object.alert_level}

    def call_service(self, **arguments: Any) -> PlanActivation:
        """A second press of the same button is the evacuation that the first one began."""
        if self.plan is None:
            raise Conflict(_("Only an approved plan can be activated."))
        try:
            return services.activate_plan(plan=self.plan, **arguments)
        except Conflict:
            begun = PlanActivation.objects.filter(pk=arguments["press"], site=self.object).first()
            if begun is None or begun.stood_down_at:
                raise
            return begun

    def get_arguments(self, form: ActivationForm) -> Mapping[str, Any]:
        if self.plan and form.cleaned_data["plan"] != self.plan.pk:
            raise Conflict(_("Another revision was approved meanwhile. Look at this page again."))
        given = form.arguments()
        return given | {"people": given["people"] if given["people"] is not None else self.people(form.cleaned_data["who"])}

    def people(self, who: str) -> int | None:
        """How many leave where nobody said it: what plan and site say; None for parts of a site."""
        known = {"ALL": self.plan.expected_evacuees if self.plan else None, "SHIFT": self.object.largest_shift}
        return known.get(who)

    def get_success_url(self) -> str:
        return reverse("members:site", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, site = timezone.now(), self.object
        return super().get_context_data(
            seen=SeenPlan(self.plan, site, self.actor) if self.plan else None, numbers=emergency_numbers(site.country),
            coordinators=len(coordinators_of(site.organisation_id)), reporters=len(reporters_of(site)),
            analysts=len(analysts_of(site.organisation_id)), level_word=LEVEL_WORDS[site.alert_level],
            roll_calls=[now + after for after in ROUNDS], people={"ALL": self.people("ALL"), "SHIFT": site.largest_shift},
            reduced=_reduced(site), **kwargs,
        )  # fmt: skip


def _reduced(site: Site) -> str:
    """What the secretariat reads of the site."""
    return reduced_name(member=site.organisation.short_name, area=site.admin1.label, ordinal=site.number_in_area)


class StandDown(OwnSite, ServicePage):
    """The end of an evacuation, with what it came to where that is known."""

    service = services.stand_down
    form_class = StandDownForm
    model = PlanActivation
    noun = "activation"
    template_name = "members/plan_stand_down.html"
    heading = _("Stand down?")
    submit = _("Stand down")
    success_message = _("The evacuation has ended.")

    def get_queryset(self) -> QuerySet:
        return PlanActivation.objects.filter(organisation_id=self.actor.organisation_id).select_related("site", "plan")

    def get_back_url(self) -> str:
        return reverse("members:site", args=[self.site.pk])

    def call_service(self, **arguments: Any) -> PlanActivation:
        """A second press by the same person changes nothing and is no mistake."""
        try:
            return super().call_service(**arguments)
        except Conflict:
            if self.object.stood_down_by_id != self.actor.user_id:
                raise
            return self.object


class RecordDrill(OwnSite, ServicePage):
    service = services.record_drill
    form_class = DrillForm
    heading = _("Log a drill")
    submit = _("Log drill")
    success_message = _("The drill was logged.")

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("instance", None)
        return kwargs
