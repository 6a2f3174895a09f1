"""Clients that are signed in, with or without a second factor."""

from django.test import Client

from members.models import User


def signed_in(user: User, *, second_factor: bool = True) -> Client:
    """A client whose session belongs to `user`."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    if second_factor:
        session = client.session
        session["account_authentication_methods"] = [{"method": "password"}, {"method": "mfa", "type": "totp"}]
        session.save()
    return client
