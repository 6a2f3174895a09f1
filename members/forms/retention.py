"""Whose data may not be deleted, and why."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Organisation


class HoldForm(forms.Form):
    """An organisation and the reason. Nothing is chosen beforehand."""

    organisation = forms.ModelChoiceField(label=_("Organisation"), queryset=Organisation.objects.all(), empty_label=_("Choose"))
    reason = forms.CharField(
        label=_("Why"), max_length=300,
        help_text=_("For example the file number of a claim. The organisation reads it; name no person."),
    )  # fmt: skip


class LeaveForm(forms.Form):
    """The name of the organisation, typed: nobody leaves by a wrong press."""

    typed = forms.CharField(
        label=_("Type the short name of the organisation"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
