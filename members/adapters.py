"""How allauth behaves here: nobody registers by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitedOnly(DefaultAccountAdapter):
    """An account comes from an invitation (services/accounts.py), never from a sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
