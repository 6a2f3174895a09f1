"""The portal that the browser tests look at: gunicorn on the test database, a small demo, and a member of hard cases."""

import io
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import call_command
from django.db import connections, transaction
from django.test import override_settings
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.embedded.launcher import WEB_SERVER
from aimprogress.places.reference import load_reference
from members.access import actor_for_user
from members.models import MemberAnalyst, Organisation, StaffSession, User
from members.services.accounts import invite
from members.services.devices import offer_device
from tests.factories import a_site, a_status, a_user, the_secretariat
from tests.house.world import Member, a_member
from tests.members.plan_samples import a_communication_plan, an_evacuation_plan
from tests.signing import signed_in

PROJECT = Path(__file__).resolve().parents[2]
SMALL_DEMO = [("Halden Foods", "FOOD", 14), ("Norvia Home Care", "HPC", 8), ("Castor & Lind", "PACKAGING", 6)]
LONG_NAME = "Сільськогосподарсько-переробний комплекс «Високоінтелектуальнопереробка Кропивницький» & <b>№ 2</b>"
"""With a word of thirty letters that nobody may break, and signs that mean something to a browser."""
DEMO_ACCOUNTS = {
    "R": "reporter@halden.example", "C": "coordinator@halden.example", "V": "viewer@halden.example",
    "A": "analyst@aim.example", "M": "admin@aim.example", "P": "partner@relief.example", "U": "auditor@audit.example",
}  # fmt: skip
OWN_ROLES = {
    "R": Role.SITE_REPORTER, "C": Role.MEMBER_COORDINATOR, "V": Role.MEMBER_VIEWER, "U": Role.AUDITOR,
}  # fmt: skip


@dataclass
class Portal:
    """Where it runs, the member of hard cases, and the session key of each person by name ("C": the demo's, "own C": its)."""

    address: str
    member: Member
    users: dict[str, User]
    sessions: dict[str, str]
    arguments: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Arguments of addresses that need another row than the usual one of `member`."""


WHOLE_GRID = timedelta(hours=12)
"""Longer than every page in every look takes on the slowest machine."""


@contextmanager
def a_portal() -> Iterator[Portal]:
    """Rows that are really committed, and a web server in a process of its own; both are gone afterwards."""
    try:
        load_reference()
        with override_settings(DEMO=True), patch("members.demo.MEMBERS", SMALL_DEMO):
            call_command("demo", stdout=io.StringIO())
        member = _hard_cases()
        users = {letter: User.objects.get(email=email) for letter, email in DEMO_ACCOUNTS.items()}
        users |= {"D": a_user(the_secretariat(), Role.DPO), **{f"own {x}": member.users[role] for x, role in OWN_ROLES.items()}}
        users["door"] = _somebody_at_the_door(member.organisation)
        users["new"] = a_user(member.organisation, Role.MEMBER_COORDINATOR, email="new.hand@quillfern.example")
        sessions = {name: session_of(user) for name, user in users.items()}
        arguments = _other_rows(member)
        with _gunicorn() as address:
            yield Portal(address, member, users, sessions, arguments)
    finally:
        call_command("flush", verbosity=0, interactive=False, database="owner")


def session_of(user: User) -> str:
    """The key of a session that showed both factors, and shows them as fresh for as long as the slowest grid may take."""
    session = signed_in(user).session
    for method in session["account_authentication_methods"]:
        method["at"] = time.time() + WHOLE_GRID.total_seconds()
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return str(session.session_key)


def _somebody_at_the_door(organisation: Organisation) -> User:
    """A person with an authenticator app and recovery codes, for the pages that manage them."""
    user = a_user(organisation, Role.MEMBER_VIEWER, email="door@quillfern.example")
    with acting_as(SYSTEM):
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
    return user


def _hard_cases() -> Member:
    """One row of every noun, as the house tests have it, and the longest names that anybody may type."""
    member = a_member("Quillfern", Organisation.objects.get(slug="relief-now"))
    with acting_as(SYSTEM):
        member.site.refresh_from_db()  # what happened at it since made new versions of it
        member.site.name = LONG_NAME
        member.site.save(update_fields=["name"])
        halden = Organisation.objects.get(slug="halden-foods")
    a_status(a_site(halden, name=LONG_NAME, code="X" * 40), "REDUCED")
    return member


def _other_rows(member: Member) -> dict[str, dict[str, Any]]:
    """Drafts, because an approved plan is not changed; an open invitation with its secret; a staff session that lasts."""
    site = a_site(member.organisation, name="Second plant")
    evacuation = {"pk": an_evacuation_plan(site, approved=False).pk}
    communication = {"pk": a_communication_plan(site, approved=False).pk}
    coordinator = member.users[Role.MEMBER_COORDINATOR]
    with acting_as(actor_for_user(coordinator, member.organisation.pk)):
        enrol = offer_device(site=site).text
        secret = invite(organisation=member.organisation, email="new@quillfern.example", role=Role.MEMBER_VIEWER).text
    with acting_as(SYSTEM):
        session = StaffSession(
            organisation=member.organisation, receiver=the_secretariat(), reason="They asked for a look at their suppliers",
            analyst=User.objects.get(email=DEMO_ACCOUNTS["A"]), ends_at=timezone.now() + WHOLE_GRID,
        )  # fmt: skip
        session.save(force_insert=True)
    doings = ("change", "questions", "approve", "ask")
    return {
        **{f"members:evacuation_plan_{doing}": evacuation for doing in doings},
        **{f"members:communication_plan_{doing}": communication for doing in doings},
        "members:invitation": {"secret": secret},
        "members:enrol": {"secret": enrol},
        "members:site_inside": {"pk": a_site(member.organisation, name="Protected plant", safety_profile=True).pk},
        "members:staff_session_end": {"pk": session.pk},
        "members:assignment_end": {"pk": MemberAnalyst.objects.filter(organisation__slug="halden-foods").get().pk},
    }


@contextmanager
def _gunicorn() -> Iterator[str]:
    """The web server as `make run` starts it, on a free port, with the test database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = Path(os.environ["DATA_DIR"]) / "browser-web.log"
    name = connections["default"].settings_dict["NAME"]
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")),
        "PLAIN_HTTP": "1", "DEMO": "1", "PORT": str(port), "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
    }  # fmt: skip
    command = [sys.executable, "-m", *WEB_SERVER, "--workers=1", f"--bind=127.0.0.1:{port}"]
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=out, stderr=out)
    address = f"http://localhost:{port}"
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz", server, log)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 240  # a busy machine takes its time
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the web server is not ready: {log.read_text()}")


@contextmanager
def committed() -> Iterator[None]:
    """Rows of a test that the web server shall see: as SYSTEM, outside the test's own transaction."""
    with transaction.atomic(), acting_as(SYSTEM):
        yield
