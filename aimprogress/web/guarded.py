"""The door of every page: it names a permission, or it does not start.

    anonymous                     -> sign-in, and back to the page afterwards
    signed in, lacks permission   -> 403
    object not in scope           -> 404 (the scoped manager cannot find it)
    no permission named           -> ImproperlyConfigured when the urls are loaded

`sensitive = True` marks pages about people in danger: never stored by the browser, a neutral title, the Hide button,
and an idle limit of five minutes instead of fifteen (members/access.py reads `idle_minutes` of the session).
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from django_htmx.http import HttpResponseClientRedirect

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission

Crumb = tuple[str | Promise, str]


class Access(StrEnum):
    """What a page says that needs no permission of its own. Every use is listed in a house test."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


class OfRows:
    """What a page is about: the rows of `model` or `queryset` in the Actor's scope."""

    model: type[models.Model] | None = None
    queryset: models.QuerySet | None = None

    def get_queryset(self) -> models.QuerySet:
        if self.queryset is not None:
            return self.queryset.all()
        if self.model is None:
            raise ImproperlyConfigured(f"{type(self).__qualname__} needs a model or a queryset.")
        return self.model._default_manager.all()


class Guarded(View):
    """A page with a door. Class attributes that every page may set:

    permission   Permission, or Access.PUBLIC / Access.SIGNED_IN; required
    sensitive    True on pages about people in danger
    heading      the h1 and, on pages that are not sensitive, the <title>
    neutral      the <title> of a sensitive page; never a site, a place or a company
    section      key of the navigation entry that is shown as current: overview, sites, actions, suppliers, risks,
                 humanitarian, reports, support
    who          noun for the box "Who can see this page" (web/who_sees.py): site, plan, headcount, action, supplier...

    and methods to override: get_heading(), get_crumbs() -> [(label, url)], get_lead() (line under the h1).
    The template gets heading, title, lead, crumbs, section, sensitive, who, and `actor` from the context processor.
    """

    permission: Permission | Access | None = None
    sensitive: bool = False
    heading: str | Promise = ""
    neutral: str | Promise = _("Page")
    section: str = ""
    who: str = ""
    request: HttpRequest

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponse]:
        if not isinstance(initkwargs.get("permission", cls.permission), Permission | Access):
            raise ImproperlyConfigured(f"{cls.__module__}.{cls.__qualname__} must name its permission.")
        return super().as_view(**initkwargs)

    @property
    def actor(self) -> Actor:
        return self.request.actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refusal := self.refuse(request):
            return refusal
        self.limit_idling(request)
        response = super().dispatch(request, *args, **kwargs)
        if self.sensitive:
            response["Cache-Control"] = "no-store"
        return response

    def refuse(self, request: HttpRequest) -> HttpResponse | None:
        """The way to the sign-in page, or None for who may pass. Raises PermissionDenied for who may not."""
        if self.permission is Access.PUBLIC:
            return None
        if request.actor.kind == "anonymous":
            if getattr(request, "htmx", False):
                return HttpResponseClientRedirect(settings.LOGIN_URL)
            return redirect_to_login(request.get_full_path())
        if isinstance(self.permission, Permission) and not request.actor.may(self.permission):
            raise PermissionDenied
        return None

    def limit_idling(self, request: HttpRequest) -> None:
        """Five minutes while a sensitive page is open; written to the session only when it changes."""
        minutes = settings.IDLE_MINUTES_STRICT if self.sensitive else settings.IDLE_MINUTES
        session = getattr(request, "session", None)
        if session is not None and request.actor.kind == "person" and session.get("idle_minutes") != minutes:
            session["idle_minutes"] = minutes

    def get_heading(self) -> str | Promise:
        return self.heading

    def get_title(self) -> str | Promise:
        return self.neutral if self.sensitive else self.get_heading()

    def get_lead(self) -> str | Promise:
        return ""

    def get_crumbs(self) -> list[Crumb]:
        """The way to this page from the top, without the page itself: [(label, url), ...]."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parent = super()
        context = parent.get_context_data(**kwargs) if hasattr(parent, "get_context_data") else kwargs
        return {
            "heading": self.get_heading(),
            "title": self.get_title(),
            "lead": self.get_lead(),
            "crumbs": self.get_crumbs(),
            "section": self.section,
            "sensitive": self.sensitive,
            "who": self.who,
        } | context


class Page(Guarded, TemplateView):
    """A page that only shows: template_name, permission, heading, get_context_data."""
