"""Every number of the two first pages opens the list of what it counts, with the same filter (issue 2, section 4)."""

import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from itertools import product

import pytest
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.registry import FigureScope, measure_all
from humanitarian.models import SafetyAction
from humanitarian.services.actions import add_action
from members.access import actor_for_user
from members.models import Site, User
from members.views.home import ALARMS, HEADLINE
from risks.models import RightsIssue
from risks.services.issues import raise_issue
from suppliers.models import Supplier
from tests.factories import a_head_count, a_site, a_status, a_user, an_area, an_organisation, the_secretariat
from tests.members.plan_samples import a_communication_plan, an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
SHOWN = {*HEADLINE, *(name for name, _mark, _words in ALARMS)}
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.fixture
def member():
    """A member whose numbers all differ from what a list without the filter would hold."""
    from members.services.evacuations import activate_plan
    from members.services.plans import ask_for_approval
    from members.services.sites import change_alert_level

    organisation, now = an_organisation(short_name="Halden Foods"), timezone.now()
    poland = an_area("PL-06", country="PL", name="Lublin")
    codes = ["OPERATING", "REDUCED", "RELOCATED", "SUSPENDED", "EVACUATED", "CLOSED", "ESSENTIAL_ONLY", "OPERATING", "OPERATING"]
    for n, code in enumerate(codes):
        site = a_site(organisation, **({"admin1": poland} if n % 3 == 2 else {}))
        a_status(site, "OPERATING" if code != "OPERATING" else "REDUCED", now - timedelta(days=80))
        a_status(site, code, now - timedelta(hours=2) if n < 7 else now - timedelta(days=(34, 70)[n - 7]))
        a_head_count(site, 100 + n, now - timedelta(days=(1, 200)[n % 4 == 3]), confidence="C" if n == 6 else "A", unaccounted=n)
        if n < 4:
            an_evacuation_plan(site, not_met=("11",) if n % 2 else ())
        if n < 2:
            a_communication_plan(site)
    put_forward = an_evacuation_plan(site, approved=False)
    a_site(organisation)  # never heard of
    with acting_as(SYSTEM):
        ask_for_approval(plan=put_forward)
        sites = list(Site.objects.filter(organisation=organisation).order_by("code"))
        evacuated = next(site for site in sites if site.current_plan_adequate)
        activate_plan(plan=evacuated.evacuation_plans.get(), who="Everybody", reason="Strikes")
        change_alert_level(site=sites[-2], level=2)
        Site.objects.filter(pk=sites[1].pk).update(current_plan_review_on=timezone.localdate() - timedelta(days=3))
        for n, site in enumerate(sites[:6]):
            done = n > 3
            add_action(
                site, title=f"Action {n}", owner_role="HSE lead", due_on=timezone.localdate() + timedelta(days=5 * n - 7),
                status=SafetyAction.Status.DONE if done else SafetyAction.Status.OPEN, evidence="Seen" if n == 4 else "",
                effect=("NOT_YET", "SOME", "NONE")[max(0, n - 3)],
            )  # fmt: skip
        for n in range(5):
            issue = raise_issue(
                organisation=organisation, title=f"Issue {n}", catalogue="I01", country=("UA", "PL")[n == 4],
                scale=(5, 5, 5, 2, 5)[n], scope=4, irremediability=4, likelihood=(5, 5, 4, 2, 5)[n],
            )  # fmt: skip
            if n == 0:
                RightsIssue.objects.filter(pk=issue.pk).update(status=RightsIssue.Status.CLOSED)
        states = ["NOT_REQUIRED", "DONE_CLOSED", "SAQ_SENT", "RECOGNISED"]
        for n, state in enumerate(states):
            exposure = "NONE" if n < 1 else "INPUTS"
            Supplier(
                organisation=organisation, name=f"Mill {n}", country="UA", exposure=exposure, assessment_state=state
            ).save(force_insert=True)  # fmt: skip
    return organisation


def people_of(member):
    """The readers of the two pages: (page, user, scope of the page)."""
    coordinator, analyst = a_user(member, "MEMBER_COORDINATOR"), a_user(the_secretariat(), "AIM_ANALYST")
    User.objects.update(previous_visit_at=timezone.now() - timedelta(days=5))
    return (("/overview/", coordinator, frozenset({member.pk})), ("/dashboard/", analyst, None))


def counted_by(figure) -> int:
    """How many rows the list behind a figure must hold: of people's figures the sites whose people were added up."""
    if figure.coverage is not None:
        return figure.coverage.sites
    return figure.value if figure.numerator is None else figure.numerator


def test_the_list_behind_every_figure_holds_as_many_rows_as_the_figure_counts(member):
    for (_page, user, organisations), country in product(people_of(member), (None, "PL")):
        client = signed_in(user)
        with acting_as(actor_for_user(user)):
            scope = FigureScope(organisations=organisations, country=country)
            found = {name: figure for name, figure in measure_all(scope).items() if figure.value is not None}
        assert country or len(found) > 20
        for name, figure in found.items():
            listed = client.get(figure.link).context
            assert "count" in listed or name not in SHOWN, name
            assert listed.get("count", counted_by(figure)) == counted_by(figure), f"{name}: {figure.link}"


class Numbers(HTMLParser):
    """The numbers that stand in the main part of a page: those in links by address, and those outside of any link."""

    def __init__(self) -> None:
        super().__init__()
        self.linked: list[tuple[str, str]] = []
        self.bare: list[str] = []
        self._open: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag not in ("br", "img", "input", "use", "hr", "meta", "link"):
            self._open.append((tag, attributes.get("href") or "", f"{attributes.get('id', '')} {attributes.get('class', '')}"))

    def handle_endtag(self, tag):
        if any(tag == opened for opened, _href, _name in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data):
        within = [tag for tag, _href, _name in self._open]
        if "main" not in within or not NUMBER.search(data):
            return
        href = next((href for tag, href, _name in reversed(self._open) if tag == "a"), "")
        if href:
            if not any("kpis" in name.split() for _tag, _href, name in self._open):  # people of a figure: the test above
                self.linked.append((data.strip(), href))
        elif not any(self._tells_no_count(*one) for one in self._open):
            self.bare.append(data.strip())

    @staticmethod
    def _tells_no_count(tag, _href, name):
        """Times, the trend of other weeks, drawings, whose marks are links, alarms, whose button is one, and who may look."""
        if tag in ("time", "svg", "style", "script", "summary", "footer"):
            return True
        named = set(name.split())
        return bool(named & {"late", "go", "ft", "vh", "k-d", "attn", "who"}) or (tag in ("td", "th") and "n" in named)


def test_every_number_on_the_first_pages_is_a_link_to_as_many_rows(member):
    for (path, user, _organisations), view in product(people_of(member), ("map", "table")):
        client = signed_in(user)
        page = client.get(f"{path}?view={view}")
        numbers = Numbers()
        numbers.feed(page.content.decode())
        lists = [(text, href) for text, href in numbers.linked if re.fullmatch(r"(All )?\d+( sites?)?", text) and "?" in href]
        assert len(lists) > 10, "the groups, the key, the table, the trend"
        buttons = set(re.findall(r'class="btn" href="([^"]+)"', unescape(page.content.decode())))
        assert {figure.link for figure, _mark, _words in page.context["alarms"]} <= buttons
        for text, href in lists:
            assert client.get(href).context["count"] == int(NUMBER.search(text)[0]), f"{path}: {text} leads to {href}"
        assert [text for text in numbers.bare if not text.startswith(("Figures as of", "Alert level"))] == [], (path, view)


def test_changes_that_are_not_shown_are_one_link_away(member, monkeypatch):
    monkeypatch.setattr("members.views.home.SHOWN", 1)
    _path, user, _organisations = people_of(member)[0]
    client = signed_in(user)
    short = client.get("/overview/")
    changes = short.context["changes"]
    assert changes.worse.more > 0 and f"and {changes.worse.more} more" in short.content.decode()
    every = client.get(short.context["changes_link"]).context["changes"]
    assert (every.worse.more, len(every.worse.shown)) == (0, changes.worse.total)
    assert client.get(short.context["unchanged_link"]).context["count"] == changes.unchanged
    assert client.get(short.context["left_out_link"]).context["count"] == short.context["coverage"].stale_sites
