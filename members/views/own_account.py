"""The own account: what the portal holds of its reader, as a page and a file, and how to close it."""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.audit import record
from aimprogress.core.permissions import ROLE_NAMES, Permission, Role
from aimprogress.web.pages import Guarded, Page, ServicePage
from members.forms.accounts import ClosingForm
from members.models import User
from members.own_account import Held, held_of
from members.services.leavers import close_own_account

KINDS = {
    "second_factors": _("Second factors"),
    "phones": _("Phones of this account"),
    "sign_ins": _("Sign-ins in the log"),
    "failed_sign_ins": _("Refused sign-ins in the log"),
    "keys_made": _("Keys you made"),
    "invitations_made": _("Invitations you made"),
    "invitations_received": _("Invitations to your address"),
    "members_looked_after": _("Members you look after"),
    "sites_followed_up": _("Sites you follow up"),
    "check_ins_sent": _("Check-ins you sent"),
    "calls_for_help": _("Times you were asked to answer a call for help"),
    "cases_opened": _("Support cases you opened"),
    "cases_handled": _("Support cases you handle"),
    "staff_sessions": _("Your staff sessions"),
    "turns_of_duty": _("Your turns on the duty roster"),
    "saved_views": _("Saved views"),
    "unfinished_forms": _("Unfinished forms"),
    "notifications": _("Notifications"),
}


class OfOwnAccount(Guarded):
    """Pages that each person has of themselves alone."""

    permission = Permission.OWN_ACCOUNT_USE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def reader(self) -> User:
        return User.objects.get(pk=self.actor.user_id)

    def held(self) -> Held:
        return held_of(self.reader())


class OwnAccount(OfOwnAccount, Page):
    """What is kept of the reader, why, and what they may ask for."""

    heading = _("What is kept of you")
    template_name = "members/own_account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = self.held()
        roles = [row | {"name": ROLE_NAMES[Role(row["role"])]} for row in held.kinds["roles"]]
        counts = [(words, len(held.kinds[kind])) for kind, words in KINDS.items() if held.kinds[kind]]
        if others := sum(row["rows"] for row in held.kinds["records"]):
            counts.append((_("Other records with your account on them"), others))
        return super().get_context_data(
            account=held.account, roles=roles, counts=counts, acts=sum(act["times"] for act in held.kinds["acts"]), **kwargs
        )


class OwnAccountFile(OfOwnAccount):
    """All of it as JSON. That it was taken stands in the audit trail."""

    def get(self, request: HttpRequest) -> JsonResponse:
        held = self.held()
        record("members.take_own_data", organisation_id=self.actor.organisation_id)
        response = JsonResponse(held.as_dict(), json_dumps_params={"ensure_ascii": False, "indent": 1})
        response["Content-Disposition"] = 'attachment; filename="my-account.json"'
        return response


class CloseOwnAccount(OfOwnAccount, ServicePage):
    """The end of the own account, with its password, so that an open screen closes nothing."""

    service = close_own_account
    form_class = ClosingForm
    heading = _("Close your account?")
    submit = _("Close my account now")

    def get_lead(self) -> Any:
        return _(
            "Every role, key, phone and session of yours ends at once. After 30 days your name, address and second factors are"
            " deleted; what you did stays without a name. Until then an invitation and your password open the account again."
        )

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("What is kept of you"), reverse("members:own_account"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"check": self.is_password}

    def is_password(self, password: str) -> bool:
        """Through the door of the sign-in, where wrong tries are counted and locked."""
        user = self.reader()
        given = {"email": user.email, "login": user.email, "password": password}
        return get_adapter(self.request).authenticate(self.request, **given) == user

    def get_arguments(self, form: ClosingForm) -> Mapping[str, Any]:
        return {}

    def form_valid(self, form: ClosingForm) -> HttpResponse:
        response = super().form_valid(form)
        if self.saved is not None and response.status_code == 302:
            logout(self.request)
        return response

    def get_success_url(self) -> str:
        return reverse("account_login")
