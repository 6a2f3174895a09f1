"""One report for many sites, in two steps: what is said, and then which sites it would change, each with its box."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aimprogress.figures.freshness import Fact, in_bands
from aimprogress.web.pages import ActionPage, ServicePage
from members.forms.bulk import BulkForm
from members.models import BulkCheckIn, Operational, Site
from members.services.bulk import MOST_SITES, check_in_together, planned, undo_bulk_check_in
from members.standing import LATE


class CheckInTogether(ServicePage):
    service = check_in_together
    form_class = BulkForm
    template_name = "members/bulk_check_in.html"
    sensitive = True
    heading = _("One report for many sites")
    neutral = _("Sites")
    section = "sites"
    who = "site"
    submit = _("Show what it would change")

    def sites(self) -> QuerySet:
        """The sites that the reader may report about."""
        mine = Site.objects.open().filter(organisation_id=self.actor.organisation_id)
        return mine if self.actor.reports_at is None else mine.filter(pk__in=self.actor.reports_at)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Sites"), reverse("members:sites"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"sites": self.sites()}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        if self.request.POST.get("do") == "apply":
            return super().form_valid(form)
        return self.render_to_response(self.get_context_data(form=form))

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.arguments() | {"sites": self.chosen()}

    def chosen(self) -> list[UUID]:
        """The boxes that were ticked; text that is no id names no site."""
        found = []
        for text in self.request.POST.getlist("site"):
            try:
                found.append(UUID(text))
            except ValueError:
                continue
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        if form.is_bound and hasattr(form, "cleaned_data") and not form.errors.keys() - {"__all__"}:
            context |= self.preview(form)
        return context

    def preview(self, form: BulkForm) -> dict[str, Any]:
        """What the report would do at each site, those that it cannot change last."""
        said, now = form.arguments(), timezone.now()
        sites = self.sites().order_by("country", "name", "id")
        if form.cleaned_data["admin1"]:
            sites = sites.filter(admin1=form.cleaned_data["admin1"])
        if form.cleaned_data["only_late"]:
            sites = sites.filter(in_bands(LATE, Fact.STATUS, now=now))
        plan = planned(
            sites[:MOST_SITES], operational=said["operational"], observed_at=said["observed_at"], reason=said["reason"]
        )  # fmt: skip
        words, applied = dict(Operational.choices), self.request.POST.get("do") == "apply"
        chosen = set(self.chosen())
        rows = [(one, words.get(one.before, ""), words.get(one.after, ""), not applied or one.site.pk in chosen) for one in plan]
        return {"plan": sorted(rows, key=lambda row: bool(row[0].refusal)), "observed_at": said["observed_at"]}

    def get_success_message(self, saved: BulkCheckIn) -> str:
        return ngettext("%(n)s site was reported.", "%(n)s sites were reported.", saved.sites) % {"n": saved.sites}

    def get_success_url(self) -> str:
        return reverse("members:sites")

    def get_undo_url(self, saved: BulkCheckIn) -> str:
        return reverse("members:bulk_undo", args=[saved.pk])


class UndoCheckInTogether(ActionPage):
    service = undo_bulk_check_in
    model = BulkCheckIn
    noun = "bulk"
    sensitive = True
    who = "site"
    neutral = _("Sites")
    section = "sites"
    question = _("Take the report of all these sites back?")
    verb = _("Take back")
    success_message = _("The report was taken back at every site.")

    def get_lead(self) -> str:
        return ngettext("%(n)s site", "%(n)s sites", self.object.sites) % {"n": self.object.sites}

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(organisation_id=self.actor.organisation_id)

    def get_back_url(self) -> str:
        return reverse("members:sites")

    def get_success_url(self) -> str:
        return self.get_back_url()
