"""The checklists of a site: what they say, questions, and the signature that lets people return."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.registry import FigureScope, figure_kind, measure
from aimprogress.instruments.definition import Instrument
from aimprogress.instruments.engine import score
from aimprogress.instruments.forms import InstrumentForm
from aimprogress.instruments.models import Assessment
from aimprogress.instruments.rows import group_rows
from aimprogress.web.pages import ActionPage, Column, DetailPage, ListPage, ServicePage
from humanitarian.asked import asked_instrument, rows_of, shown
from humanitarian.filters import AskedSiteFilterSet
from humanitarian.services import checks as services
from humanitarian.services.checks import SITE, against_signing, newest_checks, site_instruments
from members.models import Site
from members.returning import GATES, area_standing, forbidding, left_at
from members.views.sites import SITES, AboutOneSite, BelowSites

SHOWN = 30


class OfChecks(AboutOneSite):
    section = "sites"
    who = "check"
    noun = "check"
    model: Any = Assessment
    sensitive = True
    neutral = _("Checklist")

    def get_queryset(self) -> QuerySet:
        about = Assessment.objects.filter(subject_type=SITE).exclude(site=None)
        return about.select_related("site__organisation", "site__admin1", "site__area", "site__settlement")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [
            (_("Sites"), reverse("members:sites")),
            (self.site_name, reverse("members:site", args=[self.site.pk])),
            (_("Checklists"), reverse("humanitarian:checks", args=[self.site.pk])),
        ]

    def get_lead(self) -> str:
        return self.site_name

    def get_success_url(self) -> str:
        return reverse("humanitarian:check", args=[self.saved.pk])

    @property
    def reads_text(self) -> bool:
        """Notes and evidence name places: the site's own coordinators and reporters read them."""
        own = self.actor.owns(self.site.organisation_id) and self.actor.acts_at(self.site.pk)
        return own and self.actor.may(Permission.SITE_EXACT)


class SiteChecks(OfChecks, DetailPage):
    """Every checklist that is about a site, its newest answers, and the earlier ones."""

    permission = Permission.ASSESSMENT_READ
    model = Site
    noun = "site"
    heading = _("Checklists")
    template_name = "humanitarian/checks.html"

    def get_queryset(self) -> QuerySet:
        return SITES

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return super().get_crumbs()[:-1]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier = Assessment.objects.filter(site=self.site, subject_type=SITE).order_by("-started_at", "-id")[:SHOWN]
        own = self.actor.owns(self.site.organisation_id)
        return super().get_context_data(checks=newest_checks(self.site), earlier=earlier, own=own, **kwargs)


class AskedChecks(BelowSites, ListPage):
    """Every site that is asked for a checklist: how it was answered, and where it is due."""

    permission = Permission.ASSESSMENT_READ
    heading = _("Checklists of sites")
    section = "sites"
    who = "check"
    sensitive = True
    neutral = _("Checklist")
    template_name = "humanitarian/asked_checks.html"
    row_template = "humanitarian/_asked_check_row.html"
    filterset_class = AskedSiteFilterSet
    export_noun = "checklists"
    columns = (Column(_("Site")), Column(_("Met"), "n"), Column(_("Answered")), Column(_("State")))
    empty_heading = _("No site is asked for a checklist")
    empty_text = _("The winter check is asked of open sites in Ukraine that people have not left.")

    @cached_property
    def instrument(self) -> Instrument:
        return asked_instrument()

    def get_queryset(self) -> QuerySet:
        return rows_of(self.instrument)

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return [shown(row, self.actor) for row in rows]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scope = FigureScope()
        found = [(figure_kind(name).title, measure(name, scope)) for name in ("checks.due", "checks.current_rate")]
        return super().get_context_data(figures=found, instrument=self.instrument, **kwargs)


class BeginCheck(OfChecks, ActionPage):
    service = services.begin_check
    model = Site
    noun = "site"
    verb = _("Begin")

    def get_queryset(self) -> QuerySet:
        return SITES.filter(organisation_id=self.actor.organisation_id)

    @property
    def instrument(self) -> Any:
        for one in site_instruments():
            if one.name == self.kwargs["instrument"]:
                return one
        raise Http404

    def get_heading(self) -> str:
        return str(self.instrument.title)

    def get_arguments(self) -> Mapping[str, Any]:
        return {"instrument": self.instrument.name}

    def get_back_url(self) -> str:
        return reverse("humanitarian:checks", args=[self.object.pk])

    def get_success_url(self) -> str:
        return reverse("humanitarian:check_questions", args=[self.saved.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(explanation=self.instrument.intro, **kwargs)


class CheckPage(OfChecks, DetailPage):
    permission = Permission.ASSESSMENT_READ
    template_name = "humanitarian/check.html"

    def get_heading(self) -> str:
        return str(self.object.definition.title)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        check, own = self.object, self.actor.owns(self.site.organisation_id)
        instrument, answers = check.definition, check.given() if self.reads_text else {}
        result = check.outcome or score(instrument, {})
        gates = check.instrument == GATES
        return super().get_context_data(
            own=own, instrument=instrument, result=result, groups=group_rows(instrument, result, answers), gates=gates,
            area=area_standing(self.site) if gates and own else None,
            against=forbidding(check) if gates and own and not check.used_at else [],
            valid=check.is_valid_at(timezone.now()), outlived=gates and self.is_outlived(), **kwargs,
        )  # fmt: skip

    def is_outlived(self) -> bool:
        """Whether people left again after these gates were signed."""
        left = left_at(self.site, timezone.now()) if self.object.signed_at else None
        return left is not None and self.object.signed_at <= left


class AnswerCheck(OfChecks, ServicePage):
    service = services.answer_check
    template_name = "humanitarian/check_questions.html"
    success_message = _("The answers were stored.")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(organisation_id=self.actor.organisation_id)

    def get_heading(self) -> str:
        return str(self.object.definition.title)

    def get_form_class(self) -> type[InstrumentForm]:
        return InstrumentForm

    def get_form(self, form_class: Any = None) -> InstrumentForm:
        data = self.request.POST if self.request.method == "POST" else None
        return InstrumentForm(self.object.definition, data, answers=self.object.given())

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return {"answers": form.given_answers()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        gates = self.object.instrument == GATES
        return super().get_context_data(
            instrument=self.object.definition, area=area_standing(self.site) if gates else None,
            back_url=reverse("humanitarian:check", args=[self.object.pk]), **kwargs,
        )  # fmt: skip


class SignForm(forms.Form):
    worker_rep = forms.CharField(
        label=_("Who of the workers' side signs too (a role, no name)"), max_length=80, required=False,
        help_text=_("A representative of the union or an elected one."),
    )  # fmt: skip
    no_worker_rep_because = forms.CharField(label=_("Or why nobody does"), max_length=200, required=False)


class SignReturn(OfChecks, ServicePage):
    """The coordinator signs the ten gates. From then on, and for 30 days, the site may be reported as operating."""

    service = services.sign_return
    form_class = SignForm
    template_name = "humanitarian/check_sign.html"
    heading = _("Sign the return to work")
    submit = _("Sign")
    success_message = _("The return is signed. The site may be reported as operating within 30 days.")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(organisation_id=self.actor.organisation_id, instrument=GATES)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(against=against_signing(self.object), result=self.object.outcome, **kwargs)
