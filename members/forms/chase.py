"""What is asked after a call, and to hand a site over."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.forms.sites import told_by_field
from members.models import Reason, Site, SiteCall, User
from members.recipients import coordinators_of


class SiteCallForm(forms.Form):
    """What was heard. Nothing is chosen beforehand: a default would be a report that nobody made."""

    heard = forms.ChoiceField(label=_("What did you hear?"), choices=[("", "—"), *SiteCall.Heard.choices])
    told_by = told_by_field()
    reason = forms.ChoiceField(label=_("Reason, if suspended"), choices=[("", "—"), *Reason.choices], required=False)


class HandOverForm(forms.Form):
    """The coordinator who follows the site up from now on, or everybody; and what else of one's own goes with it."""

    user = forms.ModelChoiceField(label=_("Coordinator"), queryset=User.objects.none(), empty_label=_("Choose"), required=False)
    to_everybody = forms.BooleanField(label=_("Nobody alone: give it back to every coordinator"), required=False)
    also = forms.ModelMultipleChoiceField(
        label=_("Together with these sites that you follow up"), queryset=Site.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    note = forms.CharField(
        label=_("What is open there"), max_length=200, required=False, help_text=_("In a line. No names, no exact places.")
    )

    def __init__(self, *args: Any, site: Site, mine: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [user.pk for user in coordinators_of(site.organisation_id)]
        self.fields["user"].queryset = User.objects.filter(pk__in=people).order_by("email")
        self.fields["also"].queryset = others = mine.exclude(pk=site.pk).order_by("name", "id")
        if not others.exists():
            del self.fields["also"]

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if bool(said.get("user")) == bool(said.get("to_everybody")):
            self.add_error("user", _("Choose a coordinator, or give the site back to everybody."))
        return said
