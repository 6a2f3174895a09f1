"""The bar under the list of actions: the chosen rows change alike after a look at what will change, and back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.web.chosen import chosen_of
from aimprogress.web.forms import DateInput
from aimprogress.web.notices import notice
from aimprogress.web.pages import CONFLICT, NOT_PROCESSABLE, ActionPage, Guarded
from aimprogress.web.templatetags.portal import day
from humanitarian.filters import SafetyActionFilterSet
from humanitarian.models import ActionBatch, SafetyAction
from humanitarian.models.action import ActionSentence
from humanitarian.services import actions as services
from humanitarian.views.actions import OfActions


class BulkForm(forms.Form):
    """What the chosen actions should get; what is left empty stays as it is."""

    status = forms.ChoiceField(label=_("New status"), choices=[("", _("as it is")), *SafetyAction.Status.choices], required=False)
    blocked_by = forms.CharField(label=_("What blocks it, or why it is cancelled"), max_length=200, required=False)
    owner_role = forms.CharField(label=_("New owner (a role, no name)"), max_length=80, required=False)
    due_on = forms.DateField(label=_("New day"), required=False, widget=DateInput())

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or self.cleaned_data
        if clean.get("status") == SafetyAction.Status.BLOCKED and not clean.get("blocked_by"):
            self.add_error("blocked_by", ActionSentence.WHAT_BLOCKS)
        if clean.get("status") == SafetyAction.Status.CANCELLED and not clean.get("blocked_by"):
            self.add_error("blocked_by", ActionSentence.WHY_CANCELLED)
        return clean

    def fields_to_set(self) -> dict[str, Any]:
        """The arguments of the service. Only after `is_valid()`."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class _OfChosen(OfActions, Guarded):
    """The rows whose boxes are ticked, of the own organisation, and the way back to the list."""

    permission = Permission.ACTION_EDIT
    heading = _("Change several actions")
    http_method_names = ["post"]
    request: HttpRequest

    def chosen(self) -> list[SafetyAction]:
        """Raises ValidationError where none is chosen that can be found, or more than can be looked at together."""
        said, kind = self.request.POST, SafetyActionFilterSet
        found = list(chosen_of(self.own_actions(), said, filterset_class=kind, request=self.request))
        if not found:
            raise ValidationError(_("Choose at least one action."))
        return found

    @property
    def back(self) -> str:
        url = self.request.POST.get("next", "")
        return url if url_has_allowed_host_and_scheme(url, {self.request.get_host()}) else reverse("humanitarian:actions")

    def send_back(self, words: str, undo_url: str = "") -> HttpResponse:
        notice(self.request, words, undo_url=undo_url)
        return HttpResponseRedirect(self.back)


class ChangeActions(_OfChosen, TemplateView):
    """First a page that shows each action before and after; "Change them" on it does it. Then a notice with the way back."""

    template_name = "humanitarian/actions_change.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            chosen = self.chosen()
        except ValidationError as error:
            return self.send_back(" ".join(error.messages))
        form = BulkForm(request.POST)
        if not form.is_valid():
            return self.preview(chosen, form, status=NOT_PROCESSABLE)
        if request.POST.get("do") != "change":
            return self.preview(chosen, form)
        seen = dict(part.rsplit(":", 1) for part in request.POST.getlist("seen") if ":" in part)
        versions = {pk: int(version) for pk, version in seen.items() if version.isdecimal() and len(version) < 9}
        try:
            batch = services.change_actions(actions=chosen, seen=versions, **form.fields_to_set())
        except (ValidationError, Conflict) as error:
            words = getattr(error, "messages", None) or [str(error)]
            return self.preview(chosen, form, problems=words, status=CONFLICT if isinstance(error, Conflict) else NOT_PROCESSABLE)
        count = len(batch.before)
        words = ngettext("%(n)s action was changed.", "%(n)s actions were changed.", count) % {"n": count}
        return self.send_back(words, undo_url=reverse("humanitarian:actions_undo", args=[batch.pk]))

    def preview(self, chosen: list[SafetyAction], form: BulkForm, *, status: int = 200, **more: Any) -> HttpResponse:
        given = {name: value for name, value in form.cleaned_data.items() if value}
        lines = [(action, differences(action, given)) for action in chosen]
        changing = sum(bool(changes) for _action, changes in lines)
        done = given.get("status") == SafetyAction.Status.DONE
        unproved = sum(not (action.evidence or action.evidence_file_id) for action in chosen) if done else 0
        context = {"form": form, "lines": lines, "back": self.back, "changing": changing, "unproved": unproved} | more
        return self.render_to_response(self.get_context_data(**context), status=status)


def differences(action: SafetyAction, given: Mapping[str, Any]) -> list[tuple[Any, Any, Any]]:
    """What would change: (what, before, after), in words."""
    words = dict(SafetyAction.Status.choices)
    labels = {
        "status": _("Status"), "blocked_by": _("What blocks it, or why it is cancelled"), "owner_role": _("Who"),
        "due_on": _("Until"),
    }  # fmt: skip
    found = []
    for name, label in labels.items():
        before, after = getattr(action, name), given.get(name)
        if after and after != before:
            found.append(
                (label, *(day(value) if isinstance(value, date) else words.get(value, value) for value in (before, after)))
            )
    return found


class RemindOwners(_OfChosen, TemplateView):
    """Ask the people at the sites of the chosen actions to sign in. A mail has no way back, and says nothing."""

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            sites = services.remind_owners(actions=self.chosen())
        except ValidationError as error:
            return self.send_back(" ".join(error.messages))
        words = ngettext(
            "The people at %(n)s site are asked to sign in.", "The people at %(n)s sites are asked to sign in.", len(sites)
        )
        return self.send_back(words % {"n": len(sites)})


class UndoChange(OfActions, ActionPage):
    """Take a bulk change back."""

    service = services.undo_action_batch
    model = ActionBatch
    noun = "batch"
    question = _("Take this change back?")
    explanation = _("The actions get back what they were. One that somebody changed since stays as it is.")
    verb = _("Take it back")

    def get_queryset(self) -> QuerySet:
        return ActionBatch.objects.filter(organisation_id=self.actor.organisation_id)

    def get_back_url(self) -> str:
        return reverse("humanitarian:actions")

    def get_success_url(self) -> str:
        return reverse("humanitarian:actions")

    def get_success_message(self, saved: list[SafetyAction]) -> str:
        back, all_of_them = len(saved), len(self.object.before)
        if back == all_of_them:
            return ngettext("%(n)s action is as it was before.", "%(n)s actions are as they were before.", back) % {"n": back}
        return ngettext(
            "%(n)s of %(all)s actions is as it was before; the others were changed since.",
            "%(n)s of %(all)s actions are as they were before; the others were changed since.", back,
        ) % {"n": back, "all": all_of_them}  # fmt: skip
