"""The steps of the journey, in order. Each is one sentence, does it, and returns what is worth saying."""

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfReader

from tests.journeys.browser import Browser, Page, StepFailed

REPORT_WAIT = 240  # seconds; a worker that has to start first needs some of them


@dataclass
class Walk:
    """What one step learns and a later one needs."""

    browser: type[Browser]
    sign_in_link: Callable[[str], str]
    people: dict[str, Browser] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)

    def person(self, email: str) -> Browser:
        """The session of `email`, signed in by a link that works once."""
        if email not in self.people:
            browser = self.browser()
            page = browser.get(self.sign_in_link(email))
            need(page.status == 200 and "login" not in page.url, f"{email} was not let in: {page.status} {page.url}")
            self.people[email] = browser
        return self.people[email]


def need(holds: object, otherwise: str) -> None:
    if not holds:
        raise StepFailed(otherwise)


def the_portal_is_ready(walk: Walk) -> str:
    """the portal answers /livez and /readyz"""
    browser = walk.browser()
    for path in ("/livez", "/readyz"):
        need(browser.get(path).status == 200, f"{path} does not answer 200")
    return ""


def a_role(email: str, path: str, *, may: bool = True) -> Callable[[Walk], str]:
    def step(walk: Walk) -> str:
        page = walk.person(email).get(path)
        need(page.status == (200 if may else 403), f"{path} answers {page.status}")
        return path

    step.__doc__ = f"{email} signs in by a link that works once"
    return step


def the_reporter_checks_in(walk: Walk) -> str:
    """the reporter checks in: evacuated, three taps"""
    reporter = walk.person("reporter@halden.example")
    page = reporter.get("/check-in/")
    form = page.form("operational", "people", "id")
    need("checked" not in page.text, "an answer is preselected")
    sent = reporter.send(page, form, operational="EVACUATED", people="all" if "all" in form.choices["people"] else "help")
    need("/sent/" in sent.url and "Stored" in sent.text, f"the check-in was not stored: {sent.status} {sent.url}")
    walk.known["code"] = re.search(r"/c/([^/]+)/sent/", sent.url).group(1)
    return ""


def undo_works(walk: Walk) -> str:
    """the reporter takes a second check-in back within ten seconds"""
    reporter = walk.person("reporter@halden.example")
    page = reporter.get(f"/c/{walk.known['code']}/")
    sent = reporter.send(page, page.form("operational", "people"), operational="SUSPENDED", people="all")
    back = reporter.send(sent, sent.form(action="/undo/"))
    need(back.status == 200 and back.url.endswith(f"/c/{walk.known['code']}/"), "undo did not lead back to the form")
    return ""


def the_coordinator_sees_it(walk: Walk) -> str:
    """the coordinator finds the site evacuated"""
    coordinator = walk.person("coordinator@halden.example")
    page = coordinator.get("/sites/?group=evac&country=UA")
    need(page.status == 200, f"the list answers {page.status}")
    for href in re.findall(r'href="(/sites/[0-9a-f-]{36}/)"', page.text):
        site = coordinator.get(href)
        if walk.known["code"] in site.text:
            walk.known["site"] = href.split("/")[2]
            return ""
    raise StepFailed("the site of the check-in is not in the list of evacuated sites")


def the_analyst_sees_it_reduced(walk: Walk) -> str:
    """the analyst sees the site on the dashboard's list by region, never by name"""
    analyst = walk.person("analyst@aim.example")
    page = analyst.get(f"/sites/{walk.known['site']}/")
    heading = re.search(r"<h1>(.*?)</h1>", page.text, re.S).group(1).strip()
    need(page.status == 200 and heading.startswith("Halden Foods, "), f"the heading is {heading!r}")
    need(walk.known["code"] not in page.text, "the check-in link leaks")
    return heading


def another_member_sees_nothing(walk: Walk) -> str:
    """another member's coordinator gets 404"""
    page = walk.person("coordinator@norvia.example").get(f"/sites/{walk.known['site']}/")
    need(page.status == 404, f"it answers {page.status}")
    return ""


def the_sample_is_imported(walk: Walk) -> str:
    """the coordinator imports the good rows of the sample workbook, finds them, and takes them back"""
    coordinator = walk.person("coordinator@norvia.example")
    page = coordinator.get("/import/")
    page = coordinator.send(page, page.form(action="sample"))
    need(page.status == 200, f"the import answers {page.status}")
    page = coordinator.send(page, page.form("mode"), mode="good", button=("do", "import"))
    need(page.status == 200, f"the good rows are not imported: {page.status}")
    added = re.search(r"(\d+) rows? (?:was|were) added", page.text)
    need(added and "Lviv oils" in coordinator.get("/sites/?q=Lviv+oils").text, "the imported site is not in the list of sites")
    page = coordinator.send(page, page.form(action="undo"))
    need("was taken back" in page.text, "the import is not taken back")
    return f"{added.group(1)} sites imported, and taken back"


def a_report_is_written(walk: Walk) -> str:
    """the coordinator asks for a report and waits for the worker"""
    coordinator = walk.person("coordinator@halden.example")
    page = coordinator.get("/reports/new/")
    page = coordinator.send(page, page.form("month", "language"))
    need("/reports/" in page.url and page.status == 200, f"the request answers {page.status} {page.url}")
    page = _wait(coordinator, page, lambda found: "/file/" in found.text, REPORT_WAIT)
    walk.known["report"] = page.url
    return ""


def the_report_tells_it(walk: Walk) -> str:
    """the PDF is downloaded and its text holds the new status"""
    coordinator = walk.person("coordinator@halden.example")
    page = coordinator.get(walk.known["report"])
    file = coordinator.get(page.link("/file/"))
    need(file.body.startswith(b"%PDF"), f"the file is {file.headers.get('Content-Type')} ({file.status})")
    text = "\n".join(part.extract_text() for part in PdfReader(io.BytesIO(file.body)).pages)
    need("Evacuated" in text, "the new status is not in the report")
    need(walk.person("coordinator@norvia.example").get(walk.known["report"]).status == 404, "another member finds the report")
    return f"{len(PdfReader(io.BytesIO(file.body)).pages)} pages, {len(file.body) // 1024} KB"


def a_share_is_granted(walk: Walk) -> str:
    """the coordinator shares site status with the partner, by oblast, in three clicks"""
    coordinator = walk.person("coordinator@halden.example")
    page = coordinator.get("/sharing/grant/")
    form = page.form("dataset", "receiver", "precision")
    receiver = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>\s*Relief Now', page.text).group(1)
    page = coordinator.send(page, form, dataset="SITE_STATUS", receiver=receiver, precision="ADM1")
    for _preview in range(2):
        if "/sharing/grant/" not in page.url:
            break
        page = coordinator.send(page, page.form("dataset", "receiver", "precision"), button=("do", "grant"))
    need(page.status == 200 and "/grant/" not in page.url, f"the grant answers {page.status} {page.url}")
    return ""


def a_key_is_made(walk: Walk) -> str:
    """the partner makes an API key, shown once"""
    partner = walk.person("partner@relief.example")
    page = partner.get("/developer/make/")
    page = partner.send(page, page.form("name", "scopes"), name="journey", scopes=["shared:pull", "share:read"])
    found = re.search(r"aimp_[0-9a-f]{8}_[\w-]+", page.text)
    need(found, f"no key on {page.url} ({page.status})")
    walk.known["token"] = found.group(0)
    return ""


def the_partner_pulls(walk: Walk) -> str:
    """the partner pulls the same figure with the token"""
    bearer = {"Authorization": f"Bearer {walk.known['token']}"}
    api = walk.browser()
    shares = [s for s in api.get("/api/v1/shares/?limit=100", **bearer).json()["results"] if s["dataset"] == "SITE_STATUS"]
    need(shares, "the share is not listed")
    walk.known["share"] = shares[0]["id"]
    rows, url = [], f"/api/v1/shares/{walk.known['share']}/data/?limit=500"
    while url:
        answer = api.get(url, **bearer).json()
        rows += answer["results"]
        url = answer["next"]
    walk.known["rows"] = len(rows)
    listed = walk.person("coordinator@halden.example").get("/api/v1/sites/?operational=EVACUATED&count=true").json()
    evacuated = [row for row in rows if row["operational"] == "EVACUATED"]
    need(len(evacuated) == listed["count"], f"the partner counts {len(evacuated)} evacuated sites, the member {listed['count']}")
    need(all(row["name"].startswith("Halden Foods, ") for row in rows), "a site is named")
    return f"{len(evacuated)} of {len(rows)} sites evacuated, as the member's own list says"


def the_share_is_revoked(walk: Walk) -> str:
    """the coordinator sees the pull, revokes the share, and the next pull gets 404"""
    coordinator = walk.person("coordinator@halden.example")
    page = coordinator.get("/sharing/")
    need(f"<div>{walk.known['rows']}</div>" in page.text, "the pull is not shown to the member")
    confirm = coordinator.get(f"/sharing/{walk.known['share']}/revoke/")
    coordinator.send(confirm, confirm.own_form())
    answer = walk.browser().get(f"/api/v1/shares/{walk.known['share']}/data/", Authorization=f"Bearer {walk.known['token']}")
    need(answer.status == 404, f"it answers {answer.status}")
    return ""


def _wait(browser: Browser, page: Page, done: Callable[[Page], bool], seconds: float = 60) -> Page:
    """Look again every second until `done`, as the page's own refresh does."""
    end = time.monotonic() + seconds
    while not done(page):
        if time.monotonic() > end:
            raise StepFailed(f"{page.url} was not ready in {seconds:.0f} s")
        time.sleep(1)
        page = browser.get(page.url)
    return page


STEPS = [
    the_portal_is_ready,
    a_role("analyst@aim.example", "/dashboard/"),
    a_role("admin@aim.example", "/people/"),
    a_role("coordinator@halden.example", "/overview/"),
    a_role("reporter@halden.example", "/check-in/"),
    a_role("viewer@halden.example", "/overview/"),
    a_role("coordinator@norvia.example", "/overview/"),
    a_role("auditor@audit.example", "/reports/"),
    a_role("partner@relief.example", "/shared/"),
    the_reporter_checks_in,
    undo_works,
    the_coordinator_sees_it,
    the_analyst_sees_it_reduced,
    another_member_sees_nothing,
    the_sample_is_imported,
    a_report_is_written,
    the_report_tells_it,
    a_share_is_granted,
    a_key_is_made,
    the_partner_pulls,
    the_share_is_revoked,
]
