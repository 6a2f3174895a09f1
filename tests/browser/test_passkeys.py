"""A passkey in a real browser: set up at the first sign-in, then in without a password. The device is Chromium's own."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tests.browser.conftest import DESK, Tabs
from tests.browser.portal import Portal
from tests.browser.walk import look_at
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
READER = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
"""A fingerprint reader that always says yes."""


def test_a_passkey_is_set_up_at_the_first_sign_in_and_opens_the_portal_without_a_password(portal: Portal, tabs: Tabs) -> None:
    tab, user = tabs.new(""), portal.users["new"]
    page = tab.page
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": READER})
    tab.visit("/accounts/login/")
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
    tab.visit("/sites/")
    assert page.locator("h1").inner_text() == "Sites"
    assert Authenticator.objects.filter(user=user, type="webauthn").count() == 1
    passkey = Authenticator.objects.get(user=user, type="webauthn")
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert look_at(tab, reverse(name, args=[passkey.pk]), DESK) == []
    assert look_at(tab, reverse("mfa_reauthenticate_webauthn"), DESK) == []

    tab.wrong.clear()
    page.context.clear_cookies()
    tab.visit("/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    tab.visit("/sites/")
    assert page.locator("h1").inner_text() == "Sites"
    assert tab.wrong == []
    page.context.close()
