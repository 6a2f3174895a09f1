"""What is asked at the door, of who is invited, and of who invites."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permission_words import PERMISSION_WORDS
from aimprogress.core.permissions import ROLE_NAMES, ROLE_PERMISSIONS, Permission, Role
from members.adapters import record_failed_code
from members.models import Invitation, Organisation, RoleGrant, Site, User
from members.services.accounts import KEY_DAYS_AT_MOST, ROLES_OF

CODES = {"second_factor": "5/5m/key"}  # wrong codes of one account, after its password was right
KEY_DAYS = 90
NOT_FOR_KEYS = {
    Permission.PEOPLE_MANAGE, Permission.PEOPLE_READ, Permission.KEY_MANAGE, Permission.STAFF_SESSION_OPEN,
    Permission.OWN_ACCOUNT_USE, Permission.SETTINGS_KEEP, Permission.DRAFT_KEEP, Permission.WHO_SEES_READ, Permission.SEARCH_USE,
    Permission.ASSIGNMENT_READ, Permission.ASSIGNMENT_EDIT,
}  # fmt: skip
"""What only a person does: a key that makes keys or accounts would outlive who made it."""


def phone_language_choices() -> list[tuple[str, str]]:
    """The languages of the phone's pages, each named in itself."""
    return [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.PHONE_LANGUAGES]


def _reading_first(scope: Permission) -> tuple[bool, str]:
    return not scope.value.endswith(":read"), scope.value


def _plain_code(field: forms.Field, hint: Any) -> None:
    field.widget = forms.TextInput(
        attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "short", "maxlength": "20"}
    )
    field.label, field.help_text = _("Code from your authenticator app"), hint


class SignInForm(LoginForm):
    """Address and password. The address is one, however it is written, so that wrong tries of it are counted together."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Work e-mail")
        self.fields["login"].widget.attrs = {"autocomplete": "username", "autocapitalize": "none"}
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""

    def clean_login(self) -> str:
        return super().clean_login().lower()

    def user_credentials(self) -> dict[str, Any]:
        credentials = super().user_credentials()
        return credentials | {"login": credentials.get("email", "")}  # the name under which axes counts


class _LimitedCode:
    """Five wrong codes in five minutes, then a pause. Counted by account: only who knows its password gets here."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain_code(self.fields["code"], _("Six digits, or one of your recovery codes. We never send codes by mail."))

    def clean_code(self) -> str:
        key = f"second-factor-{self.user.pk}"
        limit = {"app": "allauth.account", "action": "second_factor", "config": CODES, "key": key}
        if not ratelimit.consume(context.request, **limit):
            raise get_adapter().validation_error("too_many_codes")
        code = super().clean_code()
        ratelimit.clear(context.request, **limit)
        return code

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        super()._emit_authentication_failed(authenticator)
        record_failed_code(self.user)


class CodeForm(_LimitedCode, AuthenticateForm):
    """The second step of a sign-in."""


class CodeAgainForm(_LimitedCode, ReauthenticateForm):
    """The second factor once more, before something that changes the way in."""


class SetUpCodeForm(ActivateTOTPForm):
    """Setting up an authenticator app. A wrong code keeps the secret, so nobody has to scan twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain_code(self.fields["code"], _("The six digits that the app shows now."))


class InvitationForm(forms.Form):
    """One address, one role; for a site reporter the sites."""

    role = forms.ChoiceField(label=_("Role"), help_text=_("You cannot give more than you hold."))
    email = forms.EmailField(
        label=_("Work e-mail"), max_length=254, help_text=_("Shown to coordinators only; pages show the role."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("Language"), choices=phone_language_choices,
        help_text=_("For the invitation and the pages. Polish, Romanian and Russian are for site reporters."),
    )  # fmt: skip
    site_ids = forms.ModelMultipleChoiceField(
        label=_("Sites of a site reporter"), queryset=Site.objects.none(), required=False,
        help_text=_("Only for site reporters. Sites with the safety profile are not offered."),
    )  # fmt: skip

    def __init__(self, *args: Any, organisation: Organisation, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = sites_for_reporters(organisation)
        self.fields["site_ids"].queryset = sites
        roles = roles_to_give(organisation, actor)
        if not sites.exists():
            roles = [role for role in roles if role != Role.SITE_REPORTER]
            del self.fields["site_ids"]
        self.fields["role"].choices = [("", _("Choose"))] + [(role.value, ROLE_NAMES[role]) for role in roles]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        sites = data.pop("site_ids", None)
        data["site_ids"] = [site.pk for site in sites or []] if data.get("role") == Role.SITE_REPORTER else []
        if data.get("role") == Role.SITE_REPORTER and not data["site_ids"] and "site_ids" not in self.errors:
            self.add_error("site_ids", _("Choose the sites of this reporter."))
        return data


class RoleForm(InvitationForm):
    """Another role, or other sites."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["email"], self.fields["language"]


class LeavingForm(forms.Form):
    """Who takes over what a leaver looks after."""

    heir = forms.ModelChoiceField(
        label=_("Who takes over"), queryset=User.objects.none(), required=False, empty_label=_("Nobody yet"),
        help_text=_(
            "Gets the sites this person reported for or followed up, the turns on the duty roster, the members and support cases"
            " looked after; no new role."
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, organisation: Organisation, leaver: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = RoleGrant.objects.in_force().filter(organisation=organisation).exclude(user=leaver)
        self.fields["heir"].queryset = User.objects.filter(pk__in=colleagues.values("user_id"), is_active=True).order_by("email")


def roles_to_give(organisation: Organisation, actor: Actor) -> list[Role]:
    """The roles of an organisation that `actor` may give: none that holds more than the actor does."""
    roles = ROLES_OF[Organisation.Kind(organisation.kind)]
    if Role.AIM_ADMIN in actor.roles:
        return list(roles)
    return [role for role in roles if ROLE_PERMISSIONS[role] <= actor.permissions]


def sites_for_reporters(organisation: Organisation) -> Any:
    """Open sites from where somebody may report: not those with the safety profile, unless that was switched on."""
    outside = Q(safety_profile=False) | ~Q(inside_checkin_reason="")
    return Site.objects.filter(outside, organisation=organisation).open().order_by("name", "id")


class AcceptForm(forms.Form):
    """A new account: a password twice. An account that exists gives its password once."""

    display_name = forms.CharField(
        label=_("How pages call you"), max_length=80, required=False,
        help_text=_("A role such as “shift lead, night” is enough; a name is not needed."),
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password"), max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=_("The same password again"), max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, invitation: Invitation, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation, self.request = invitation, request
        self.fields["password"].help_text = password_validators_help_texts()[0]
        self.known = User.objects.filter(email__iexact=invitation.email).first()
        if self.known:
            del self.fields["display_name"], self.fields["again"]
            self.fields["password"].help_text = _("This address already has an account: give its password.")
            self.fields["password"].widget.attrs["autocomplete"] = "current-password"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        password = data.get("password")
        if not password:
            return data
        if self.known:
            # Through the same door as a sign-in, so that wrong tries are counted and locked there. Its adapter also knows the
            # password of an account that was closed because nobody came: accepting opens it again.
            given = {"email": self.known.email, "login": self.known.email, "password": password}
            if get_account_adapter(self.request).authenticate(self.request, **given) != self.known:
                self.add_error("password", _("This address already has an account: give its password."))
            return data
        if password != data.get("again"):
            self.add_error("again", _("The two are not the same."))
        try:
            validate_password(password, User(email=self.invitation.email, display_name=data.get("display_name", "")))
        except ValidationError as error:
            self.add_error("password", error)
        return data

    def arguments(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name in ("password", "display_name")}


class ClosingForm(forms.Form):
    """The password of the own account, once more."""

    password = forms.CharField(
        label=_("Your password"), max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, check: Callable[[str], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.check = check

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not self.check(password):
            raise ValidationError(_("This is not the password of your account."))
        return password


class KeyForm(forms.Form):
    """A key for a machine: what it may, and until when."""

    name = forms.CharField(
        label=_("What it is for"), max_length=80, help_text=_("The program that will use it, such as “weekly site list”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("As little as it needs; never more than you may."),
    )
    days = forms.IntegerField(
        label=_("Days until it ends"), min_value=1, max_value=KEY_DAYS_AT_MOST - 1, initial=KEY_DAYS,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [
            (scope.value, PERMISSION_WORDS[scope]) for scope in sorted(actor.permissions - NOT_FOR_KEYS, key=_reading_first)
        ]

    def arguments(self) -> dict[str, Any]:
        days = self.cleaned_data.pop("days")
        return self.cleaned_data | {"expires_at": timezone.now() + timedelta(days=days)}
