"""From a row of the first page: remind a site, call it, hand it to a colleague. Each comes back to the first page."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.figures.registry import FigureScope
from aimprogress.web.chosen import chosen_of, ids_of
from aimprogress.web.notices import notice
from aimprogress.web.pages import ActionPage, ServicePage
from members.desk import followed_up_by, late_to_remind, numbers_of
from members.filters import SiteFilterSet
from members.forms.chase import HandOverForm, HandOverSitesForm, SiteCallForm
from members.late import URGENT_LEVEL
from members.models import Site, SiteCall, SiteCare
from members.quiet import is_quiet
from members.rows import SITE_ROWS
from members.services import chase as services
from members.views.home import late_of
from members.views.sites import OfSite


class _FromTheFirstPage:
    sensitive = True
    section = "overview"
    who = "site"

    request: HttpRequest

    def get_back_url(self) -> str:
        """The page that sent here, if it is one of ours, else the first page."""
        return self.back_to("members:overview")

    def back_to(self, usual: str) -> str:
        url = self.request.POST.get("next", "") or self.request.GET.get("next", "")
        return url if url_has_allowed_host_and_scheme(url, {self.request.get_host()}) else reverse(usual)

    def get_success_url(self) -> str:
        return self.get_back_url()


class _OfChosenSites(_FromTheFirstPage):
    """Sites that were chosen in their list (web/chosen.py)."""

    actor: Actor

    def own_sites(self) -> QuerySet:
        return Site.objects.open().filter(organisation_id=self.actor.organisation_id)

    def from_the_list(self) -> QuerySet:
        """Raises ValidationError where that is more than can be looked at together."""
        return chosen_of(self.own_sites(), self.request.GET, filterset_class=SiteFilterSet, request=self.request)


class RemindSites(_OfChosenSites, ActionPage):
    """Ask the reporters of one site, or of all that are late, to check in. A mail has no way back, and says nothing."""

    service = services.remind_sites
    neutral = _("Overview")
    template_name = "members/remind.html"
    question = _("Ask these sites to check in?")
    explanation = _(
        "Their reporters get one mail that says only that something waits. At night it waits for the morning, unless the site is "
        "in danger. Nothing goes to sites with the safety profile."
    )
    verb = _("Remind")

    def get_arguments(self) -> dict[str, Any]:
        return {"sites": self.chosen}

    @cached_property
    def chosen(self) -> list[UUID]:
        """The sites that the form or the address names; text that is no id names none. `late`: all that are late by now."""
        found = list(self.from_the_list().values_list("pk", flat=True)) if self.request.method != "POST" else []
        if "late" in self.request.POST or "late" in self.request.GET:
            country = self.request.POST.get("country", "") or self.request.GET.get("country", "")
            own = frozenset({self.actor.organisation_id})
            found += late_to_remind(late_of(FigureScope(organisations=own, country=country or None)), self.actor)
        return found + ids_of([*self.request.POST.getlist("site"), *self.request.GET.getlist("site")])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            chosen = self.chosen
        except ValidationError as error:
            return super().get_context_data(problems=error.messages, too_many=True, explanation="", not_offered=True, **kwargs)
        rows = SITE_ROWS.values(Site.objects.filter(pk__in=chosen))
        sites = [SITE_ROWS.present(row, self.actor) for row in rows]
        if not sites:
            kwargs |= {"explanation": "", "not_offered": True}
        return super().get_context_data(sites=sites, **kwargs)

    def get_success_message(self, saved: services.Reminded) -> str:
        now, before, nobody = (len(sites) for sites in (saved.now, saved.before, saved.nobody))
        said = []
        if now:
            asked = ngettext("The reporters of %(n)s site are asked to check in.",
                             "The reporters of %(n)s sites are asked to check in.", now) % {"n": now}  # fmt: skip
            said.append(asked)
        if is_quiet(timezone.now()) and any(one.site.alert_level < URGENT_LEVEL for one in saved.now):
            said.append(gettext("Where nobody is in danger the mail goes out in the morning."))
        if before:
            said.append(ngettext("%(n)s site was reminded a short while ago already.",
                                 "%(n)s sites were reminded a short while ago already.", before) % {"n": before})  # fmt: skip
        if nobody:
            said.append(ngettext("At %(n)s site nobody may be mailed: call.",
                                 "At %(n)s sites nobody may be mailed: call.", nobody) % {"n": nobody})  # fmt: skip
        return " ".join(said)


class CallSite(_FromTheFirstPage, OfSite, ServicePage):
    """The numbers of one site, and a form for what was heard."""

    service = services.note_call
    form_class = SiteCallForm
    template_name = "members/site_call.html"
    heading = _("Call the site")
    neutral = _("Calls")
    section = "overview"
    who = "calls"
    submit = _("Note the call")
    success_message = _("The call was noted.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        site = self.object
        trees, listed = ({}, []) if site.safety_profile else numbers_of([site.pk], self.actor)
        last = SiteCall.objects.filter(site=site).kept()[:3]
        return super().get_context_data(numbers=trees.get(site.pk, []), listed=listed, calls=last, **kwargs)

    def get_undo_url(self, saved: SiteCall) -> str:
        return reverse("members:site_call_undo", args=[saved.pk])


class UndoSiteCall(_FromTheFirstPage, ActionPage):
    """Take a noted call back, with the report that it made."""

    service = services.undo_site_call
    model = SiteCall
    noun = "call"
    neutral = _("Calls")
    question = _("Take this call back?")
    explanation = _("The report that it made is taken back with it. Both stay in the log.")
    verb = _("Take back")
    success_message = _("The call was taken back.")

    def get_queryset(self) -> QuerySet:
        return SiteCall.objects.filter(organisation_id=self.actor.organisation_id).select_related("site", "bulk")

    def get_lead(self) -> str:
        return f"{self.object.site}: {self.object.get_heard_display()}"


class HandOver(_FromTheFirstPage, OfSite, ServicePage):
    """Give a site, and what is open there, into the hands of another coordinator."""

    service = services.hand_over_site
    form_class = HandOverForm
    template_name = "members/hand_over.html"
    heading = _("Hand the site over")
    submit = _("Hand over")

    def get_form_kwargs(self) -> dict[str, Any]:
        mine = Site.objects.open().filter(followed_up_by("me", self.actor))
        return super().get_form_kwargs() | {"site": self.object, "mine": mine}

    def get_arguments(self, form: Any) -> dict[str, Any]:
        said = form.cleaned_data
        also = [site.pk for site in said.get("also", ())]
        return {"user": said["user"], "note": said["note"], "also": also}

    def get_success_message(self, saved: SiteCare | Site) -> str:
        if isinstance(saved, Site):
            return gettext("Every coordinator follows the site up again.")
        return gettext("The site was handed over. Who follows it up from now on was told.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        care = SiteCare.objects.filter(site=self.object).in_force().select_related("user").first()
        return super().get_context_data(care=care, **kwargs)


class HandOverSites(_OfChosenSites, ServicePage):
    """The same for several sites that were chosen in the list: each can be left out again before it is stored."""

    service = services.hand_over_site
    form_class = HandOverSitesForm
    template_name = "members/hand_over_sites.html"
    heading = _("Hand several sites over")
    neutral = _("Sites")
    section = "sites"
    submit = _("Hand over")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Sites"), self.get_back_url())]

    def get_back_url(self) -> str:
        return self.back_to("members:sites")

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            self.chosen = self.from_the_list()
        except ValidationError as error:
            return self.send_back(" ".join(error.messages))
        if not self.chosen.exists():
            return self.send_back(gettext("Choose at least one site."))
        return super().get(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        self.chosen = self.own_sites().filter(pk__in=ids_of(request.POST.getlist("sites")))
        return super().post(request)

    def send_back(self, words: str) -> HttpResponse:
        notice(self.request, words)
        return HttpResponseRedirect(self.get_back_url())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organisation_id": self.actor.organisation_id, "chosen": self.chosen}

    def get_initial(self) -> dict[str, Any]:
        return {"sites": self.chosen}

    def get_arguments(self, form: HandOverSitesForm) -> dict[str, Any]:
        said = form.cleaned_data
        first, *others = said["sites"]
        return {"site": first, "also": [site.pk for site in others], "user": said["user"], "note": said["note"]}

    def get_success_message(self, saved: SiteCare | Site) -> str:
        if isinstance(saved, Site):
            return gettext("Every coordinator follows these sites up again.")
        return gettext("The sites were handed over. Who follows them up from now on was told.")
