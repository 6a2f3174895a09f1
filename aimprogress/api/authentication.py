"""Who asks: the middleware knows already (members/access.py); here it is only believed.

Sessions are still checked for CSRF, because a browser sends its cookie wherever a page points it. Keys are not: no
browser sends `Authorization` by itself.
"""

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from aimprogress.core.actor import Actor


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


class ActorAuthentication(BaseAuthentication):
    """`request.user` and `request.auth` are the Actor; anonymous requests have neither."""

    def authenticate(self, request: Request) -> tuple[Actor, Actor] | None:
        actor = request._request.actor
        if actor.kind == "anonymous":
            if request.headers.get("Authorization"):
                raise AuthenticationFailed(_("This token is not known, has ended or was revoked."), code="token")
            return None
        if actor.kind == "person":
            self._check_csrf(request)
        return actor, actor

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def _check_csrf(self, request: Request) -> None:
        check = _CsrfCheck(lambda _request: None)
        check.process_request(request._request)
        if reason := check.process_view(request._request, None, (), {}):
            raise PermissionDenied(_("CSRF check failed: %(reason)s") % {"reason": reason}, code="csrf")
