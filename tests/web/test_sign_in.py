"""The door in the look of the portal, and what the middleware, the languages and the headers do to every page."""

import pytest
from django.test import Client

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
