"""`manage.py sign_in_link`: what `make run` prints, and what it can never print."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from aimprogress.core.permissions import Role
from members.models import SignInLink
from tests.factories import a_user, an_organisation

pytestmark = pytest.mark.django_db


def links_for(*emails: str) -> list[str]:
    out = StringIO()
    call_command("sign_in_link", *emails, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def demo(settings, monkeypatch) -> None:
    """DEMO decides about the urls when they are loaded; here only about the command."""
    settings.DEMO = True
    monkeypatch.setattr("members.management.commands.sign_in_link.reverse", lambda name, args: f"/demo-sign-in/{args[0]}/")


def test_one_line_for_each_address_in_the_order_asked(demo):
    halden = an_organisation()
    a_user(halden, Role.MEMBER_VIEWER, email="viewer@halden.example")
    a_user(halden, Role.MEMBER_COORDINATOR, email="coordinator@halden.example")
    lines = links_for("viewer@halden.example", "coordinator@halden.example")
    assert ["viewer@" in lines[0], "coordinator@" in lines[1]] == [True, True]
    assert all(re.search(r"http://localhost:\d+/demo-sign-in/[\w-]{30,}/$", line) for line in lines)


def test_the_secret_is_not_stored(demo):
    a_user(an_organisation(), Role.MEMBER_VIEWER, email="viewer@halden.example")
    (line,) = links_for("viewer@halden.example")
    secret = line.rstrip("/").rpartition("/")[2]
    assert secret not in SignInLink.objects.get().token_hash


def test_an_unknown_address_is_named_and_the_others_are_printed(demo):
    a_user(an_organisation(), Role.MEMBER_VIEWER, email="viewer@halden.example")
    out = StringIO()
    with pytest.raises(CommandError, match="nobody@"):
        call_command("sign_in_link", "nobody@halden.example", "viewer@halden.example", stdout=out)
    assert "viewer@halden.example" in out.getvalue()


def test_without_demo_data_there_is_no_link(settings):
    settings.DEMO = False
    a_user(an_organisation(), Role.MEMBER_VIEWER, email="viewer@halden.example")
    with pytest.raises(CommandError, match="only with demo data"):
        links_for("viewer@halden.example")
    assert not SignInLink.objects.exists()
