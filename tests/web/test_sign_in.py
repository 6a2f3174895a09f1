"""The door in the look of the portal, and what the middleware, the languages and the headers do to every page."""

from typing import Any

import pytest
from django.test import Client

from aimprogress.core.permissions import Role
from members.models import Organisation, RoleGrant
from tests.factories import a_user, an_organisation

pytestmark = pytest.mark.django_db


def test_the_sign_in_page_offers_a_passkey_first_and_never_a_registration(client: Client) -> None:
    html = client.get("/accounts/login/").content.decode()
    assert html.index('id="passkey_login"') < html.index('name="password"')
    assert "signup" not in html
    assert '<link rel="stylesheet" href="/static/css/portal.css">' in html


def test_a_wrong_password_is_said_above_the_form_and_nothing_more(client: Client) -> None:
    html = client.post("/accounts/login/", {"login": "nobody@halden.example", "password": "not this one at all"}).content.decode()
    assert 'class="errs" role="alert"' in html
    assert "not this one at all" not in html


def test_nobody_reaches_a_page_behind_the_door(client: Client) -> None:
    for path in ("/", "/search/", "/settings/", "/who-can-see-what/"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={path}")


def test_public_pages_are_public_and_carry_the_strict_policy(client: Client) -> None:
    for path in ("/accessibility/", "/keyboard/"):
        response = client.get(path)
        assert response.status_code == 200
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]


def test_the_language_is_asked_for_once_and_stays(client: Client) -> None:
    assert '<html lang="uk">' in client.get("/accessibility/?lang=uk").content.decode()
    html = client.get("/keyboard/").content.decode()
    assert '<html lang="uk">' in html
    assert 'href="?lang=en" lang="en"' in html
    assert '<html lang="en">' in Client().get("/keyboard/?lang=xx").content.decode()


def test_what_is_not_here_is_a_page_and_a_problem_for_machines(client: Client) -> None:
    page = client.get("/nothing/")
    assert page.status_code == 404 and "This page is not here" in page.content.decode()
    problem = client.get("/api/v1/nothing/")
    assert (problem.status_code, problem["Content-Type"], problem.json()["status"]) == (404, "application/problem+json", 404)


@pytest.fixture
def signed_in(client: Client) -> Client:
    user = a_user(an_organisation(short_name="Halden"), Role.MEMBER_COORDINATOR)
    RoleGrant.objects.create(user=user, organisation=an_organisation(short_name="Norvia"), role=Role.MEMBER_VIEWER)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["demo_link"] = True  # stands for a second factor
    session.save()
    return client


def test_settings_win_over_an_older_choice_in_the_address(signed_in: Client) -> None:
    signed_in.get("/settings/?lang=en")
    response = signed_in.post("/settings/", {"language": "uk", "theme": "dark"}, follow=True)
    html = response.content.decode()
    assert '<html lang="uk" data-theme="dark">' in html
    assert 'class="note message ok"' in html


def test_a_wrong_setting_is_refused_with_words(signed_in: Client) -> None:
    response = signed_in.post("/settings/", {"language": "xx", "theme": "dark"})
    assert response.status_code == 422
    assert "xx is not one of the available choices" in response.content.decode()


def test_a_person_acts_for_one_organisation_and_switches(signed_in: Client) -> None:
    html = signed_in.get("/keyboard/").content.decode()
    assert "Act for" in html
    norvia = Organisation.objects.get(short_name="Norvia")
    assert signed_in.post("/switch-organisation/", {"organisation": str(norvia.pk)}).status_code == 302
    assert "<b>Viewer</b><br>Norvia" in signed_in.get("/keyboard/").content.decode()


def test_nobody_switches_to_an_organisation_without_a_grant(signed_in: Client) -> None:
    foreign = an_organisation()
    for wrong in (str(foreign.pk), "", "x", "\x00"):
        assert signed_in.post("/switch-organisation/", {"organisation": wrong}).status_code == 403
    assert signed_in.get("/switch-organisation/").status_code == 405


def test_search_and_the_matrix_open_for_every_role(signed_in: Client) -> None:
    assert signed_in.get("/search/", {"q": "qz\x00qz"}).status_code == 200
    found = signed_in.get("/search/", {"q": "qzqz"}, headers={"HX-Request": "true"}).content.decode()
    assert found.startswith('<div id="results"')
    assert "only where it is shared" in signed_in.get("/who-can-see-what/").content.decode()


def test_the_frame_of_a_page_costs_few_statements(signed_in: Client, django_assert_max_num_queries: Any) -> None:
    signed_in.get("/keyboard/")
    with django_assert_max_num_queries(16):
        signed_in.get("/keyboard/")


def test_a_browser_may_say_where_a_form_was_sent_from(client: Client) -> None:
    """With "no-referrer" browsers post with `Origin: null`, which the check against forged forms refuses: every form dies."""
    page = client.get("/accounts/login/")
    assert page["Referrer-Policy"] == "same-origin"
    assert '<meta name="referrer" content="same-origin">' in page.content.decode()
