"""What a coordinator says to share something, and an analyst to look at a member's commercial rows."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.exchange.datasets import datasets
from aimprogress.web.forms import DateInput
from members.models import DataShare, Organisation
from members.services.sharing import LONGEST_SHARE, ONLY_TO_THE_TEAM

USUAL_DAYS = 90
IN_FULL = {DataShare.Dataset.CONTRIBUTIONS: _("Contributions: a partner its own, AIM-Progress all in bands")}
"""What the choice says where the name of a dataset alone would promise too much."""


def receivers(actor: Actor) -> Any:
    """Who may receive a member's data: partners and the AIM-Progress team, never another member."""
    kinds = (Organisation.Kind.PARTNER, Organisation.Kind.SECRETARIAT)
    return Organisation.objects.filter(kind__in=kinds, status=Organisation.Status.ACTIVE).exclude(pk=actor.organisation_id)


class ShareForm(forms.Form):
    """What, with whom, how exactly, until when."""

    dataset = forms.ChoiceField(label=_("What"), widget=forms.RadioSelect)
    receiver = forms.ModelChoiceField(label=_("With whom"), queryset=Organisation.objects.none(), empty_label=_("Choose"))
    precision = forms.ChoiceField(
        label=_("How exactly"), choices=DataShare.Precision.choices[::-1], initial=DataShare.Precision.ADM1,
        help_text=_("Never sites by name. Counts of 1 to 4 are always shown as “<5”."),
    )  # fmt: skip
    ends_on = forms.DateField(
        label=_("Until"), widget=DateInput(),
        help_text=_("A year at most; then you decide again."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dataset"].choices = [
            (key, IN_FULL.get(key, label)) for key, label in DataShare.Dataset.choices if key in datasets()
        ]
        self.fields["receiver"].queryset = receivers(actor)
        self.initial.setdefault("ends_on", timezone.localdate() + timedelta(days=USUAL_DAYS))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        receiver, ends_on = data.get("receiver"), data.get("ends_on")
        if receiver and data.get("dataset") in ONLY_TO_THE_TEAM and receiver.kind != Organisation.Kind.SECRETARIAT:
            self.add_error("receiver", _("Partners never receive suppliers or plans."))
        if ends_on and not timezone.localdate() <= ends_on < timezone.localdate() + LONGEST_SHARE:
            self.add_error("ends_on", _("Choose a day from today to a year from now."))
        return data

    def arguments(self) -> dict[str, Any]:
        """What the service takes; a share ends with its last day."""
        data = dict(self.cleaned_data)
        day = data.pop("ends_on")
        last = datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())
        return data | {"expires_at": last}


class StaffSessionForm(forms.Form):
    """Whose commercial rows, and why. The member reads both at once."""

    organisation = forms.ModelChoiceField(
        label=_("Member"), empty_label=_("Choose"),
        queryset=Organisation.objects.filter(kind=Organisation.Kind.MEMBER, status=Organisation.Status.ACTIVE),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.Textarea, help_text=_("A sentence. The member reads it at once, and later.")
    )
