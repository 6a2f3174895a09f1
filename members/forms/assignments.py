"""Which members an analyst is given to look after."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.models import Organisation, User


class Accounts(forms.ModelChoiceField):
    """Accounts by their address: two may call themselves alike."""

    def label_from_instance(self, user: User) -> str:
        return user.email


class AssignmentForm(forms.Form):
    """One analyst, and members that they do not look after yet. Nothing is chosen beforehand."""

    analyst = Accounts(label=_("Analyst"), queryset=User.objects.none(), empty_label=_("Choose"))
    organisations = forms.ModelMultipleChoiceField(
        label=_("Members"), queryset=Organisation.objects.none(), widget=forms.CheckboxSelectMultiple,
        help_text=_("Several analysts may look after the same member."),
    )  # fmt: skip

    def __init__(self, *args: Any, analysts: QuerySet[User], members: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["analyst"].queryset = analysts
        self.fields["organisations"].queryset = members
