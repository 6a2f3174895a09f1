"""A portal to be hurt: started once as `make run` starts it, with the demo, and looked at from outside."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.workshop import faults, kept_commits, kinds, room, zygote  # noqa: F401 - fixtures of the job machine
from tests.portal import Run


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The running portal. `portal.kill("worker")`, `.freeze("valkey-server")`, `.get(path)`, `.manage(...)`, `.urls`."""
    folder: Path = tmp_path_factory.mktemp("faults") / "var"
    run = Run(folder, DEMO="1")
    try:
        run.wait_until_ready(300)
        yield run
    finally:
        run.end()
        shutil.rmtree(folder, ignore_errors=True)
