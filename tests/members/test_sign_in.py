"""The door: password and second factor, what a wrong try leaves behind, and who gets in without."""

import re
import time
from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from cryptography.fernet import Fernet
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.core.fields import keyring
from aimprogress.core.permissions import Role
from aimprogress.management.commands.rotate_field_keys import rotate_second_factors
from members.models import RoleGrant, SignInLink, User
from members.services.accounts import hashed, make_sign_in_link
from tests.factories import PASSWORD, a_site, a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
CODE = "/accounts/2fa/authenticate/"


@pytest.fixture
def coordinator() -> User:
    return a_user(an_organisation(), "MEMBER_COORDINATOR", email="coordinator@halden.example")


@pytest.fixture
def secret(coordinator: User) -> str:
    secret = generate_totp_secret()
    with acting_as(SYSTEM):
        TOTP.activate(coordinator, secret)
    return secret


def code_of(secret: str, periods: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods))


def fresh_code(secret: str) -> str:
    """A code that stays right for the next seconds."""
    if time.time() % 30 > 27:
        time.sleep(30.1 - time.time() % 30)
    return code_of(secret)


def type_password(client: Client, email: str = "coordinator@halden.example", password: str = PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def acts(action: str) -> list[AuditEvent]:
    with acting_as(SYSTEM):
        return list(AuditEvent.objects.filter(action=action).order_by("at"))


def test_password_and_code_open_the_portal_with_a_new_session(client, coordinator, secret):
    client.get(LOGIN)
    response = type_password(client)
    assert (response.status_code, response["Location"]) == (302, CODE)
    before = client.session.session_key
    assert client.get("/sites/").status_code == 302  # the password alone opens nothing
    response = client.post(CODE, {"code": fresh_code(secret)})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session.session_key != before
    assert client.get("/sites/").status_code == 200
    event = acts("members.sign_in")[-1]
    assert (event.actor_id, event.organisation_id) == (coordinator.pk, coordinator.grants.get().organisation_id)


def test_a_code_works_once(client, coordinator, secret):
    code = fresh_code(secret)
    type_password(client)
    assert client.post(CODE, {"code": code}).status_code == 302
    thief = Client()
    type_password(thief)
    response = thief.post(CODE, {"code": code})
    assert response.status_code == 200 and "was used already" in response.content.decode()
    assert thief.get("/sites/").status_code == 302


def test_wrong_codes_are_limited_and_on_the_record(client, coordinator, secret):
    type_password(client)
    wrong = "000000" if code_of(secret) != "000000" else "000001"
    for _ in range(5):
        assert "was used already" in client.post(CODE, {"code": wrong}).content.decode()
    page = client.post(CODE, {"code": code_of(secret)}).content.decode()
    assert "Too many wrong codes" in page
    assert client.get("/sites/").status_code == 302
    assert len(acts("members.fail_second_factor")) == 5


def test_a_recovery_code_replaces_the_app_once(client, coordinator, secret):
    codes = RecoveryCodes.activate(coordinator).get_unused_codes()
    type_password(client)
    assert client.post(CODE, {"code": codes[0]}).status_code == 302
    again = Client()
    type_password(again)
    assert again.post(CODE, {"code": codes[0]}).status_code == 200


def test_an_unknown_address_and_a_wrong_password_read_alike(client, coordinator):
    known = type_password(client, password="not this one at all")
    unknown = type_password(Client(), "nobody@halden.example", "not this one at all")
    typed = r'value="[^"]*"|nobody@halden.example|coordinator@halden.example'
    plain = [re.sub(typed, "", page.content.decode()) for page in (known, unknown)]
    assert known.status_code == unknown.status_code == 200
    assert plain[0] == plain[1]
    events = acts("members.fail_sign_in")
    assert len(events) == 2
    assert "coordinator@halden.example" not in str([event.body for event in events])


def test_ten_wrong_tries_lock_one_address_from_one_place_only(client, coordinator):
    for _ in range(9):
        assert type_password(client, password="wrong wrong wrong").status_code == 200
    locked = type_password(client, "Coordinator@Halden.example", "wrong wrong wrong")
    assert locked.status_code == 429 and "Too many wrong tries" in locked.content.decode()
    assert type_password(client).status_code == 429  # the right password neither
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert type_password(elsewhere).status_code == 302  # nobody is locked out by name alone
    unknown = Client()
    pages = [type_password(unknown, "nobody@halden.example", "wrong wrong wrong") for _ in range(10)]
    assert pages[-1].status_code == 429


def test_behind_a_trusted_proxy_tries_are_counted_by_whom_it_names(coordinator, settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1", "10.0.0.2"]
    attacker = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.9, 203.0.113.5, 10.0.0.2")
    for _ in range(10):
        locked = type_password(attacker, password="wrong wrong wrong")
    assert locked.status_code == 429
    inventive = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.1, 203.0.113.5")
    assert type_password(inventive).status_code == 429  # what it wrote itself counts for nothing
    colleague = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.7")
    assert type_password(colleague).status_code == 302
    stranger = Client(REMOTE_ADDR="203.0.113.5", HTTP_X_FORWARDED_FOR="192.0.2.7")
    assert type_password(stranger).status_code == 429  # nobody names somebody else without being a proxy


@pytest.mark.parametrize("role", [role.value for role in Role if role != Role.SITE_REPORTER])
def test_every_role_but_the_reporter_sets_up_a_second_factor_first(role):
    client = signed_in(a_user(an_organisation(), role), second_factor=False)
    for path in ("/", "/people/", "/sites/", "/who-can-see-what/"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, reverse("mfa_activate_totp")), path


def test_the_first_sign_in_leads_through_the_set_up_to_the_portal(client, coordinator):
    assert type_password(client)["Location"] == "/"
    assert client.get("/")["Location"] == reverse("mfa_activate_totp")
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200 and "data:image/svg+xml" in page.content.decode()
    secret = client.session["mfa.totp.secret"]
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "12"})
    assert wrong.status_code == 200 and client.session["mfa.totp.secret"] == secret
    code = fresh_code(secret)
    response = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert response["Location"] == reverse("mfa_view_recovery_codes")
    codes = client.get(response["Location"]).content.decode()
    assert len(re.findall(r"<li><code>\d{8}</code>", codes)) == 10
    assert client.get("/sites/").status_code == 200
    stored = Authenticator.objects.get(user=coordinator, type="totp").data["secret"]
    assert secret not in stored and keyring().decrypt(stored.encode()).decode() == secret
    thief = Client()  # the code of the set-up is spent, too
    type_password(thief)
    assert thief.post(CODE, {"code": code}).status_code == 200


def test_a_session_without_the_factor_cannot_add_one_beside_it(coordinator):
    earlier = signed_in(coordinator, second_factor=False)
    assert earlier.get(reverse("mfa_activate_totp")).status_code in (200, 302)
    TOTP.activate(coordinator, generate_totp_secret())
    doors = ("mfa_add_webauthn", "mfa_generate_recovery_codes", "mfa_view_recovery_codes", "mfa_index", "account_change_password")
    for name in doors:
        response = earlier.get(reverse(name))
        assert response.status_code == 302 and response["Location"].startswith("/accounts/2fa/reauthenticate/"), name


def test_a_reporter_checks_in_with_a_password_and_reads_with_a_second_factor():
    site = a_site()
    reporter = a_user(site.organisation, "SITE_REPORTER", sites=[site], email="reporter@halden.example")
    client = Client()
    assert type_password(client, reporter.email)["Location"] == "/"
    assert client.get(f"/c/{site.checkin_code}/").status_code == 200
    assert client.get(f"/sites/{site.pk}/").status_code == 403
    assert signed_in(reporter).get(f"/sites/{site.pk}/").status_code == 200


def test_the_last_second_factor_cannot_be_removed(client, coordinator, secret):
    type_password(client)
    client.post(CODE, {"code": fresh_code(secret)})
    page = client.post(reverse("mfa_deactivate_totp"))
    assert page.status_code == 200 and "Add another one first" in page.content.decode()
    assert Authenticator.objects.filter(user=coordinator, type="totp").exists()


def test_signing_out_takes_a_post(coordinator):
    client = signed_in(coordinator)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/sites/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/sites/").status_code == 302


def test_an_account_opened_by_a_link_may_choose_a_password_once(coordinator):
    """The accounts of the demo have none; everybody else is sent on to the page that asks for the present one."""
    client = signed_in(coordinator)
    assert client.get("/accounts/password/set/")["Location"] == "/accounts/password/change/"
    User.objects.filter(pk=coordinator.pk).update(password=make_password(None))
    client = signed_in(User.objects.get(pk=coordinator.pk))
    assert client.get("/accounts/password/change/")["Location"] == "/accounts/password/set/"
    page = client.get("/accounts/password/set/")
    assert page.status_code == 200 and "Choose a password" in page.content.decode()
    answer = client.post("/accounts/password/set/", {"password1": "a long and new one 7", "password2": "a long and new one 7"})
    assert answer.status_code == 302
    assert User.objects.get(pk=coordinator.pk).check_password("a long and new one 7")


def test_nobody_registers(client):
    assert "Nobody registers here" in client.get("/accounts/signup/").content.decode()
    assert client.post("/accounts/signup/", {"email": "new@halden.example", "password1": PASSWORD}).status_code == 403
    assert not User.objects.filter(email="new@halden.example").exists()
    for path in ("/accounts/email/", "/accounts/login/code/", "/accounts/2fa/webauthn/signup/"):
        assert client.get(path).status_code == 404, path


def test_a_forgotten_password_is_mailed_without_content_and_keeps_the_second_factor(client, coordinator, secret):
    open_session = signed_in(coordinator)
    assert client.post(reverse("account_reset_password"), {"email": "nobody@halden.example"}).status_code == 302
    assert mail.outbox == []
    client.post(reverse("account_reset_password"), {"email": coordinator.email})
    (message,) = mail.outbox
    assert message.subject == "A link for you"
    assert "Halden" not in message.body.replace("halden.example", "") and coordinator.email not in message.body
    link = re.search(r"https?://[^/]+(/\S+)", message.body).group(1)
    page = client.get(link, follow=True)
    assert page.status_code == 200
    address = page.redirect_chain[-1][0]
    short = client.post(address, {"password1": "short", "password2": "short"})
    assert "at least 15 characters" in short.content.decode()
    new = "a much better battery staple"
    assert client.post(address, {"password1": new, "password2": new}).status_code == 302
    assert open_session.get("/sites/").status_code == 302
    assert type_password(client, password=new)["Location"] == CODE
    assert Client().get(link, follow=True).content.decode().count("This link is spent") >= 1


def test_a_closed_account_reads_that_it_has_no_access_and_its_session_ends(client, coordinator):
    session = signed_in(coordinator)
    RoleGrant.objects.filter(user=coordinator).update(revoked_at=timezone.now())
    assert session.get("/sites/")["Location"] == "/accounts/login/?next=/sites/"
    assert session.get("/accounts/login/").status_code == 200  # and not round in a circle
    response = client.post(LOGIN, {"login": coordinator.email, "password": PASSWORD}, follow=True)
    assert "This account has no access" in response.content.decode()


def test_the_pages_of_the_door_are_not_stored_and_have_no_inline_script(client, coordinator, secret):
    type_password(client)
    for path in (CODE, LOGIN, reverse("account_reset_password")):
        response = client.get(path)
        html = response.content.decode()
        assert not re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", html), path
        assert not re.search(r"\son\w+=|\sstyle=", html), path
    assert "no-store" in client.get(LOGIN)["Cache-Control"]


def test_without_demo_data_a_sign_in_link_does_not_exist(client, coordinator):
    with pytest.raises(NoReverseMatch):
        reverse("members:demo_sign_in", args=["x"])
    SignInLink.objects.create(user=coordinator, token_hash=hashed("known"), expires_at=timezone.now() + timedelta(hours=1))
    assert client.get("/demo-sign-in/known/").status_code == 404


@pytest.mark.django_db(transaction=True)  # the command works as the owner, who sees what is committed
def test_secrets_of_second_factors_follow_the_keys(coordinator, settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_KEYS = [old]
    secret = generate_totp_secret()
    TOTP.activate(coordinator, secret)
    RecoveryCodes.activate(coordinator)
    settings.FIELD_KEYS = [new, old]
    with transaction.atomic(using="owner"):
        assert rotate_second_factors() == 2
    settings.FIELD_KEYS = [new]
    assert Authenticator.objects.get(type="totp").wrap().validate_code(fresh_code(secret))
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.members.demo_urls"


def link_for(user: User) -> str:
    return f"/demo-sign-in/{make_sign_in_link(user)}/"


@pytest.mark.usefixtures("demo")
def test_a_demo_link_signs_in_once_with_a_new_session(client, coordinator):
    link = link_for(coordinator)
    client.get(LOGIN)
    response = client.get(link)
    assert (response.status_code, response["Location"], response["Cache-Control"]) == (302, "/", "no-store")
    assert client.get("/sites/").status_code == 200
    assert [event.actor_id for event in acts("members.sign_in")] == [coordinator.pk]
    again = Client().get(link)
    assert again.status_code == 410 and "This link is spent" in again.content.decode()


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    "elsewhere",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"REMOTE_ADDR": ""},
    ],
)
def test_a_demo_link_works_on_this_machine_only_and_stays_unspent(coordinator, elsewhere):
    link = link_for(coordinator)
    assert Client(**elsewhere).get(link).status_code == 404
    assert Client(REMOTE_ADDR="::1").get(link).status_code == 302


@pytest.mark.usefixtures("demo")
def test_a_demo_link_is_no_second_factor_for_a_reporter(client):
    site = a_site()
    reporter = a_user(site.organisation, "SITE_REPORTER", sites=[site])
    client.get(link_for(reporter))
    assert client.get(f"/c/{site.checkin_code}/").status_code == 200
    assert client.get(f"/sites/{site.pk}/").status_code == 403


@pytest.mark.usefixtures("demo")
def test_a_demo_link_ends_and_a_closed_account_has_none(client, coordinator):
    link = link_for(coordinator)
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(link).status_code == 410
    link = link_for(coordinator)
    User.objects.update(is_active=False)
    assert client.get(link).status_code == 410


def test_the_command_makes_links_with_demo_data_only(coordinator, settings):
    with pytest.raises(CommandError, match="only with demo data"):
        call_command("sign_in_link", coordinator.email)
    with pytest.raises(Conflict):
        make_sign_in_link(coordinator)
    assert not SignInLink.objects.exists()
    settings.DEMO = True
    settings.PLAIN_HTTP = True
    settings.ROOT_URLCONF = "tests.members.demo_urls"
    said, missing = StringIO(), StringIO()
    call_command("sign_in_link", coordinator.email, "nobody@halden.example", count=2, stdout=said, stderr=missing)
    lines = said.getvalue().splitlines()
    assert len(lines) == 2 and all("Coordinator" in line and "http://localhost:8000/demo-sign-in/" in line for line in lines)
    assert "nobody@halden.example" in missing.getvalue()
