"""The life of `make run`: ready, stopped in order, started again with its data, killed without a trace left behind."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.test_servers import ask
from tests.plugin import Servers
from tests.portal import PROJECT, Run, gone, without_pytest

WARM_START_SECONDS = 60  # the goal is 15 on an idle machine; tests share theirs
PARTS = {"postgres", "valkey-server", "gunicorn", "celery"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("portal") / "var"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def run(folder: Path) -> Iterator[Run]:
    run = Run(folder)
    yield run
    run.end()


def test_ctrl_c_stops_everything(run: Run) -> None:
    run.wait_until_ready()
    assert run.get("/livez") == (200, {"status": "alive"})
    assert run.get("/readyz")[1]["checks"] == {"database": True, "migrations": True}
    children = run.children()
    for part in PARTS:
        assert any(part in command for command in children.values()), f"{part} does not run: {children}"
    ask(
        run.urls["MIGRATION_DATABASE_URL"], "CREATE TABLE IF NOT EXISTS kept_by_test AS SELECT generate_series(1, 1001) AS number"
    )
    assert run.interrupt() == 0, run.said
    assert all(gone(pid) for pid in children)


def test_a_second_launcher_of_the_same_data_is_refused(run: Run) -> None:
    run.wait_until_ready()
    second = Run(run.folder)
    assert second.process.wait(30) == 1
    assert "runs already" in second.said
    assert run.get("/readyz")[0] == 200


def test_a_second_run_keeps_the_data_and_starts_fast(run: Run) -> None:
    seconds = run.wait_until_ready()
    assert ask(run.urls["MIGRATION_DATABASE_URL"], "SELECT count(*) FROM kept_by_test") == [(1001,)]
    assert seconds < WARM_START_SECONDS


def test_a_killed_web_server_database_and_broker_come_back(run: Run) -> None:
    run.wait_until_ready()
    for name in ("gunicorn", "valkey-server", "postgres"):
        leader = run.kill(name)
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            time.sleep(0.5)
            try:
                if run.get("/readyz")[0] == 200 and any(name in c for p, c in run.children().items() if p != leader):
                    break
            except OSError:
                continue
        else:
            pytest.fail(f"{name} did not come back")


def test_killing_the_launcher_leaves_no_child_and_loses_no_row(run: Run) -> None:
    run.wait_until_ready()
    ask(run.urls["MIGRATION_DATABASE_URL"], "INSERT INTO kept_by_test VALUES (1002)")
    children = run.children()
    run.process.kill()
    run.process.wait(10)
    assert [children[pid] for pid in children if not gone(pid, 20)] == []
    again = Run(run.folder)
    try:
        again.wait_until_ready()
        assert ask(again.urls["MIGRATION_DATABASE_URL"], "SELECT count(*) FROM kept_by_test") == [(1002,)]
        assert again.interrupt() == 0
    finally:
        again.end()


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


def test_no_process_of_the_portal_holds_a_password_that_it_does_not_need(run: Run) -> None:
    run.wait_until_ready()
    for pid, command in run.children().items():
        held = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
        assert "portal_owner:" not in held, command
        assert "portal_backup:" not in held, command
        if "postgres" in command or "valkey-server" in command:
            assert "portal_app:" not in held, command
            assert "FIELD_KEYS" not in held, command
