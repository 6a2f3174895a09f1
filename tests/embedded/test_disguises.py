"""PostgreSQL for root, in both ways: one works where the other is refused, and the data moves between them."""

import pwd
import re
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from aimprogress.embedded import postgres as module
from aimprogress.embedded.children import start_child
from aimprogress.embedded.disguises import (
    CAP_DAC_OVERRIDE,
    Disguise,
    RootRefused,
    is_root,
    owner_of_files,
    possible_disguise,
    put_on,
)
from aimprogress.embedded.postgres import Postgres

only_root = pytest.mark.skipif(not is_root(), reason="disguises are for root")


@pytest.fixture
def wearing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Disguise | None], None]:
    return lambda disguise: monkeypatch.setattr(module, "possible_disguise", lambda: disguise)


def started(folder: Path, *, durable: bool = False) -> Postgres:
    postgres = Postgres(folder / "pg", folder / "s", durable=durable)
    postgres.start()
    return postgres


def ask(postgres: Postgres, statement: str) -> list[tuple]:
    connection = psycopg2.connect(postgres.urls["MIGRATION_DATABASE_URL"])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def status_of(postgres: Postgres, line: str) -> str:
    assert postgres.process is not None
    return re.search(rf"^{line}:\t(.*)$", Path(f"/proc/{postgres.process.pid}/status").read_text(), re.M)[1]


@only_root
@pytest.mark.parametrize("disguise", Disguise)
def test_postgresql_runs_for_root_in_this_disguise(
    tmp_path: Path, disguise: Disguise, wearing: Callable[[Disguise | None], None]
) -> None:
    wearing(disguise)
    postgres = started(tmp_path)
    try:
        assert ask(postgres, "SELECT current_user") == [("portal_owner",)]
        assert postgres.data_dir.stat().st_uid == owner_of_files(disguise)
        assert postgres.data_dir.stat().st_mode & 0o077 == 0
    finally:
        postgres.stop()


@only_root
def test_without_namespaces_it_is_nobody_with_one_right(tmp_path: Path, wearing: Callable[[Disguise | None], None]) -> None:
    wearing(Disguise.CAPABILITY)
    postgres = started(tmp_path)
    try:
        assert set(status_of(postgres, "Uid").split()) == {str(pwd.getpwnam("nobody").pw_uid)}
        assert status_of(postgres, "Groups").strip() == ""
        for held in ("CapEff", "CapPrm", "CapAmb"):
            assert int(status_of(postgres, held), 16) == 1 << CAP_DAC_OVERRIDE
    finally:
        postgres.stop()


@only_root
@pytest.mark.parametrize("disguise", Disguise)
def test_the_programs_are_found_below_a_folder_that_only_root_may_enter(tmp_path: Path, disguise: Disguise) -> None:
    """The checkout may lie in /root, mode 0700. `test -x` asks access(), as initdb does for the program beside it."""
    program = tmp_path / "closed" / "program"
    program.parent.mkdir(mode=0o700)
    program.touch(mode=0o755)
    assert start_child(["/usr/bin/test", "-x", program], disguise=put_on(disguise)).wait(10) == 0


@only_root
def test_a_cluster_that_was_made_in_one_disguise_starts_in_the_other(
    tmp_path: Path, wearing: Callable[[Disguise | None], None]
) -> None:
    for number, disguise in enumerate((*Disguise, Disguise.NAMESPACE)):
        wearing(disguise)
        postgres = started(tmp_path, durable=True)
        try:
            ask(postgres, f"CREATE TABLE made_{number} (id int)")
            kept = ask(postgres, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'made%'")
            assert kept == [(number + 1,)]
        finally:
            postgres.stop()


@only_root
def test_where_root_may_do_neither_the_message_names_the_way_out(
    tmp_path: Path, wearing: Callable[[Disguise | None], None]
) -> None:
    wearing(None)
    with pytest.raises(RootRefused, match="DATABASE_URL"):
        started(tmp_path)
    assert not (tmp_path / "pg").exists()


@only_root
def test_the_first_way_that_works_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    from aimprogress.embedded import disguises

    monkeypatch.setattr(disguises, "_enter_namespace", lambda user: None)
    assert possible_disguise() is Disguise.NAMESPACE
    monkeypatch.setattr(disguises, "_enter_namespace", _refused)
    assert possible_disguise() is Disguise.CAPABILITY
    monkeypatch.setattr(disguises, "_become", _refused)
    assert possible_disguise() is None


def _refused(_account: object) -> None:
    raise PermissionError("the kernel says no")


def test_the_name_that_initdb_looks_up_exists_on_every_machine() -> None:
    """A fixed id would work only where somebody happens to have it: a new Debian has no user 1000."""
    for disguise in Disguise:
        assert callable(put_on(disguise))
    assert owner_of_files(Disguise.CAPABILITY) == pwd.getpwnam("nobody").pw_uid
