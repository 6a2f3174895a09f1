"""What is asked after a call, and to hand a site over."""

from typing import Any
from uuid import UUID

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


class _ToWhomForm(forms.Form):
    """The coordinator who follows sites up from now on, or everybody."""

    neither = _("Choose a coordinator, or give the site back to everybody.")

    user = forms.ModelChoiceField(label=_("Coordinator"), queryset=User.objects.none(), empty_label=_("Choose"), required=False)
    to_everybody = forms.BooleanField(label=_("Nobody alone: give it back to every coordinator"), required=False)
    note = forms.CharField(
        label=_("What is open there"), max_length=200, required=False, help_text=_("In a line. No names, no exact places.")
    )

    def __init__(self, *args: Any, organisation_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [user.pk for user in coordinators_of(organisation_id)]
        self.fields["user"].queryset = User.objects.filter(pk__in=people).order_by("email")

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if bool(said.get("user")) == bool(said.get("to_everybody")):
            self.add_error("user", self.neither)
        return said


class HandOverForm(_ToWhomForm):
    """One site, and what else of one's own goes with it."""

    also = forms.ModelMultipleChoiceField(
        label=_("Together with these sites that you follow up"), queryset=Site.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    field_order = ["user", "to_everybody", "also", "note"]

    def __init__(self, *args: Any, site: Site, mine: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, organisation_id=site.organisation_id, **kwargs)
        self.fields["also"].queryset = others = mine.exclude(pk=site.pk).order_by("name", "id")
        if not others.exists():
            del self.fields["also"]


class HandOverSitesForm(_ToWhomForm):
    """Several sites that were chosen in the list; each can be left out again."""

    neither = _("Choose a coordinator, or give the sites back to everybody.")

    sites = forms.ModelMultipleChoiceField(
        label=_("Sites"), queryset=Site.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one site.")},
    )  # fmt: skip
    to_everybody = forms.BooleanField(label=_("Nobody alone: give them back to every coordinator"), required=False)
    field_order = ["sites", "user", "to_everybody", "note"]

    def __init__(self, *args: Any, chosen: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].queryset = chosen.order_by("name", "id")
