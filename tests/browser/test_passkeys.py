"""A passkey in a real browser: set up at the first sign-in, then in without a password. The device is Chromium's own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connections
from django.test import override_settings

from tests.factories import PASSWORD, a_user, an_organisation

CHROMIUM = os.environ.get("AIM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: set AIM_CHROMIUM to its path"),
]
OVER_HTTP = {
    "SESSION_COOKIE_NAME": "session", "CSRF_COOKIE_NAME": "csrf", "SESSION_COOKIE_SECURE": False, "CSRF_COOKIE_SECURE": False,
    "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": True,
}  # fmt: skip


@contextmanager
def a_browser_with_an_authenticator() -> Iterator[Any]:
    """A page whose device has a fingerprint reader that always says yes.

    Playwright runs a loop of its own in this thread: ask the database nothing while the browser is open.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context().new_page()
        devices = page.context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page
        browser.close()


@pytest.fixture
def portal(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The portal over plain http on loopback; its threads give their connections back, or the database cannot be dropped."""
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    with override_settings(**OVER_HTTP):
        yield live_server.url.replace("127.0.0.1", "localhost")


def test_a_passkey_is_set_up_at_the_first_sign_in_and_opens_the_portal_without_a_password(portal: str) -> None:
    user = a_user(an_organisation(), "MEMBER_COORDINATOR", email="coordinator@halden.example")
    with a_browser_with_an_authenticator() as page:
        broken: list[str] = []
        page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
        page.goto(f"{portal}/accounts/login/")
        page.fill("[name=login]", user.email)
        page.fill("[name=password]", PASSWORD)
        page.click("form[action='/accounts/login/'] button")
        page.wait_for_url("**/2fa/totp/activate/")
        page.click("text=Use a passkey or security key")
        page.wait_for_url("**/2fa/webauthn/add/")
        page.fill("[name=name]", "Laptop")
        if page.locator("[name=passwordless]").count():
            page.check("[name=passwordless]")
        page.click("#mfa_webauthn_add")
        page.wait_for_url("**/recovery-codes/")
        page.goto(f"{portal}/sites/")
        assert page.locator("h1").inner_text() == "Sites"

        page.context.clear_cookies()
        page.goto(f"{portal}/accounts/login/")
        page.click("#passkey_login")
        page.wait_for_url(lambda url: "/accounts/" not in url)
        page.goto(f"{portal}/sites/")
        assert page.locator("h1").inner_text() == "Sites"
        assert broken == []
    assert Authenticator.objects.filter(user=user, type="webauthn").count() == 1
