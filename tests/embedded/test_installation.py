"""What each process of an installation may know, and what it never becomes."""

import os
import stat
from pathlib import Path

import pytest

from aimprogress.embedded.installation import SECRETS, Installation, attach
from tests.portal import without_pytest


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Installation:
    kept = without_pytest()
    for name in list(os.environ):
        if name not in kept and not name.startswith("PYTEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    return Installation.here()


@pytest.fixture
def set_up(installation: Installation) -> Installation:
    installation.secrets()
    installation.postgres()  # makes the passwords, starts nothing
    return installation


def test_a_process_is_given_only_the_address_it_needs(set_up: Installation) -> None:
    assert {name for name in set_up.environment("DATABASE_URL") if name.endswith("DATABASE_URL")} == {"DATABASE_URL"}
    assert "portal_app" in set_up.environment("DATABASE_URL")["DATABASE_URL"]


@pytest.mark.parametrize(
    ("command", "addresses"),
    [
        ("shell", {"DATABASE_URL"}),
        ("sign_in_link", {"DATABASE_URL"}),
        ("migrate", {"DATABASE_URL", "MIGRATION_DATABASE_URL"}),
        ("backup", {"DATABASE_URL", "BACKUP_DATABASE_URL"}),
        ("run", set()),
    ],
)
def test_a_command_finds_the_servers_with_the_role_it_needs(
    set_up: Installation, monkeypatch: pytest.MonkeyPatch, command: str, addresses: set[str]
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    attach(command)
    assert {name for name in os.environ if name.endswith("DATABASE_URL")} == addresses


def test_before_the_set_up_a_command_finds_nothing_and_makes_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    attach("check")
    assert "DATABASE_URL" not in os.environ
    assert not installation.folder.exists()


def test_addresses_from_outside_win(set_up: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ) | {"DATABASE_URL": "postgres://elsewhere/portal"})
    attach("migrate")
    assert os.environ["DATABASE_URL"] == "postgres://elsewhere/portal"
    assert "MIGRATION_DATABASE_URL" not in os.environ
    assert os.environ["SECRET_KEY"] == set_up.secrets()["SECRET_KEY"]


def test_keys_are_made_once_and_are_private(installation: Installation) -> None:
    assert set(installation.secrets()) == set(SECRETS)
    assert installation.secrets() == installation.secrets()
    assert stat.S_IMODE((installation.folder / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(installation.folder.stat().st_mode) == 0o700


def test_keys_from_outside_are_not_written_down(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "from outside")
    assert set(installation.secrets().values()) == {"from outside"}
    assert not installation.folder.exists()


def test_what_was_set_up_without_the_demo_never_becomes_one(set_up: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """DEMO opens single-use sign-in links: real data must not get them by forgetting a variable."""
    assert set_up.environment()["DEMO"] == "1"
    set_up.set_up_without_demo()
    assert set_up.environment()["DEMO"] == "0"
    monkeypatch.setenv("DEMO", "1")
    assert set_up.environment()["DEMO"] == "0"
    monkeypatch.setattr(os, "environ", dict(os.environ))
    attach("sign_in_link")
    assert os.environ["DEMO"] == "0"


def test_a_link_made_in_a_second_terminal_leads_to_the_port_in_use(set_up: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up.lock.write_text("http://localhost:8123 (process 7)\n")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    attach("sign_in_link")
    assert os.environ["PORT"] == "8123"
