"""What the children of the launcher say: in full to a log that does not grow for ever, and only what is loud to the terminal."""

from pathlib import Path

import pytest

from aimprogress.embedded import processes
from aimprogress.embedded.processes import Processes, Watched, python

TALK = "print('WARNING look here')\nfor n in range(200): print('line', n, 'x' * 40)"


def test_a_log_that_grew_is_set_aside_while_its_child_still_talks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_LOG_LIMIT_IN_BYTES", 10_000)
    said: list[str] = []
    children = Processes(tmp_path, tmp_path / "log", terminal=said.append)
    child = Watched("child", python("-c", TALK), {})
    assert children.run(child, seconds=30) == 0
    children.stop()
    log, before = tmp_path / "log" / "child.log", tmp_path / "log" / "child.log.1"
    assert log.stat().st_size <= 10_200 and before.stat().st_size <= 10_200
    assert log.read_text().splitlines()[-1].endswith(f"line 199 {'x' * 40}")
    assert said == ["child  WARNING look here"]
