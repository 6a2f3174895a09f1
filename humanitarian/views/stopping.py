"""Suspending, closing or selling a site: one guided page for the status and for what has to be settled for the people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.forms import BaseForm
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.instruments.engine import load
from aimprogress.instruments.forms import InstrumentForm, Question
from aimprogress.web.drafts import typed_before
from aimprogress.web.forms import DateInput
from aimprogress.web.pages import ServicePage
from aimprogress.web.services import forget_draft
from humanitarian.services.stopping import STOPPING, Owner, stop_work
from humanitarian.views.checks import CheckPage, OfChecks
from members.forms.sites import StatusForm, lasting, status_arguments
from members.models import STOPPED, Operational, Reason, Site

SETTLED_WITHIN = timedelta(days=7)
OWNERS = {
    "1": _("Site manager"), "2": _("Site manager"), "3": _("HR lead"), "4": _("HR lead"), "5": _("HSE lead"), "6": _("HSE lead"),
    "7": _("HR lead"), "8": _("Site manager"),
}  # fmt: skip
"""Who usually settles a question; the page offers it and takes another."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A question with the fields that say who settles it where it is open."""

    question: Question
    owner: forms.BoundField
    due_on: forms.BoundField


class StopWorkForm(InstrumentForm):
    """The status, the eight questions, and for each that is open an owner and a day.

    `typed` is what stood in the form of a plain status that led here.
    """

    def __init__(self, data: Any = None, *, site: Site, typed: QueryDict | None = None) -> None:
        super().__init__(load(STOPPING), data)
        labels = dict(Operational.choices)
        self.status = StatusForm(may_end=True).fields | {
            "operational": forms.ChoiceField(
                label=_("The site is"), choices=[(code, labels[code]) for code in STOPPED], widget=forms.RadioSelect
            ),
            "reason": forms.ChoiceField(label=_("Reason"), choices=[("", "—"), *Reason.choices]),
        }
        self.fields |= self.status
        self.initial |= {"operational": site.current_operational, "reason": site.current_reason} | lasting(site)
        if typed:
            self.initial |= {name: field.widget.value_from_datadict(typed, {}, name) for name, field in self.status.items()}
        due_on = timezone.localdate() + SETTLED_WITHIN
        for slot in self.slots:
            self.fields[f"{slot.key}-owner"] = forms.CharField(
                label=_("If it is open: who settles it (a role)"), max_length=80, required=False, initial=OWNERS.get(slot.key, "")
            )
            self.fields[f"{slot.key}-due_on"] = forms.DateField(
                label=_("Until"), required=False, widget=DateInput(), initial=due_on
            )

    @property
    def status_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.status if name not in self.beside]

    @property
    def further_are_wrong(self) -> bool:
        return any(name in self.errors for name in self.beside)

    @property
    def further_fields(self) -> list[forms.BoundField]:
        """How else the site is: seldom part of the decision, and left as it was where nobody changes it."""
        return [self[name] for name in self.beside]

    @property
    def beside(self) -> list[str]:
        return [name for name in self.status if name not in ("operational", "reason", "observed_at", "note")]

    def owned(self) -> Iterator[tuple[Any, list[Owned]]]:
        """The questions under their headings, each with its owner."""
        for group in self.groups():
            keys = [question.item.code for question in group.questions]
            pairs = zip(keys, group.questions, strict=True)
            yield group, [Owned(question, self[f"{key}-owner"], self[f"{key}-due_on"]) for key, question in pairs]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for slot in self.slots:
            named = cleaned.get(f"{slot.key}-owner") and cleaned.get(f"{slot.key}-due_on")
            if cleaned.get(slot.key) not in ("SETTLED", "NA") and not named:
                self.add_error(f"{slot.key}-owner", _("Say who settles this, and until when."))
        return cleaned

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        owners = {
            slot.key: Owner(data[f"{slot.key}-owner"], data[f"{slot.key}-due_on"])
            for slot in self.slots
            if data[f"{slot.key}-owner"] and data[f"{slot.key}-due_on"]
        }
        return {"answers": self.given_answers(), "owners": owners} | status_arguments({name: data[name] for name in self.status})


class StopWork(OfChecks, ServicePage):
    """One page: how work stops and why, what is settled, and who settles the rest."""

    service = stop_work
    model = Site
    noun = "site"
    who = "stop"
    neutral = _("Site")
    template_name = "humanitarian/stop_work.html"
    heading = _("Stop work at this site")
    submit = _("Log the stop, open the actions")
    success_message = _("The stop was logged, and what is open became actions.")

    def get_queryset(self) -> Any:
        return Site.objects.select_related("organisation", "admin1").filter(organisation_id=self.actor.organisation_id)

    def get_form_class(self) -> type[StopWorkForm]:
        return StopWorkForm

    def get_form(self, form_class: Any = None) -> StopWorkForm:
        if self.request.method == "POST":
            return StopWorkForm(self.request.POST, site=self.object)
        return StopWorkForm(site=self.object, typed=typed_before(self.request))

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return super().get_crumbs()[:-1]

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.arguments()

    def form_valid(self, form: BaseForm) -> HttpResponse:
        response = super().form_valid(form)
        if response.status_code < 400:
            forget_draft(url=self.request.path)
        return response

    def get_success_url(self) -> str:
        return reverse("humanitarian:stop", args=[self.saved.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("members:site", args=[self.object.pk])
        return super().get_context_data(instrument=load(STOPPING), back_url=back, **kwargs)


class StopPage(CheckPage):
    """What was settled when work stopped, and the actions for the rest. For the member alone, until it says otherwise."""

    who = "stop"

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(instrument=STOPPING)
