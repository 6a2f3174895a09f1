"""The door of every page: closed unless it names a permission, and honest about which door it is."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from aimprogress.core.actor import ANONYMOUS, Actor
from aimprogress.core.permissions import Permission
from aimprogress.web.pages import Access, ActionPage, Guarded, ListPage, Page, ServicePage

READER = Actor(kind="person", permissions=frozenset({Permission.SITE_READ}))


class Sites(Guarded):
    permission = Permission.SITE_READ

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("sites")


class Plans(Sites):
    sensitive = True


def ask(page: type[Guarded], actor: Actor, *, path: str = "/sites/", **request_parts: Any) -> HttpResponse:
    request = RequestFactory().get(path)
    request.actor, request.htmx, request.session = actor, False, {}
    for name, value in request_parts.items():
        setattr(request, name, value)
    return page.as_view()(request)


@pytest.mark.parametrize("kind", [Guarded, Page, ListPage])
def test_a_page_without_a_permission_does_not_start(kind: type[Guarded]) -> None:
    with pytest.raises(ImproperlyConfigured, match="permission"):
        type("Forgotten", (kind,), {}).as_view()


@pytest.mark.parametrize("kind", [ServicePage, ActionPage])
def test_a_page_for_a_service_needs_one_and_takes_its_permission(kind: type[Guarded]) -> None:
    with pytest.raises(ImproperlyConfigured, match="service"):
        type("Forgotten", (kind,), {}).as_view()

    def undecorated(**given: Any) -> None: ...

    with pytest.raises(ImproperlyConfigured, match="permission"):
        type("Undecorated", (kind,), {"service": undecorated}).as_view()

    def decorated(**given: Any) -> None: ...

    decorated.permission = Permission.SITE_EDIT
    page = type("Decorated", (kind,), {"service": decorated})
    page.as_view()
    assert page.permission is Permission.SITE_EDIT


def test_nobody_is_sent_to_the_sign_in_page_and_back_again() -> None:
    response = ask(Sites, ANONYMOUS, path="/sites/?q=a")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/sites/%3Fq%3Da"


def test_a_fragment_of_a_signed_out_page_takes_the_whole_page_to_sign_in() -> None:
    response = ask(Sites, ANONYMOUS, htmx=SimpleNamespace(target="list"))
    assert response["HX-Redirect"] == "/accounts/login/"


def test_who_lacks_the_permission_is_refused_and_who_has_it_is_let_in() -> None:
    with pytest.raises(PermissionDenied):
        ask(Sites, Actor(kind="person"))
    assert ask(Sites, READER).content == b"sites"


def test_a_public_page_asks_nobody() -> None:
    page = type("Open", (Sites,), {"permission": Access.PUBLIC})
    assert ask(page, ANONYMOUS).status_code == 200


def test_a_page_for_everybody_still_asks_for_a_sign_in() -> None:
    page = type("ForMembers", (Sites,), {"permission": Access.SIGNED_IN})
    assert ask(page, ANONYMOUS).status_code == 302
    assert ask(page, Actor(kind="person")).status_code == 200


def test_a_sensitive_page_is_never_stored_and_idles_out_sooner(settings: Any) -> None:
    session: dict[str, int] = {}
    assert ask(Plans, READER, session=session)["Cache-Control"] == "no-store"
    assert session == {"idle_minutes": settings.IDLE_MINUTES_STRICT}
    assert "Cache-Control" not in ask(Sites, READER, session=session)
    assert session == {"idle_minutes": settings.IDLE_MINUTES}


def test_the_title_of_a_sensitive_page_names_no_site() -> None:
    class Plan(Plans):
        heading = "Kharkiv snacks plant"
        neutral = "Plan"

    assert Plan().get_title() == "Plan"
    assert type("Shown", (Plan,), {"sensitive": False})().get_title() == "Kharkiv snacks plant"
