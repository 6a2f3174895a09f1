"""What comes in beside the straight way: two answers to one check-in, side by side, and text lines."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from aimprogress.web.pages import ActionPage, ServicePage
from members.forms.devices import TextLineForm
from members.models import CheckIn, Operational, Organisation, OtherAnswers
from members.services.checkins import settle_other_answers
from members.services.lines import confirm_text_line, receive_text_line


class WhichCounts(forms.Form):
    """Pressed, not chosen: each button says which one counts."""

    counts = forms.ChoiceField(choices=[(OtherAnswers.Settled.FIRST, ""), (OtherAnswers.Settled.SECOND, "")])


class CompareAnswers(ServicePage):
    """Both as they were said. Nothing is lost, whatever is decided."""

    service = settle_other_answers
    queryset = OtherAnswers.objects.select_related("site", "check_in")
    noun = "other"
    form_class = WhichCounts
    sensitive = True
    heading = _("One check-in, two answers")
    neutral = _("Follow-ups")
    section = "overview"
    who = "site"
    template_name = "members/compare_answers.html"
    success_message = _("Noted. Both stay in the log.")

    def get_arguments(self, form: WhichCounts) -> Mapping[str, Any]:
        return {"second_counts": form.cleaned_data["counts"] == OtherAnswers.Settled.SECOND}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Follow-ups"), reverse("members:follow_ups"))]

    def get_success_url(self) -> str:
        return reverse("members:follow_ups")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first, second = said(self.object.check_in.answers), said(self.object.answers)
        rows = [(label, first[label], second[label], first[label] != second[label]) for label in first]
        return super().get_context_data(rows=rows, **kwargs)


class EnterTextLine(ServicePage):
    """A coordinator enters the line that a phone without a signal made."""

    service = receive_text_line
    form_class = TextLineForm
    sensitive = True
    heading = _("Enter a text line")
    neutral = _("Follow-ups")
    section = "overview"
    who = "site"
    submit = _("Enter it")

    def get_lead(self) -> Any:
        return _("It counts as second-hand until you have asked back, or the phone itself comes through.")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Follow-ups"), reverse("members:follow_ups"))]

    def get_arguments(self, form: TextLineForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}

    def get_success_message(self, saved: CheckIn) -> Any:
        told = _("Nothing new: this check-in was here already.") if saved.heard_before else _("Entered as second-hand.")
        return f"{told} {saved.site}: {', '.join(said(saved.answers).values())}"

    def get_success_url(self) -> str:
        return reverse("members:follow_ups")


class ConfirmTextLine(ActionPage):
    """Somebody has asked back, and it is so."""

    service = confirm_text_line
    queryset = CheckIn.objects.filter(channel=CheckIn.Channel.LINE).select_related("site")
    noun = "check_in"
    sensitive = True
    who = "site"
    neutral = _("Follow-ups")
    section = "overview"
    question = _("Did a person confirm this line?")
    explanation = _("Call back on a number that you know. From then on it counts as confirmed.")
    verb = _("It is confirmed")
    success_message = _("Noted.")

    def get_back_url(self) -> str:
        return reverse("members:follow_ups")

    def get_success_url(self) -> str:
        return self.get_back_url()


def said(answers: Mapping[str, Any]) -> dict[str, str]:
    """The answers of a check-in in words, by question; the same questions whatever was answered."""
    people = {
        "all": _("Everyone is safe"),
        "reached": _("Everyone reached, otherwise as before"),
        "help": _("Someone needs help"),
    }
    if answers["people"] == "unsure":
        missing = answers["not_reached"]
        people["unsure"] = ngettext("%(n)s person not reached", "%(n)s people not reached", missing) % {"n": missing}
    status = gettext("Nothing has changed") if answers["same"] else ""
    if answers["operational"]:
        status = Operational(answers["operational"]).label
    return {
        gettext("The site is"): str(status) or gettext("not said"),
        gettext("People"): str(people.get(answers["people"], gettext("not said"))),
        gettext("Note"): answers["note"] or gettext("none"),
    }
