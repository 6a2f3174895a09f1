"""The door: what allauth leaves to us, single-use links of the demo, and the page for too many wrong tries."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.conf import settings
from django.contrib.auth import login
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from aimprogress.core.permissions import Role
from aimprogress.web.pages import Access, Guarded, Page
from members.access import actor_for_user
from members.adapters import record_sign_in, remember_second_factor
from members.services.accounts import use_sign_in_link

LOOPBACK = ("127.0.0.1", "::1")
TOO_MANY = 429


class NoRegistration(Page):
    """Nobody registers: an account comes from a coordinator who knows you."""

    permission = Access.PUBLIC
    heading = _("Ask your coordinator")
    template_name = "account/signup_closed.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(), status=403)


class SetUpApp(ActivateTOTPView):
    """An authenticator app. The code that proved it is spent, and counts for this session."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        response = super().form_valid(form)
        mine = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        mine.wrap().validate_code(form.cleaned_data["code"])
        remember_second_factor(self.request, "totp")
        return response


class AddPasskey(AddWebAuthnView):
    """A passkey or a security key; adding it shows it."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        response = super().form_valid(form)
        remember_second_factor(self.request, "webauthn")
        return response


class RemovePasskey(RemoveWebAuthnView):
    """Not the last second factor of somebody whose role needs one."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.object):
            form.add_error(None, get_adapter().validation_error("cannot_delete_authenticator"))
            return self.form_invalid(form)
        return super().form_valid(form)


@never_cache
def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Ten wrong tries for one address from one place: a pause, said in the same words for every address."""
    return render(request, "account/locked.html", {"minutes": settings.AXES_COOLOFF_TIME.seconds // 60}, status=TOO_MANY)


class DemoSignIn(Guarded):
    """A single-use link, only with demo data and only from this machine (decisions 6.1). Everybody else finds nothing."""

    permission = Access.PUBLIC
    http_method_names = ["get"]

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        if not settings.DEMO or not from_this_machine(request):
            raise Http404
        user = use_sign_in_link(secret)
        if user is None:
            return render(request, "account/link_used.html", status=410)
        login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
        if actor_for_user(user).roles != {Role.SITE_REPORTER}:
            request.session["demo_link"] = True  # stands for the second factor that a printed link cannot show
        record_sign_in(user, "demo_link")
        response = HttpResponseRedirect("/")
        response["Cache-Control"] = "no-store"
        return response


def from_this_machine(request: HttpRequest) -> bool:
    """Asked by loopback itself, not by a proxy on this machine that speaks for somebody else."""
    forwarded = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"))
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded
