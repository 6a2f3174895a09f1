"""How allauth behaves here: nobody registers by themselves, every sign-in and every failed one is on the record."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import acting_as
from aimprogress.core.audit import keyed_hash, record
from aimprogress.core.fields import keyring
from members.access import actor_for_user, client_address
from members.models import RoleGrant, User

FRESH_SECONDS = 300
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class InvitedOnly(DefaultAccountAdapter):
    """An account comes from an invitation (services/accounts.py), never from a sign-up form."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This address and password do not belong together."),
        "incorrect_code": _("This code is not right, or was used already."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "unknown"

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Turn away who holds no role any more, with the words for a closed account."""
        if not RoleGrant.objects.in_force().filter(user=user).exists():
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        methods = [entry.get("type") or entry["method"] for entry in get_authentication_records(request, user)]
        record_sign_in(user, methods[-1] if methods else "")
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """On the record of the organisation where the account exists, else of the portal; the address only as a hash."""
        login = str(credentials.get("email", "")).lower()
        grant = RoleGrant.objects.in_force().filter(user__email__iexact=login).order_by("granted_at").first()
        record("members.fail_sign_in", organisation_id=grant.organisation_id if grant else None, address=keyed_hash(login))

    def reauthenticate(self, user: User, password: str) -> bool:
        found = self.authenticate(self.request, email=user.email, login=user.email, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Whoever signed in a moment ago need not do it again to set up a second factor."""
        entries = get_authentication_records(self.request, self.request.user)
        return not any(time.time() - entry.get("at", 0) < FRESH_SECONDS for entry in entries)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Only what somebody has to know: not that they signed in or out."""
        template = kwargs.get("message_template") or (args[2] if len(args) > 2 else "") or ""
        if not template.endswith(("logged_in.txt", "logged_out.txt")):
            super().add_message(*args, **kwargs)


class SecondFactors(DefaultMFAAdapter):
    """Secrets of second factors are encrypted with the keys of the fields; the last factor cannot be removed."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": InvitedOnly.error_messages["incorrect_code"],
        "too_many_codes": _("Too many wrong codes. Wait five minutes, then try again."),
        "cannot_delete_authenticator": _("Your role needs a second factor. Add another one first."),
    }

    def encrypt(self, text: str) -> str:
        return keyring().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return keyring().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=SECOND_FACTORS)
        return others.exclude(pk=authenticator.pk).exists()


def record_sign_in(user: User, method: str) -> None:
    """Put a sign-in on the record, in the name of who signed in."""
    actor = actor_for_user(user)
    with acting_as(actor):
        record("members.sign_in", subject=user, organisation_id=actor.organisation_id, method=method)


def remember_second_factor(request: HttpRequest, kind: str) -> None:
    """A factor that was just set up was also just shown: this session need not ask for it again."""
    record_authentication(request, request.user, method="mfa", type=kind)


def record_failed_code(user: User) -> None:
    """Put a wrong second factor on the record: somebody knows the password."""
    actor = actor_for_user(user)
    record("members.fail_second_factor", subject=user, organisation_id=actor.organisation_id)
