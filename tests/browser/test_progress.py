"""Long work in a real browser: the picture is fresh, what is read aloud is calm, and who leaves the page stops nothing."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.exchange.exports import request_export
from aimprogress.jobs import claim, run
from aimprogress.jobs.kinds import Progress
from aimprogress.jobs.models import Job
from members.access import actor_for_user
from members.models import Organisation, User
from risks.reports.render import libraries_missing
from risks.services.reports import request_report
from tests.browser.chromium import CHROMIUM, NO_CHROMIUM
from tests.browser.test_offline import OVER_HTTP
from tests.factories import a_site, a_status, a_user
from tests.signing import signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
]
LISTEN = """() => {
  window.heard = [];
  new MutationObserver(() => {
    const line = document.querySelector('[data-calm]');
    const words = line ? line.textContent : '';
    if (words && words !== (heard.at(-1) || [])[1]) heard.push([performance.now(), words]);
  }).observe(document, {subtree: true, childList: true, characterData: true});
}"""
"""Writes down when the line that is read aloud changes, from the page's first moment."""
CALM = 10_000
A_POLL = 2_000


@pytest.fixture
def user() -> User:
    site = a_site(name="Plant Nightingale")
    a_status(site, "REDUCED")
    return a_user(site.organisation, Role.MEMBER_COORDINATOR)


@pytest.fixture
def browser(
    live_server: Any, chromium: Any, user: User, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> Iterator[Any]:
    """The coordinator's browser. Of its pages the clock can be moved, and every word for who hears them is written down."""
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    settings.FILES_DIR = tmp_path
    chromium.portals.add(live_server.url)
    with override_settings(**OVER_HTTP):
        context = chromium.new_context(base_url=live_server.url, locale="en-GB")
        key = signed_in(user).session.session_key
        context.add_cookies([{"name": "session", "value": key, "url": live_server.url}])
        context.clock.install()
        context.add_init_script(f"({LISTEN})()")
        yield context
        context.close()


def opened(browser: Any, path: str) -> Any:
    page = browser.new_page()
    page.set_default_timeout(15_000)
    page.goto(path)
    return page


def claimed(job: Job) -> Job:
    """`job` as a worker holds it; what the portal's own member asked for earlier is left to another worker."""
    with acting_as(SYSTEM):
        return next(held for held in iter(claim.claim_next, None) if held.pk == job.pk)


def state_of(job: Job) -> str:
    with acting_as(SYSTEM):
        return Job.objects.get(pk=job.pk).state


def heard(page: Any) -> list[tuple[float, str]]:
    return [tuple(each) for each in page.evaluate("heard")]


def test_work_is_shown_fresh_and_read_aloud_calmly_to_its_end(browser: Any, user: User) -> None:
    with acting_as(actor_for_user(user, user.grants.get().organisation_id)):
        job = request_export(noun="sites")
    page = opened(browser, job.get_absolute_url())
    held, step = claimed(job), 0
    page.focus("#stop-work")
    while len(heard(page)) < 4:
        step += 1
        assert step < 40, "the line has fallen silent"
        with acting_as(SYSTEM):
            claim.renew(held, Progress(done=step, total=50, words="Writing the rows"))
        page.clock.fast_forward(A_POLL)
        page.wait_for_selector(f"progress[value='{2 * step}']")
        assert page.evaluate("document.activeElement.id") == "stop-work", "what arrives keeps the focus"
    assert page.locator("main :is([role=status], [role=alert]):not([data-calm]), main [hx-get] [aria-live]").count() == 0
    run.run(held, heartbeat=False)
    page.clock.fast_forward(A_POLL)
    page.wait_for_selector("[data-calm]:text-is('Ready.')", state="attached")

    told = heard(page)
    assert told[0][1] == "Queued." and told[1][1].startswith("Running. Writing the rows. ")
    assert [words for _at, words in told[4:]] == ["Ready."], "at its end at once, and never again"
    gaps = [later - sooner for (sooner, _), (later, _) in pairwise(told[:4])]
    assert min(gaps) > CALM - 10, "the page's own milliseconds"
    assert step >= 6, "the picture was renewed more often than that"

    with page.expect_download() as download:
        page.click("main a[download]")
    assert "Plant Nightingale" in download.value.path().read_text()


@pytest.mark.skipif(bool(libraries_missing()), reason="what a PDF needs is not on this machine")
def test_a_report_is_written_though_its_page_was_left_and_the_page_that_stays_links_the_pdf(browser: Any, user: User) -> None:
    today = timezone.localdate()
    organisation = Organisation.objects.get(pk=user.grants.get().organisation_id)
    with acting_as(actor_for_user(user, organisation.pk)):
        report = request_report(organisation=organisation, period_from=today.replace(day=1), period_to=today)
    path = f"/reports/{report.pk}/"
    stays, leaves = opened(browser, path), opened(browser, path)
    held = claimed(report.job)
    for page in (stays, leaves):
        page.clock.fast_forward(A_POLL)
        page.wait_for_selector("main progress")
    leaves.goto("/sites/")
    assert state_of(report.job) == "running"
    run.run(held, heartbeat=False)
    assert state_of(report.job) == "succeeded"

    stays.clock.fast_forward(A_POLL)
    leaves.goto(path)
    for page in (stays, leaves):
        page.wait_for_selector("[data-calm]:text-is('Ready.')", state="attached")
        with page.expect_download() as download:
            page.click("main a[download]")
        assert download.value.path().read_bytes().startswith(b"%PDF")
