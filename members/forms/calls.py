"""What is asked about a call, and for the call list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Escalation


class CallForm(forms.Form):
    outcome = forms.ChoiceField(label=_("What came of it?"), choices=Escalation.Outcome.choices, widget=forms.RadioSelect)


class ContactForm(forms.Form):
    """A role, its work number, and which comes first."""

    role = forms.CharField(label=_("Role, no name"), max_length=80)
    number = forms.CharField(
        label=_("Work number"), max_length=30, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        help_text=_(
            "No private number. It is stored encrypted; your coordinators and the duty analyst read it, and each look is logged."
        ),
    )  # fmt: skip
    hours = forms.CharField(label=_("When it answers"), max_length=80, required=False)
    place = forms.IntegerField(label=_("Called as number"), min_value=1, max_value=99, initial=1)
