"""The journey of `make journey`, against a portal that was started for it: demo, worker, PDF and all."""

from collections.abc import Iterator

import pytest

from risks.reports.render import libraries_missing
from tests.journeys import browser
from tests.journeys.steps import STEPS, Walk
from tests.portal import Run


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


def test_the_whole_way_from_a_check_in_to_a_revoked_share(portal: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(email: str) -> str:
        said = portal.manage("sign_in_link", email)
        return next(word for word in said.split() if word.startswith("http"))

    monkeypatch.setattr(browser, "ADDRESS", f"http://localhost:{portal.port}")
    walk = Walk(browser.Browser, link)
    for step in STEPS:
        step(walk)


def test_the_audit_chains_hold_afterwards(portal: Run) -> None:
    assert "0 broken links" in portal.manage("audit_verify")


def test_the_projection_of_the_demo_is_what_the_log_says(portal: Run) -> None:
    portal.manage("rebuild_current", "--verify")
