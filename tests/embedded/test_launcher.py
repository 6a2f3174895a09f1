"""The life of `make run`: ready, stopped in order, started again with its data, killed without a trace left behind."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.embedded.test_servers import ask
from tests.plugin import Servers
from tests.portal import PROJECT, Run, gone, without_pytest

PARTS = {"postgres", "valkey-server", "gunicorn", "celery"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("portal") / "var"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def first(folder: Path) -> Iterator[Run]:
    """The first run of an installation, shared by the tests that leave it standing; the tests below stand in their order."""
    run = Run(folder)
    try:
        run.wait_until_ready()
        ask(run.urls["MIGRATION_DATABASE_URL"], "CREATE TABLE kept_by_test AS SELECT generate_series(1, 1001) AS number")
        yield run
    finally:
        run.end()


def test_everything_runs_and_is_ready(first: Run) -> None:
    assert first.get("/livez") == (200, {"status": "alive"})
    assert first.get("/readyz")[1]["checks"] == {"database": True, "migrations": True}
    commands = first.children().values()
    for part in PARTS:
        assert any(part in command for command in commands), f"{part} does not run: {commands}"


def test_no_process_of_the_portal_holds_a_password_that_it_does_not_need(first: Run) -> None:
    for pid, command in first.children().items():
        held = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
        assert "portal_owner:" not in held, command
        assert "portal_backup:" not in held, command
        if "postgres" in command or "valkey-server" in command:
            assert "portal_app:" not in held, command
            assert "FIELD_KEYS" not in held, command


def test_a_second_launcher_of_the_same_data_is_refused(first: Run) -> None:
    second = Run(first.folder)
    assert second.process.wait(30) == 1
    assert "runs already" in second.said
    assert first.get("/readyz")[0] == 200


@pytest.mark.parametrize("name", ["gunicorn", "valkey-server", "postgres"])
def test_a_killed_server_comes_back(first: Run, name: str) -> None:
    killed = first.kill(name)
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        time.sleep(0.2)
        try:
            if first.get("/readyz")[0] == 200 and any(name in line for pid, line in first.children().items() if pid != killed):
                return
        except OSError:
            continue
    pytest.fail(f"{name} did not come back: {first.said}")


def test_a_backup_is_made_while_the_portal_runs(first: Run) -> None:
    assert "tables" in first.manage("backup")


def test_ctrl_c_stops_everything(first: Run) -> None:
    children = first.children()
    assert first.interrupt() == 0, first.said
    assert all(gone(pid) for pid in children)


def test_a_backup_is_made_and_restored_while_the_portal_is_stopped(first: Run) -> None:
    """The embedded server is started for that moment, and stopped again."""
    assert "tables" in first.manage("backup")
    assert "restored whole" in first.manage("restore_check")
    assert len(list((first.folder / "backups").glob("*Z"))) == 2
    assert not (first.folder / "postgres" / "postmaster.pid").exists()


def test_a_second_run_keeps_the_rows_and_killing_its_launcher_leaves_no_child_and_loses_none(
    first: Run, record_property: Callable[[str, object], None]
) -> None:
    second = Run(first.folder)
    try:
        record_property("figures", f"warm start: ready after {second.wait_until_ready():.1f} s (goal: 15 s on 2 quiet cores)")
        owner = second.urls["MIGRATION_DATABASE_URL"]
        assert ask(owner, "SELECT count(*) FROM kept_by_test") == [(1001,)]
        ask(owner, "INSERT INTO kept_by_test VALUES (1002)")
        children = second.children()
        second.process.kill()
        second.process.wait(10)
        assert [children[pid] for pid in children if not gone(pid, 20)] == []
    finally:
        second.end()
    third = Run(first.folder)
    try:
        third.wait_until_ready()
        assert ask(owner, "SELECT count(*) FROM kept_by_test") == [(1002,)]
    finally:
        third.end()


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "aimprogress.embedded"],
            cwd=PROJECT, env=without_pytest() | {"DATA_DIR": str(tmp_path), "PORT": str(port)},
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stdout
    assert not (tmp_path / "postgres").exists()


def test_external_services_are_used_where_the_environment_names_them(servers: Servers, tmp_path: Path) -> None:
    run = Run(tmp_path / "var", **servers.postgres.urls, **servers.valkey.urls)
    try:
        run.wait_until_ready()
        assert run.get("/readyz")[0] == 200
        commands = run.children().values()
        assert not any("postgres" in command or "valkey-server" in command for command in commands), commands
        assert not (run.folder / "postgres").exists()
        assert ask(servers.postgres.urls["MIGRATION_DATABASE_URL"], "SELECT count(*) > 0 FROM django_migrations") == [(True,)]
    finally:
        run.end()
