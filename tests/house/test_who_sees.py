"""The page "Who can see what" is true: each cell of it, against what a client of that role is answered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from django.utils.html import escape

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import ROLE_NAMES, Role
from aimprogress.exchange.datasets import datasets
from aimprogress.web.who_sees import MEMBER_ROLES, NOUNS, OTHER_ROLES, WORDS, Sight, matrix, sight_of, who_box
from members.access import actor_for_user
from members.models import HeadCount, StaffSession
from members.services.sharing import ONLY_TO_THE_TEAM
from tests.factories import a_head_count, the_secretariat
from tests.house.test_urls import no_limit
from tests.house.world import World

pytestmark = [pytest.mark.house, pytest.mark.django_db]
__all__ = ["no_limit"]

STRICT = "Detained, captive or deported"


@dataclass(frozen=True)
class Probe:
    """How to try it: the page that reads a record, the forms that change or add one, and words only its full readers get."""

    read: str
    change: str = ""
    add: str = ""
    words: str = ""
    dataset: str = ""


PROBES = {
    "site": Probe("members:site", "members:site_change", "members:status_log", "Quillfern plant", "SITE_STATUS"),
    "headcount": Probe("api:headcount-detail", "members:head_count_log", dataset="HEAD_COUNTS"),
    "roll_call": Probe("members:roll_call", "members:roll_call_answer", words="Quillfern shift lead"),
    "exact": Probe("api:site-detail", "members:site_change", words='"precision":"EXACT"'),
    "strict": Probe("members:site", "members:head_count_log", words=STRICT),
    "plan": Probe("members:evacuation_plan", "members:evacuation_plan_start", words="Site manager", dataset="PLANS"),
    "action": Probe(
        "humanitarian:action", "humanitarian:action_change", "humanitarian:action_add", "Quillfern shelter", "SAFETY_ACTIONS"
    ),
    "bulletin": Probe("members:bulletin", "members:bulletin_withdraw", words="Power cuts are expected"),
    "case": Probe("members:case", "members:case_write", "members:case_add", "Quillfern asks about buses"),
    "meeting": Probe("members:meeting", "members:follow_up_add", words="Quillfern buses"),
    "pay": Probe("api:wagesupportreport-detail", "humanitarian:pay_correct", words='"entitled":654'),
    "guidance": Probe("members:site_guidance", "members:guidance_mark", words="Quillfern has its own cellar"),
    "check": Probe("humanitarian:check", "humanitarian:check_questions", words="Quillfern brigade permits"),
    "stop": Probe("humanitarian:stop", "humanitarian:stop_work", words="Who decided"),
    "issue": Probe("risks:issue", "risks:issue_assess", "risks:issue_add", "Quillfern wages"),
    "supplier": Probe("suppliers:supplier", "suppliers:change", words="Quillfern Packaging", dataset="SUPPLIERS"),
    "contribution": Probe("api:contribution-detail", "humanitarian:contribution_change", words="10.00", dataset="CONTRIBUTIONS"),
    "report": Probe("risks:report", "risks:report_add"),
    "share": Probe("api:share-detail", "members:share_grant"),
    "people": Probe("members:people", "members:invite"),
    "assignment": Probe("members:assignments", "members:assignment_end"),
    "import": Probe("exchange:preview", "exchange:upload"),
    "calls": Probe("members:calls", "members:contact_change", words="+380441234567"),
    "audit": Probe("members:audit"),
}


class Asked:
    """One role asking about one kind of record of the first member."""

    def __init__(self, world: World, noun: str, role: Role) -> None:
        self.world, self.probe, self.role = world, PROBES[noun], role
        self.client: Client = world.clients[role.value]

    def get(self, name: str) -> Any:
        return self.client.get(reverse(name, kwargs=self.world.first.arguments(name)))

    @property
    def status(self) -> int:
        return self.get(self.probe.read).status_code

    @property
    def text(self) -> str:
        return self.get(self.probe.read).content.decode()

    @property
    def changes(self) -> bool:
        return bool(self.probe.change) and self.get(self.probe.change).status_code in (200, 302)

    @property
    def adds(self) -> bool:
        return bool(self.probe.add) and self.get(self.probe.add).status_code in (200, 302)

    @property
    def reads_all(self) -> bool:
        return self.status == 200 and self.probe.words in self.text

    def open_session(self) -> None:
        with acting_as(SYSTEM):
            analyst = StaffSession.objects.filter(organisation=self.world.first.organisation).first().analyst
            StaffSession(
                organisation=self.world.first.organisation, receiver=the_secretariat(), analyst=analyst,
                reason="To see what this shows", ends_at=timezone.now() + timedelta(hours=1),
            ).save(force_insert=True)  # fmt: skip


def sees_nothing(asked: Asked) -> None:
    if asked.probe.words and asked.status == 200:  # the page is another noun's: what counts are the words
        assert asked.probe.words not in asked.text
    else:
        assert asked.status in (403, 404)
    assert not asked.adds


def changes(asked: Asked) -> None:
    assert asked.reads_all and asked.changes


def adds(asked: Asked) -> None:
    assert asked.reads_all and asked.adds and not asked.changes


def raises(asked: Asked) -> None:
    assert asked.status == 403 and asked.adds and not asked.changes


def writes(asked: Asked) -> None:
    """The states of a count that the reporter typed, and not those of one that somebody else typed."""
    assert asked.changes and STRICT not in asked.text
    reporter = asked.world.first.users[Role.SITE_REPORTER]
    count = a_head_count(asked.world.first.site, 120, unaccounted=2, detained=3)
    assert STRICT not in asked.text
    with acting_as(SYSTEM):
        states = {"safe_local": 115, "unaccounted": 2, "strict": {"DETAINED": 3}}
        count = HeadCount(
            organisation=asked.world.first.organisation, site=asked.world.first.site, expected=120, observed_at=timezone.now(),
            reported_by=reporter, **states,
        )  # fmt: skip
        count.save(force_insert=True)
        type(asked.world.first.site).objects.filter(pk=count.site_id).update(current_headcount_id=count.pk)
    assert STRICT in asked.text


def reads(asked: Asked) -> None:
    assert asked.reads_all and not asked.changes and not asked.adds


def reduced(asked: Asked) -> None:
    assert asked.status == 200 and asked.probe.words not in asked.text
    assert not asked.changes and not asked.adds


def small(asked: Asked) -> None:
    row = asked.get(asked.probe.read).json()
    assert row["expected"] == 120 and "unaccounted" not in row and "safe_local" not in row
    site = asked.get("api:site-detail").json()
    assert site["current_accounted"] == ">115" and "current_unaccounted" not in site


def totals(asked: Asked) -> None:
    assert asked.status == 403
    site = asked.get("api:site-detail").json()
    assert site["current_expected"] is site["current_accounted"] is site["baseline"] is None
    figures = asked.client.get("/api/v1/figures/?country=UA").json()["results"]
    assert next(row for row in figures if row["name"] == "people.accounted_rate")["denominator"] == 120


def complete(asked: Asked) -> None:
    assert asked.status == 200 and asked.probe.words not in asked.text and "You see how complete this plan is" in asked.text
    row = asked.get("api:evacuationplan-detail").json()
    assert row["met"] == 17 and row["seats"] is row["title"] is row["destination"] is None


def gaps(asked: Asked) -> None:
    """Which questions are not met and which seats are short, and not a word or number of the plan itself."""
    assert asked.status == 200 and asked.probe.words not in asked.text and "36 seats short" in asked.text
    row = asked.get("api:evacuationplan-detail").json()
    assert row["met"] == 17 and row["seats"] is row["title"] is row["owner_role"] is row["destination"] is None


def rates(asked: Asked) -> None:
    """The share that was paid, and none of the numbers, the rule or the amount behind it."""
    row = asked.get(asked.probe.read).json()
    assert (row["full_rate"], row["any_rate"]) == (89.9, 97.9) and not asked.changes
    assert {row[name] for name in ("entitled", "paid_full", "paid_partial", "paid_none", "policy", "arrears_days")} == {None}
    assert "total" not in row


def sample(asked: Asked) -> None:
    from django.conf import settings

    assert asked.reads_all and not asked.changes
    settings.PORTAL_NUMBERS = {"AUDIT_SAMPLE": 0}
    assert asked.status == 404


def session(asked: Asked) -> None:
    assert asked.status == 404
    asked.open_session()
    assert asked.reads_all and not asked.changes


def bands(asked: Asked) -> None:
    assert asked.status == 404
    asked.open_session()
    assert '"committed":"<100k"' in asked.text and asked.probe.words not in asked.text


def about(asked: Asked) -> None:
    assert asked.status == 200 and asked.get("risks:report_file").status_code == 403


def about_in_session(asked: Asked) -> None:
    assert asked.status == 404
    asked.open_session()
    about(asked)


def shared(asked: Asked) -> None:
    assert asked.status == 403 and not asked.adds
    assert asked.probe.dataset in datasets() and asked.probe.dataset not in ONLY_TO_THE_TEAM


def received(asked: Asked) -> None:
    given_to_the_partner = 200 if asked.role is Role.PARTNER_CLIENT else 404
    assert asked.status == given_to_the_partner and not asked.changes
    organisation = actor_for_user(asked.world.first.users.get(asked.role) or _user_of(asked)).organisation_id
    rows = asked.client.get("/api/v1/shares/").json()["results"]
    assert {row["receiver_id"] for row in rows} <= {str(organisation)}


def _user_of(asked: Asked) -> Any:
    from members.models import User

    return User.objects.get(pk=asked.client.session["_auth_user_id"])


def deeds(asked: Asked) -> None:
    assert asked.status == 200
    for value in ("line two stands", "Quillfern shelter", "Quillfern Packaging"):
        assert value not in asked.text


TRUTH: dict[Sight, Callable[[Asked], None]] = {
    Sight.CHANGES: changes, Sight.ADDS: adds, Sight.RAISES: raises, Sight.WRITES: writes, Sight.READS: reads,
    Sight.REDUCED: reduced, Sight.SMALL: small, Sight.TOTALS: totals, Sight.COMPLETE: complete,
    Sight.GAPS: gaps, Sight.SAMPLE: sample, Sight.RATES: rates,
    Sight.SESSION: session, Sight.BANDS: bands, Sight.ABOUT: about, Sight.ABOUT_IN_SESSION: about_in_session,
    Sight.SHARED: shared, Sight.RECEIVED: received, Sight.DEEDS: deeds, Sight.NOTHING: sees_nothing,
}  # fmt: skip


@pytest.mark.parametrize("role", [*MEMBER_ROLES, *OTHER_ROLES])
@pytest.mark.parametrize("noun", NOUNS)
def test_each_cell_says_what_a_client_of_the_role_is_answered(noun: str, role: Role, world: World, settings: Any) -> None:
    settings.PORTAL_NUMBERS = {}
    TRUTH[sight_of(NOUNS[noun], role)](Asked(world, noun, role))


def test_every_way_of_seeing_has_words_and_a_proof() -> None:
    assert set(TRUTH) == set(WORDS) == set(Sight)
    used = {cell["sight"] for row in matrix() for cell in row["cells"]}
    assert used == set(Sight), "words that no cell prints"
    assert set(PROBES) == set(NOUNS)


def test_the_page_prints_the_words_of_every_cell(world: World) -> None:
    page = world.clients[Role.MEMBER_VIEWER].get(reverse("web:who_sees")).content.decode()
    for row in matrix():
        shown = page.split(f'id="{row["key"]}"')[1].split("</tr>")[0]
        assert [shown.count(escape(str(cell["words"]))) > 0 for cell in row["cells"]] == [True] * 8, row["key"]


def test_partners_are_named_where_a_share_may_name_them_and_nowhere_else() -> None:
    offered = {probe.dataset for noun, probe in PROBES.items() if NOUNS[noun].partners}
    assert offered == set(datasets()) - set(ONLY_TO_THE_TEAM)


@pytest.mark.parametrize("noun", NOUNS)
def test_the_box_of_a_page_tells_of_auditors_and_of_partners_as_the_table_does(noun: str, world: World) -> None:
    text = " ".join(who_box(noun, actor_for_user(world.first.users[Role.MEMBER_COORDINATOR])))
    assert ("An auditor whom you invited" in text) is (sight_of(NOUNS[noun], Role.AUDITOR) is not Sight.NOTHING)
    assert ("partners only what a share names" in text) is NOUNS[noun].partners
    sees = sight_of(NOUNS[noun], Role.MEMBER_COORDINATOR) is not Sight.NOTHING
    assert (str(ROLE_NAMES[Role.MEMBER_COORDINATOR]) in text) is ("In the organisation it belongs to" in text) is sees


PHONE = {"members:my_check_ins", "members:check_in", "members:check_in_sent", "members:check_in_undo", "members:enrol"}
"""The phone's pages: whoever holds it writes there and reads back nothing but the own last answer."""


def test_every_page_about_people_in_danger_says_who_can_see_it():
    silent = {
        name
        for name, view in named_views(get_resolver())
        if getattr(getattr(view, "view_class", None), "sensitive", False) and not view.view_class.who
    }
    assert silent == PHONE


def named_views(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, Any]]:
    """The full name and the view of every address."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from named_views(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}", pattern.callback
