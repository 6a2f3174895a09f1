"""The support section: the guidance library, one item of it, and what a site did about what applies to it now."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from aimprogress.core.permissions import Permission
from aimprogress.places.area_status import statuses_on
from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.web.pages import DetailPage, Guarded, Page, ServicePage
from members.bulletins import waiting_for
from members.emergency import emergency_numbers
from members.guidance import Item, facts_of, find, library, library_version
from members.guidance_seen import applied_at
from members.models import Bulletin, GuidanceMark, MeetingFollowUp, Site, SupportCase, Topic
from members.rows import SITE_ROWS
from members.services import support
from members.views.sites import OfSite

MOST_SITES = 200
SHOWN = 5


def item_or_404(code: str) -> Item:
    try:
        return library()[code]
    except KeyError:
        raise Http404 from None


class Support(Page):
    """The first page of the section: what is there, and where to go."""

    permission = Permission.GUIDANCE_READ
    heading = _("Support")
    section = "support"
    template_name = "members/support.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What is open for the reader; three short lists."""
        actor = self.actor
        waiting = waiting_for(actor.user_id, actor.organisation_id) if actor.may(Permission.BULLETIN_CONFIRM) else []
        cases = SupportCase.objects.open().select_related("organisation").order_by("due_at", "id")[:SHOWN]
        agreed = MeetingFollowUp.objects.open().order_by("due_on", "id")[:SHOWN]
        return super().get_context_data(
            items=len(library()), bulletins=Bulletin.objects.in_force()[:SHOWN], waiting={one.pk for one in waiting},
            cases=cases if actor.may(Permission.CASE_READ) else None, now=timezone.now(),
            agreed=agreed if actor.may(Permission.MEETING_READ) else None, **kwargs,
        )  # fmt: skip


class LibraryForm(forms.Form):
    """What to look for. A wrong value is an error beside its field."""

    q = forms.CharField(label=_("Words"), max_length=100, required=False)
    topic = forms.ChoiceField(label=_("Topic"), choices=[("", _("All")), *Topic.choices], required=False)
    country = forms.ChoiceField(label=_("Country"), choices=[("", _("All")), *COUNTRY_CHOICES], required=False)
    language = forms.ChoiceField(label=_("Language of the publication"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {
            code: name for item in library().values() for code, name in zip(item.languages, item.language_names, strict=True)
        }
        self.fields["language"].choices = [("", _("All")), *sorted(names.items())]


class OfGuidance:
    section = "support"

    def get_crumbs(self) -> list[tuple[Any, str]]:
        crumbs: list[tuple[Any, str]] = [(_("Support"), reverse("members:support"))]
        return [*crumbs, (_("Guidance"), reverse("members:guidance"))] if isinstance(self, ItemPage) else crumbs


class Library(OfGuidance, Guarded, TemplateView):
    """All items, filtered by the url."""

    permission = Permission.GUIDANCE_READ
    heading = _("Guidance")
    template_name = "members/guidance.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = LibraryForm(self.request.GET)
        items: Iterable[Item] = find(**form.cleaned_data) if form.is_valid() else []
        asked = any(self.request.GET.get(name) for name in form.fields)
        return super().get_context_data(form=form, items=items, asked=asked, version=library_version(), **kwargs)


class ItemPage(OfGuidance, Guarded, TemplateView):
    """One item, where it applies, and what the own sites said about it."""

    permission = Permission.GUIDANCE_READ
    template_name = "members/guidance_item.html"

    @cached_property
    def item(self) -> Item:
        return item_or_404(self.kwargs["code"])

    def get_heading(self) -> str:
        return self.item.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(item=self.item, sites=self.own_sites(), most=MOST_SITES, **kwargs)

    def own_sites(self) -> list[tuple[Site, GuidanceMark | None]]:
        """The own sites where it applies now, with the last mark of each."""
        if not self.item.when.are_named or not self.actor.may(Permission.SITE_READ) or self.actor.is_secretariat:
            return []
        sites = Site.objects.filter(organisation_id=self.actor.organisation_id).open()
        if self.item.when.countries:
            sites = sites.filter(country__in=self.item.when.countries)
        sites = list(sites.order_by("name", "id")[:MOST_SITES])
        standing = statuses_on({site.area_id or site.admin1_id for site in sites}, timezone.localdate())
        marks = {mark.site_id: mark for mark in GuidanceMark.objects.filter(item=self.item.code).latest()}
        return [
            (site, marks.get(site.pk))
            for site in sites
            if self.item.when.hold(facts_of(site, standing[site.area_id or site.admin1_id].status))
        ]


class SiteGuidance(DetailPage):
    """What applies at one site now, and what was said about it."""

    permission = Permission.GUIDANCE_READ
    sensitive = True
    neutral = _("Guidance")
    section = "sites"
    who = "guidance"
    noun = "site_guidance"
    queryset = Site.objects.select_related("organisation", "admin1", "area")
    template_name = "members/site_guidance.html"
    heading = _("Guidance that applies now")

    @cached_property
    def shown_name(self) -> str:
        return SITE_ROWS.present(SITE_ROWS.values(Site.objects.filter(pk=self.object.pk)).get(), self.actor)["name"]

    def get_lead(self) -> str:
        return self.shown_name

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Sites"), reverse("members:sites")), (self.shown_name, reverse("members:site", args=[self.object.pk]))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = self.actor.owns(self.object.organisation_id)
        return super().get_context_data(
            site=self.object, applied=applied_at(self.object, self.actor), own=own,
            numbers=emergency_numbers(self.object.country),
            may_mark=own and self.actor.may(Permission.GUIDANCE_MARK) and self.actor.acts_at(self.object.pk), **kwargs,
        )  # fmt: skip


class MarkForm(forms.Form):
    mark = forms.ChoiceField(label=_("What did you do about it?"), choices=GuidanceMark.Mark.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Because"),
        max_length=300,
        required=False,
        help_text=_("Needed where it does not apply. No names, no exact places."),
    )


class MarkGuidance(OfSite, ServicePage):
    """Read, done, or not applicable and why."""

    service = support.mark_guidance
    form_class = MarkForm
    template_name = "members/guidance_mark.html"
    heading = _("What did you do about it?")
    who = "guidance"
    success_message = _("Kept.")

    @cached_property
    def item(self) -> Item:
        return item_or_404(self.kwargs["code"])

    def get_queryset(self) -> QuerySet:
        sites = super().get_queryset()
        return sites if self.actor.reports_at is None else sites.filter(pk__in=self.actor.reports_at)

    def get_arguments(self, form: forms.Form) -> Mapping[str, Any]:
        return form.cleaned_data | {"item": self.item.code}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(item=self.item, **kwargs)

    def get_success_url(self) -> str:
        return reverse("members:site_guidance", args=[self.object.pk])
