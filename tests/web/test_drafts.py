"""Drafts: kept for their author alone, filled in again, forgotten when the form is saved; and the reader's settings."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from aimprogress.core.actor import Actor, acting_as
from aimprogress.core.permissions import Permission
from aimprogress.web.drafts import KeepsDraft
from aimprogress.web.models import FormDraft
from aimprogress.web.pages import ServicePage
from aimprogress.web.services import LONGEST_DRAFT, forget_draft, keep_draft, keep_settings
from members.models import Organisation, User

HELD = frozenset({Permission.DRAFT_KEEP, Permission.SETTINGS_KEEP, Permission.REFERENCE_EDIT})


def a_person(name: str) -> Actor:
    organisation = Organisation.objects.create(kind=Organisation.Kind.MEMBER, legal_name=name, short_name=name, slug=name.lower())
    user = User.objects.create_user(f"coordinator@{name.lower()}.example")
    own = frozenset({organisation.pk})
    return Actor(
        kind="person", user_id=user.pk, organisation_id=organisation.pk, permissions=HELD, safety=own, commercial=own, writes=own
    )


@pytest.fixture
def author(db: None) -> Actor:
    return a_person("Halden")


class CountForm(forms.Form):
    safe = forms.IntegerField()
    groups = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B"), ("c", "C")], widget=forms.CheckboxSelectMultiple)


def count_people(*, safe: int, groups: list[str]) -> None: ...


count_people.permission = Permission.REFERENCE_EDIT


class Count(KeepsDraft, ServicePage):
    service = count_people
    form_class = CountForm
    success_url = "/done/"


def ask(actor: Actor, method: str = "get", data: Any = None) -> HttpResponse:
    request: HttpRequest = getattr(RequestFactory(), method)("/count/", data or {})
    request.actor, request.session, request.htmx = actor, {}, HtmxDetails(request)
    request._messages = CookieStorage(request)
    return Count.as_view()(request)


@pytest.fixture
def acting(author: Actor) -> Iterator[Actor]:
    with acting_as(author):
        yield author


def test_a_draft_comes_back_as_it_was_typed_and_goes_when_the_form_is_saved(acting: Actor) -> None:
    kept = ask(acting, "post", {"safe": "not yet", "groups": ["a", "c"], "do": "draft"})
    assert (kept.status_code, kept["Location"]) == (302, "/count/")
    initial = ask(acting).context_data["form"].initial
    assert initial == {"safe": "not yet", "groups": ["a", "c"]}
    assert ask(acting, "post", {"safe": "3", "groups": ["a"]})["Location"] == "/done/"
    assert not FormDraft.objects.exists()


def test_a_refused_form_keeps_its_draft(acting: Actor) -> None:
    ask(acting, "post", {"safe": "2", "do": "draft"})
    assert ask(acting, "post", {"safe": "x"}).status_code == 422
    assert FormDraft.objects.count() == 1


def test_a_second_draft_replaces_the_first(acting: Actor) -> None:
    keep_draft(url="/count/", content={"safe": ["1"]})
    keep_draft(url="/count/", content={"safe": ["2"]})
    draft = FormDraft.objects.get()
    draft.refresh_from_db()
    assert draft.content == {"safe": ["2"]}


def test_a_draft_is_its_authors_alone(author: Actor) -> None:
    with acting_as(author):
        keep_draft(url="/count/", content={"safe": ["1"]})
    with acting_as(a_person("Norvia")) as other:
        assert not FormDraft.objects.exists()
        assert not FormDraft.unscoped.exists()
        forget_draft(url="/count/")
        assert ask(other).context_data["form"].initial == {}
    with acting_as(author):
        assert FormDraft.objects.count() == 1


def test_a_draft_is_encrypted_in_the_database(acting: Actor) -> None:
    keep_draft(url="/count/", content={"safe": ["73519"]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM web_formdraft")
        assert "73519" not in cursor.fetchone()[0]


def test_a_draft_that_is_too_long_is_refused_with_words(acting: Actor) -> None:
    with pytest.raises(ValidationError, match="too long"):
        keep_draft(url="/count/", content={"note": ["x" * (LONGEST_DRAFT + 1)]})


def test_settings_follow_their_reader_and_other_values_are_refused(acting: Actor) -> None:
    keep_settings(language="uk", theme="dark")
    user = User.objects.get(pk=acting.user_id)
    assert (user.language, user.theme) == ("uk", "dark")
    for language, theme in [("xx", ""), ("en", "neon")]:
        with pytest.raises(ValidationError):
            keep_settings(language=language, theme=theme)
