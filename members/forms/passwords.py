"""allauth's forms about passwords, in the portal's words: no label twice, no capital letter in the middle of one."""

from typing import Any

from allauth.account import forms as allauth
from django.utils.translation import gettext_lazy as _

LABELS = {
    "oldpassword": _("Your password now"), "password1": _("New password"), "password2": _("The same password again"),
    "password": _("Password"), "email": _("Work e-mail"),
}  # fmt: skip


class _OurWords:
    """Labels of LABELS; a placeholder that repeats the label is left out."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)


class ChangePasswordForm(_OurWords, allauth.ChangePasswordForm):
    """Another password, after the present one."""


class SetPasswordForm(_OurWords, allauth.SetPasswordForm):
    """A first password."""


class ResetPasswordForm(_OurWords, allauth.ResetPasswordForm):
    """Where the link goes."""


class ResetPasswordKeyForm(_OurWords, allauth.ResetPasswordKeyForm):
    """The new password, behind a link."""


class ReauthenticateForm(_OurWords, allauth.ReauthenticateForm):
    """The password once more."""
