"""Plans to read: both plans of a site, one plan, its places on demand, what changed, and the sites without a good one."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from aimprogress.core.audit import record
from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import as_of, moment
from aimprogress.web.looking_back import LooksBack
from aimprogress.web.pages import Column, DetailPage, Guarded, ListPage, object_in_scope
from members.filters import SiteFilterSet
from members.models import CommunicationPlan, Drill, EvacuationPlan, PlanActivation, PlanStatus
from members.models.plan import Plan
from members.plan_changes import changes
from members.plan_gaps import sites_with_gaps, with_plans, without_a_way_to_reach_people
from members.plan_seen import NAMES, SeenPlan, drilling_of, seen_in_force, url_of
from members.planning import Sight, sight_of
from members.rows import LEVEL_WORDS, SITE_ROWS
from members.views.sites import SITES, AboutOneSite, BelowSites

REVISIONS = 30
READ: dict[type[Plan], str] = {EvacuationPlan: "members.read_plan_places", CommunicationPlan: "members.read_call_numbers"}
"""What the audit trail calls a look at a plan's encrypted lists."""


class AboutPlans(AboutOneSite):
    """What every page about plans says: sensitive, a neutral title, the way back to the site."""

    permission = Permission.PLAN_READ
    sensitive = True
    neutral = _("Plan")
    section = "sites"
    who = "plan"

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Sites"), reverse("members:sites")), (self.site_name, reverse("members:site", args=[self.site.pk]))]


class SitePlans(AboutPlans, DetailPage):
    """Both plans of a site with all their revisions, the drills and the evacuations."""

    queryset = SITES
    noun = "site"
    heading = _("Plans")
    template_name = "members/plan_site.html"

    def get_lead(self) -> str:
        return self.site_name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        site = self.object
        plans = seen_in_force(site, self.actor)
        own = sight_of(self.actor, site) is Sight.TEXT
        return super().get_context_data(
            plans=plans, missing=[model for model in NAMES if not any(isinstance(seen.plan, model) for seen in plans)],
            kinds=[self.kind(model) for model in NAMES], drilling=drilling_of(site), reads_text=own,
            drills=Drill.objects.filter(site=site)[:REVISIONS] if own else [],
            activations=PlanActivation.objects.filter(site=site).select_related("plan")[:REVISIONS] if own else [],
            **kwargs,
        )  # fmt: skip

    def kind(self, model: type[Plan]) -> dict[str, Any]:
        name, label = NAMES[model]
        revisions = model.objects.filter(site=self.object).select_related("assessment").order_by("-revision")[:REVISIONS]
        return {
            "name": name, "label": label, "start": reverse(f"members:{name}_start", args=[self.object.pk]),
            "revisions": [SeenPlan(plan, self.object, self.actor) for plan in revisions],
        }  # fmt: skip


class PlanPage(AboutPlans, DetailPage):
    """One revision of a plan. Routes, shelters and meeting points are not in it: they are fetched when asked for."""

    noun = "plan"
    template_name = "members/plan.html"

    def get_queryset(self) -> QuerySet:
        return self.model.objects.select_related("site__organisation", "site__admin1", "assessment")

    @cached_property
    def seen(self) -> SeenPlan:
        return SeenPlan(self.object, self.object.site, self.actor)

    def get_heading(self) -> Any:
        return self.seen.title

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [*super().get_crumbs(), (_("Plans"), reverse("members:site_plans", args=[self.site.pk]))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, shown = self.object, self.seen
        places = self.request.GET.get("show") == "places" and shown.reads_text
        if places:
            record(READ[self.model], subject=plan)
        return super().get_context_data(
            seen=shown, fix_url=shown.urls["questions"] if shown.is_draft and shown.may_edit else "", site=plan.site,
            places=places,
            level_word=LEVEL_WORDS[plan.site.alert_level],
            draft=self.open_draft(), drilling=drilling_of(plan.site), site_name=self.site_name,
            drills=Drill.objects.filter(site=plan.site)[:3] if shown.reads_text and shown.is_evacuation else [],
            revisions=[SeenPlan(one, plan.site, self.actor) for one in self.other_revisions()], **kwargs,
        )  # fmt: skip

    def open_draft(self) -> SeenPlan | None:
        """The draft that waits beside the plan in force."""
        draft = self.model.objects.filter(site=self.site, status=PlanStatus.DRAFT).first()
        return SeenPlan(draft, self.site, self.actor) if draft else None

    def other_revisions(self) -> QuerySet:
        return self.model.objects.filter(site=self.site).select_related("assessment").order_by("-revision")[:10]


class EvacuationPlanPage(PlanPage):
    model = EvacuationPlan


class CommunicationPlanPage(PlanPage):
    model = CommunicationPlan


class PlanPlaces(AboutPlans, Guarded, View):
    """Routes, shelters and meeting points, for htmx; without script the same link opens the plan's page with them."""

    permission = Permission.SITE_EXACT
    model: type[Plan] = EvacuationPlan
    fragment = "members/_plan_places.html"

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        plan = object_in_scope(self.model.objects.select_related("site"), pk=pk)
        seen = SeenPlan(plan, plan.site, self.actor)
        if not seen.reads_text:
            raise PermissionDenied
        if not request.htmx:
            return HttpResponseRedirect(f"{url_of(plan)}?show=places#places")
        record(READ[self.model], subject=plan)
        return render(request, self.fragment, {"plan": plan, "seen": seen, "places": True})


class CallNumbers(PlanPlaces):
    """The call tree with its work numbers, in the same way."""

    model = CommunicationPlan
    fragment = "members/_call_tree.html"


class PlanChanges(PlanPage):
    """What changed from one revision to another, in words; `?from=` names the earlier one."""

    template_name = "members/plan_changes.html"

    def get_heading(self) -> Any:
        return _("What changed")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not self.seen.reads_text:
            raise PermissionDenied
        earlier = list(self.model.objects.filter(site=self.site, revision__lt=self.object.revision).order_by("-revision"))
        asked = self.request.GET.get("from", "")
        before = next((plan for plan in earlier if str(plan.revision) == asked), earlier[0] if earlier else None)
        found = changes(before, self.object, notes=True) if before else []
        return super().get_context_data(before=before, earlier=earlier, changes=found, **kwargs)


class EvacuationPlanChanges(PlanChanges):
    model = EvacuationPlan


class CommunicationPlanChanges(PlanChanges):
    model = CommunicationPlan


class PlanGaps(LooksBack, BelowSites, AboutPlans, ListPage):
    """Open sites without an adequate evacuation plan that is in date, and what is missing as far as the reader may know."""

    heading = _("Sites without an adequate evacuation plan")
    neutral = _("Plans")
    filterset_class = SiteFilterSet
    template_name = "members/plan_gaps.html"
    row_template = "members/_plan_gap_row.html"
    export_noun = "plan-gaps"
    columns = (Column(_("Site")), Column(_("Alert")), Column(_("Plan")), Column(_("What is missing")), Column(_("Review")),
               Column(_("Drill")))  # fmt: skip
    empty_heading = _("Every open site has an adequate plan")
    # xgettext:no-python-format
    empty_text = _("A plan is adequate from 85 % of its questions, with every critical one met and its review in date.")

    def get_queryset(self) -> QuerySet:
        return SITE_ROWS.values(sites_with_gaps(), also=("organisation__short_name",))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            waiting=self.waiting(), today=timezone.localdate(moment()), unreachable=without_a_way_to_reach_people(), **kwargs
        )

    def waiting(self) -> list[SeenPlan]:
        """Drafts of the own organisation that wait for approval now, for who may approve; nothing waits in the past."""
        if as_of() or not self.actor.may(Permission.PLAN_APPROVE):
            return []
        mine = {"organisation_id": self.actor.organisation_id, "approval_asked_at__isnull": False}
        drafts = [
            plan
            for model in NAMES
            for plan in model.objects.filter(**mine)
            .select_related("site", "assessment")
            .order_by("approval_asked_at")[:REVISIONS]
        ]
        return [SeenPlan(plan, plan.site, self.actor) for plan in drafts]

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return with_plans(rows, self.actor)
