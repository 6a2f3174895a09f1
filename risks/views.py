"""The register of human-rights issues: heat map, list, one issue, and its forms."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.forms import BaseForm
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.registry import list_link
from aimprogress.places.countries import COUNTRY_CHOICES, country_name
from aimprogress.web.pages import Column, DetailPage, ListPage, ServicePage
from members.models import Organisation, Site
from risks.codes import CATALOGUE, GROUPS, RIGHTS
from risks.filters import RightsIssueFilterSet
from risks.models import RightsIssue
from risks.rows import shown_title
from risks.saliency import Band, band_of_cell, severity_text
from risks.services import issues as services
from risks.words import BAND_WORDS, LIKELIHOOD_WORDS, SEVERITY_WORDS

STEPS = [(n, n) for n in range(1, 6)]
HEAT = {Band.LOW: "h1", Band.MEDIUM: "h2", Band.HIGH: "h4", Band.CRITICAL: "h5"}


class IssueForm(forms.ModelForm):
    """An issue and its four inputs. Nothing is preselected: a default score would be a claim."""

    catalogue = forms.ChoiceField(
        label=_("Kind of issue"),
        required=False,
        choices=[("", "—"), *[(code, format_lazy("{} · {}", code, words)) for code, (words, _r) in CATALOGUE.items()]],
    )
    rights = forms.MultipleChoiceField(label=_("Rights"), choices=RIGHTS, required=False, widget=forms.CheckboxSelectMultiple)
    groups = forms.MultipleChoiceField(
        label=_("People affected"), choices=GROUPS, required=False, widget=forms.CheckboxSelectMultiple
    )
    country = forms.ChoiceField(label=_("Country"), choices=[("", "—"), *COUNTRY_CHOICES], required=False)
    scale = forms.TypedChoiceField(
        label=_("Scale: how grave for one person?"), choices=STEPS, coerce=int, widget=forms.RadioSelect,
        help_text=_("1 a nuisance · 3 income, health or family life clearly affected · 5 death, torture, forced labour"),
    )  # fmt: skip
    scope = forms.TypedChoiceField(
        label=_("Scope: how many people?"), choices=STEPS, coerce=int, widget=forms.RadioSelect,
        help_text=_("1 up to 5 people · 2 up to 50 · 3 up to 250 · 4 up to 1,000 · 5 more, or more than half of the group"),
    )  # fmt: skip
    irremediability = forms.TypedChoiceField(
        label=_("Irremediability: can it be put right?"), choices=STEPS, coerce=int, widget=forms.RadioSelect,
        help_text=_("1 within days · 2 within three months · 3 within a year · 4 only partly · 5 never"),
    )  # fmt: skip
    likelihood = forms.TypedChoiceField(
        label=_("Likelihood in the next twelve months"), choices=STEPS, coerce=int, widget=forms.RadioSelect,
        help_text=_("1 below 5 % · 2 up to 20 % · 3 up to 50 % · 4 up to 80 % · 5 above, or it is happening"),
    )  # fmt: skip

    class Meta:
        model = RightsIssue
        fields = [
            "title", "catalogue", "rights", "groups", "country", "site", "is_actual", "scale", "scope", "irremediability",
            "likelihood",
            "conflict_driver", "involvement", "ihl_relevant", "owner_role", "narrative",
        ]  # fmt: skip
        labels = {"site": _("Site")}

    def __init__(self, *args: Any, sites: QuerySet, needs_site: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites
        self.fields["site"].required = needs_site


class StateForm(forms.ModelForm):
    class Meta:
        model = RightsIssue
        fields = ["status", "closed_reason"]


class SalientForm(forms.Form):
    salient = forms.TypedChoiceField(
        label=_("Is it salient?"), choices=[("yes", _("Salient")), ("no", _("Not salient"))], coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class OfIssues:
    section = "risks"
    who = "issue"
    noun = "issue"
    sensitive = True
    neutral = _("Risks")
    actor: Any

    def mine(self) -> QuerySet:
        return RightsIssue.objects.filter(organisation_id=self.actor.organisation_id)


class IssueList(OfIssues, ListPage):
    """Heat map and list; a square of the map is a filter of the list."""

    permission = Permission.ISSUE_READ
    heading = _("Risks to people")
    template_name = "risks/issue_list.html"
    row_template = "risks/_issue_row.html"
    filterset_class = RightsIssueFilterSet
    export_noun = "rights-issues"
    queryset = RightsIssue.objects.select_related("organisation")
    orderings = {"score": ("-score", "id"), "review": ("next_review_on", "id")}
    columns = (
        Column(_("Issue"), ordering="score"),
        Column(_("Severity"), "n"),
        Column(_("Likelihood"), "n"),
        Column(_("Score"), "n"),
        Column(_("Involvement")),
        Column(_("Next review"), ordering="review"),
    )
    empty_heading = _("No issue yet")
    empty_text = _("An issue is a harm to people that happens or may happen through what a company does, buys or belongs to.")

    def get_empty_action(self) -> tuple[Any, str] | None:
        return (_("Add an issue"), reverse("risks:issue_add")) if self.actor.may(Permission.ISSUE_RAISE) else None

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        for issue in rows:
            issue.own = self.actor.owns(issue.organisation_id)
            issue.shown = shown_title(issue)
            issue.band_word = BAND_WORDS[Band(issue.band)]
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            heat=heat_map(), likelihoods=list(LIKELIHOOD_WORDS.items()), today=timezone.localdate(), **kwargs
        )


def heat_map() -> list[dict[str, Any]]:
    """Five rows from grave to slight; each square with its count, band and the link to its list. Open issues only."""
    open_issues = RightsIssue.objects.exclude(status=RightsIssue.Status.CLOSED).order_by()
    counted = open_issues.values_list("severity_level", "effective_likelihood").annotate(n=Count("pk"))
    counts = {(severity, likelihood): n for severity, likelihood, n in counted}
    rows = []
    for severity in range(5, 0, -1):
        cells = []
        for likelihood in range(1, 6):
            band = band_of_cell(severity, likelihood)
            cells.append(
                {
                    "count": counts.get((severity, likelihood), 0), "band": BAND_WORDS[band], "heat": HEAT[band],
                    "likelihood": LIKELIHOOD_WORDS[likelihood],
                    "link": list_link(reverse("risks:issues"), severity=severity, likelihood=likelihood, closed="false"),
                }
            )  # fmt: skip
        rows.append({"severity": severity, "word": SEVERITY_WORDS[severity], "cells": cells})
    return rows


class IssuePage(OfIssues, DetailPage):
    permission = Permission.ISSUE_READ
    template_name = "risks/issue.html"
    queryset = RightsIssue.objects.select_related("organisation", "site")

    def get_heading(self) -> str:
        return shown_title(self.object)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Risks"), reverse("risks:issues"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        issue = self.object
        words = severity_text(issue.scale, issue.scope, issue.irremediability, issue.likelihood, is_actual=issue.is_actual)
        rights, groups = dict(RIGHTS), dict(GROUPS)
        return super().get_context_data(
            own=self.actor.owns(issue.organisation_id), severity_text=words, band_word=BAND_WORDS[Band(issue.band)],
            rights=[rights[code] for code in issue.rights if code in rights],
            groups=[groups[code] for code in issue.groups if code in groups],
            country=country_name(issue.country) if issue.country else "", today=timezone.localdate(), **kwargs,
        )  # fmt: skip


class AddIssue(OfIssues, ServicePage):
    """Coordinators add to the register; a site reporter raises an issue of an own site, and does not read the register."""

    service = services.raise_issue
    form_class = IssueForm
    heading = _("Add an issue")
    submit = _("Add")
    success_message = _("The issue was added.")

    def get_form_kwargs(self) -> dict[str, Any]:
        sites = Site.objects.filter(organisation_id=self.actor.organisation_id)
        if self.actor.reports_at is None:
            return super().get_form_kwargs() | {"sites": sites}
        return super().get_form_kwargs() | {"sites": sites.filter(pk__in=self.actor.reports_at), "needs_site": True}

    def get_initial(self) -> dict[str, Any]:
        return {"site": self.request.GET["site"]} if self.request.GET.get("site") else {}

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}

    def get_success_url(self) -> str:
        if self.actor.may(Permission.ISSUE_READ):
            return reverse("risks:issue", args=[self.saved.pk])
        return reverse("members:site", args=[self.saved.site_id])


class OneIssue(OfIssues):
    """A form about an issue of the own organisation."""

    model = RightsIssue
    object: RightsIssue

    def get_queryset(self) -> QuerySet:
        return self.mine()

    def get_lead(self) -> str:
        return self.object.title

    def get_success_url(self) -> str:
        return reverse("risks:issue", args=[self.object.pk])


class AssessIssue(OneIssue, AddIssue):
    service = services.assess_issue
    heading = _("Assess again")
    submit = _("Save the assessment")
    success_message = _("The issue was assessed again.")

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.cleaned_data


class ChangeIssueState(OneIssue, ServicePage):
    service = services.assess_issue
    form_class = StateForm
    heading = _("Open, manage or close")
    success_message = _("The state was changed.")


class MarkSalient(OneIssue, ServicePage):
    service = services.mark_salient
    form_class = SalientForm
    heading = _("Salient or not")
    success_message = _("This was noted.")

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        if "salient" not in form.cleaned_data:
            raise ValidationError({"salient": _("Choose one.")})
        return form.cleaned_data
