"""The journey of `make journey`, against a portal that was started for it: demo, worker, PDF and all."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from risks.reports.render import libraries_missing
from tests.embedded.test_servers import ask
from tests.journeys.steps import STEPS
from tests.portal import PROJECT, Run

ACCOUNTS = [
    "analyst@aim.example", "admin@aim.example", "coordinator@halden.example", "reporter@halden.example", "viewer@halden.example",
    "coordinator@norvia.example", "auditor@audit.example", "partner@relief.example",
]  # fmt: skip


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    if libraries_missing():
        pytest.skip("the libraries that draw PDFs are not on this machine; manage.py doctor names them")
    run = Run(tmp_path_factory.mktemp("journey") / "var", DEMO="1")
    try:
        run.wait_until_ready(300)
        yield run
    finally:
        run.end()


def test_the_first_run_prints_the_address_a_link_for_each_role_the_token_and_how_to_stop(portal: Run) -> None:
    address = f"http://localhost:{portal.port}"
    assert f"{address}\n" in portal.said
    links = re.findall(rf"^ *(\S+@\S+) .*{address}/demo-sign-in/\S+/$", portal.said, re.MULTILINE)
    assert sorted(links) == sorted(ACCOUNTS)
    assert len(re.findall(r"\baimp_\w+", portal.said)) == 1
    assert "Ctrl-C stops everything" in portal.said


def test_the_whole_way_from_a_check_in_to_a_revoked_share(portal: Run) -> None:
    """`make journey` itself, in a process of its own: a line for each step, and the last line says that all is well."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys"],
        cwd=PROJECT, env=portal.environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert lines[-1] == f"journey: {len(STEPS)} steps ok"
    assert len(lines) == len(STEPS) + 1 and all(re.match(r" ?\d+\. ok  ", line) for line in lines[:-1]), lines


def test_the_audit_chains_hold_afterwards(portal: Run) -> None:
    assert "0 broken links" in portal.manage("audit_verify")


def test_the_projection_of_the_demo_is_what_the_log_says(portal: Run) -> None:
    portal.manage("rebuild_current", "--verify")


def test_a_second_run_keeps_the_data_and_loads_the_demo_no_second_time(portal: Run) -> None:
    count = "SELECT (SELECT count(*) FROM members_organisation), (SELECT count(*) FROM members_apikey)"
    before = ask(portal.urls["DATABASE_URL"], count)
    assert before[0][0] >= 14
    assert portal.interrupt() == 0
    second = Run(portal.folder, DEMO="1")
    try:
        second.wait_until_ready()
        assert ask(second.urls["DATABASE_URL"], count) == before
        assert "Loading the demo" not in second.said and "aimp_" not in second.said
        assert second.said.count("/demo-sign-in/") == len(ACCOUNTS)
    finally:
        second.end()
