"""What is asked to enrol a phone, when one is lost, when a text line arrives, and who is on duty."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Role
from aimprogress.web.forms import DateInput, DateTimeInput
from members.forms.accounts import phone_language_choices, sites_for_reporters
from members.models import Device, DutyTurn, Organisation, RoleGrant, Site, User
from members.models.duty import ANSWERING
from members.textline import LONGEST


class DeviceForm(forms.Form):
    """One phone, for one site and standing."""

    site = forms.ModelChoiceField(
        label=_("Site"), queryset=Site.objects.none(), empty_label=_("Choose"),
        help_text=_("Sites with the safety profile are offered only where check-in from inside is switched on."),
    )  # fmt: skip
    standing = forms.ChoiceField(label=_("Standing"), choices=Device.Standing.choices)
    holder = forms.ModelChoiceField(
        label=_("Account, if there is one"), queryset=User.objects.none(), required=False, empty_label=_("No account"),
        help_text=_("The phone ends together with this account. A phone needs no account to check in."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language of the phone"), choices=phone_language_choices)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites_for_reporters(organisation)
        reporting = RoleGrant.objects.in_force().filter(organisation=organisation, role=Role.SITE_REPORTER)
        self.fields["holder"].queryset = User.objects.filter(pk__in=reporting.values("user_id"), is_active=True).order_by("email")


class LostForm(forms.Form):
    """Since when somebody else may have held the phone."""

    ignore_since = forms.DateTimeField(
        label=_("Put aside what it sent since"), required=False,
        widget=DateTimeInput(),
        help_text=_("Leave empty to keep everything it sent. What is put aside stays in the log and counts no more."),
    )  # fmt: skip

    def clean_ignore_since(self) -> Any:
        since = self.cleaned_data["ignore_since"]
        if since and since > timezone.now():
            raise forms.ValidationError(_("This lies in the future."))
        return since


class InsideForm(forms.Form):
    """Why people at a safety-profile site may report from inside; empty switches it off."""

    reason = forms.CharField(
        label=_("Why is it safe enough, and who decided?"), max_length=200, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Leave empty to switch it off: every phone there ends at once and deletes what it holds."),
    )  # fmt: skip


class TextLineForm(forms.Form):
    """A line as it arrived, or as somebody read it out."""

    text = forms.CharField(
        label=_("The line"), max_length=LONGEST, help_text=_("As it arrived. Small letters and extra spaces do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


class DutyTurnForm(forms.ModelForm):
    """One more on the roster."""

    class Meta:
        model = DutyTurn
        fields = ["user", "label", "from_on", "until_on"]
        widgets = {name: DateInput() for name in ("from_on", "until_on")}

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answering = RoleGrant.objects.in_force().filter(organisation=organisation, role__in=ANSWERING)
        self.fields["user"].queryset = User.objects.filter(pk__in=answering.values("user_id"), is_active=True).order_by("email")

    def _post_clean(self) -> None:
        """The row is made, and checked, by the service."""
