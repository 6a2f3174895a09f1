"""What the children of the launcher say: in full to a log that does not grow for ever, and only what is loud to the terminal."""

import stat
from pathlib import Path

import pytest

from aimprogress import log_files
from aimprogress.embedded.installation import Installation
from aimprogress.embedded.launcher import Launcher, Stop
from aimprogress.embedded.processes import Processes, Watched, python

TALK = "print('WARNING look here')\nfor n in range(200): print('line', n, 'x' * 40)"


def test_a_log_that_grew_is_set_aside_while_its_child_still_talks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "LIMIT_IN_BYTES", 10_000)
    said: list[str] = []
    children = Processes(tmp_path, tmp_path / "log", terminal=said.append)
    child = Watched("child", python("-c", TALK), {})
    assert children.run(child, seconds=30) == 0
    children.stop()
    log, before = tmp_path / "log" / "child.log", tmp_path / "log" / "child.log.1"
    assert log.stat().st_size <= 10_200 and before.stat().st_size <= 10_200
    assert log.read_text().splitlines()[-1].endswith(f"line 199 {'x' * 40}")
    assert said == ["child  WARNING look here"]


def test_a_log_that_another_program_holds_open_is_set_aside_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "LIMIT_IN_BYTES", 100)
    path = tmp_path / "log" / "postgres.log"
    with log_files.open_log(path) as held:
        held.write(b"before\n" * 50)
        held.flush()
        log_files.keep_short(path)
        held.write(b"after\n")
        held.flush()
        log_files.keep_short(path)
    aside = path.with_name("postgres.log.1")
    assert (path.read_text(), aside.read_text()) == ("after\n", "before\n" * 50)
    assert {stat.S_IMODE(one.stat().st_mode) for one in (path, aside)} == {0o600}


def test_the_launcher_keeps_the_logs_of_its_servers_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "LIMIT_IN_BYTES", 100)
    launcher = Launcher(Installation(tmp_path), 0)
    launcher.postgres, launcher.valkey = launcher.installation.postgres(), launcher.installation.valkey()
    monkeypatch.setattr(launcher.processes, "read", lambda seconds: None)
    for server in (launcher.postgres, launcher.valkey):
        with log_files.open_log(server.log) as log:
            log.write(b"said\n" * 50)

    rounds = iter([None, Stop()])

    def second_round_ends() -> None:
        if stop := next(rounds):
            raise stop

    monkeypatch.setattr(launcher, "_restart_servers", second_round_ends)
    with pytest.raises(Stop):
        launcher.watch()
    assert [server.log.read_text() for server in (launcher.postgres, launcher.valkey)] == ["", ""]
