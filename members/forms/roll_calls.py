"""What a roll call asks: what happened, what a part of the site says, why it ends."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aimprogress.web.forms import DateTimeInput
from members.forms.sites import StatusForm, told_by_field
from members.models import INCIDENTS, RollCallAnswer


class OpenRollCallForm(forms.Form):
    incident = forms.ChoiceField(label=_("What happened?"), choices=[("", "—"), *INCIDENTS])
    began_at = forms.DateTimeField(
        label=_("When it happened"), required=False,
        help_text=_("Leave empty for now. The rounds are counted from here."),
        widget=DateTimeInput(),
    )  # fmt: skip


def _people(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=200_000)


class RollCallAnswerForm(forms.Form):
    """Four numbers. Which part, which round and which answer it corrects come with the page that was opened."""

    part = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    round = forms.IntegerField(widget=forms.HiddenInput)
    supersedes = forms.ModelChoiceField(RollCallAnswer.objects.all(), required=False, widget=forms.HiddenInput)
    expected = _people(_("People expected"))
    safe = _people(_("Reached and safe"))
    need_help = _people(_("Reached, need help"))
    not_reached = _people(_("Not reached"))
    observed_at = forms.DateTimeField(
        label=_("When they said so"), required=False, help_text=StatusForm.base_fields["observed_at"].help_text,
        widget=DateTimeInput(),
    )  # fmt: skip
    told_by = told_by_field()


class CloseRollCallForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it ends"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed where somebody is not reached.") ,
    )  # fmt: skip
