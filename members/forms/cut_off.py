"""Whose access is cut off, and why."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aimprogress.places.countries import COUNTRY_CHOICES
from members.models import CutOff, Organisation


class CutOffForm(forms.Form):
    """A member, a country, or a member's sites in a country. Nothing is chosen beforehand."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), required=False, empty_label=_("Every member"),
    )  # fmt: skip
    country = forms.ChoiceField(
        label=_("Country"), choices=[("", _("Everywhere")), *COUNTRY_CHOICES], required=False,
        help_text=_("With a country: only those who report from sites there."),
    )  # fmt: skip
    reason = forms.ChoiceField(label=_("Why"), choices=CutOff.Reason.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], everywhere: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        field.queryset = organisations.exclude(kind=Organisation.Kind.SECRETARIAT)
        if not everywhere:
            field.required, field.empty_label = True, None

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and data.get("organisation") is None and not data.get("country"):
            self.add_error("country", _("Choose a member, a country, or both."))
        return data
