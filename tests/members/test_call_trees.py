"""The call tree: what is refused, what is weak, which branches it has, and who reads its numbers."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from members.call_tree import Branch, branches_of, check, tree_of
from members.models import CommunicationPlan, Site
from members.plan_changes import changes
from members.services.plans import draft_communication_plan
from tests.factories import a_coordinator, a_site, a_user, the_secretariat
from tests.members.plan_samples import CALLS, a_communication_plan
from tests.members.test_plan_pages import rows_of, text_of
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
NUMBER = "+380 44 000 1101"


@pytest.fixture
def site() -> Site:
    return a_site()


@pytest.fixture
def coordinator(site):
    return signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))


def looks() -> int:
    with acting_as(SYSTEM):
        return AuditEvent.objects.filter(action="members.read_call_numbers").count()


def test_roles_stand_in_the_order_of_the_calls():
    tree = tree_of([CALLS[3], CALLS[1], CALLS[0], CALLS[2]])
    assert [(one.role, one.depth) for one in tree] == [
        ("Site manager", 0), ("Shift lead day", 1), ("Agency contact", 2), ("Shift lead night", 1),
    ]  # fmt: skip


def test_everybody_is_counted_once():
    reached = {one.role: one.reached for one in tree_of(CALLS)}
    assert reached["Agency contact"] == 5  # itself and four people
    assert reached["Shift lead day"] == 1 + 10 + 5
    assert reached["Site manager"] == 1 + 2 + reached["Shift lead day"] + 14


def test_weak_places_are_said_in_words():
    problems = {one.role: one.problems for one in tree_of(CALLS)}
    assert problems["Site manager"] == [] and problems["Agency contact"] == []
    assert problems["Shift lead day"] == ["reaches 11, more than ten"], "ten people and one role"
    assert problems["Shift lead night"] == ["reaches 13, more than ten", "no deputy", "no number"]


def test_the_parts_are_what_the_first_role_calls_and_that_role_with_the_people_it_reaches_itself():
    top = Branch("Site manager", 3, itself=True)
    assert branches_of(CALLS) == [top, Branch("Shift lead day", 16), Branch("Shift lead night", 14)]
    assert branches_of([{"name": "Office", "people": 3}]) == [Branch("Office", 4)], "alone it is a branch itself"
    assert branches_of(None) == [] and tree_of([]) == []


@st.composite
def trees(draw) -> list[dict]:
    """Any shape that a plan may hold: no root or several, alone, wide or deep, in any order of the rows."""
    rows = [{"name": f"Role {n}", "people": draw(st.integers(0, 40))} for n in range(draw(st.integers(0, 12)))]
    for n, row in enumerate(rows[1:], 1):
        row["called_by"] = draw(st.sampled_from(["", *(one["name"] for one in rows[:n])]))
    return draw(st.permutations(rows))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=trees())
def test_the_parts_of_any_tree_hold_everybody_exactly_once(rows):
    check(rows)
    callers = {row["name"]: row.get("called_by") for row in rows}
    held = dict.fromkeys((branch.role for branch in branches_of(rows)), 0)
    assert len(held) == len(branches_of(rows)), "no part stands there twice"
    for row in rows:
        part = row["name"]
        while part not in held:  # the first role above it, or itself, that answers
            part = callers[part]
        held[part] += 1 + row["people"]
    assert {branch.role: branch.people for branch in branches_of(rows)} == held


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([{"name": "A"}, {"name": "A"}], "twice"),
        ([{"name": "A", "called_by": "B"}], "not in the tree"),
        ([{"name": "A", "called_by": "A"}], "circle"),
        (
            [{"name": "A"}, {"name": "B", "called_by": "D"}, {"name": "C", "called_by": "B"}, {"name": "D", "called_by": "C"}],
            "circle",
        ),
    ],
)
def test_a_tree_that_is_none_is_refused_whoever_sends_it(site, rows, word):
    with pytest.raises(ValidationError, match=word):
        check(rows)
    with acting_as(a_coordinator(site.organisation)):
        with pytest.raises(ValidationError) as refused:
            draft_communication_plan(site=site, title="Calls", call_tree=rows)
        assert "call_tree" in refused.value.message_dict


@pytest.mark.parametrize(
    "rows", ["A", [{"role": "A"}], [{"name": "A", "people": "many"}], [{"name": f"R{n}"} for n in range(41)]]
)
def test_rows_have_a_shape(site, rows):
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError):
        draft_communication_plan(site=site, title="Calls", call_tree=rows)


def test_the_tree_is_written_on_the_page_and_kept_encrypted(site, coordinator):
    start = f"/sites/{site.pk}/plans/communication/start/"
    tree = rows_of("call_tree", *CALLS)
    typed = {"title": "Calls", "do": "save", **tree, "call_tree-2-number": "call me"}
    refused = coordinator.post(start, typed)
    assert refused.status_code == 422 and "Digits, spaces, + and brackets only" in refused.content.decode()
    circle = {"title": "Calls", "do": "save", **tree, "call_tree-0-called_by": "Agency contact"}
    refused = coordinator.post(start, circle)
    assert refused.status_code == 422 and "in a circle" in refused.content.decode()
    assert coordinator.post(start, {"title": "Calls", "do": "save", **tree}).status_code == 302
    with connection.cursor() as cursor, acting_as(SYSTEM):
        plan = CommunicationPlan.objects.get(site=site)
        assert plan.call_tree == CALLS
        cursor.execute("SELECT call_tree FROM members_communicationplan WHERE id = %s", [plan.pk])
        assert "Site manager" not in cursor.fetchone()[0]


def test_adding_a_row_keeps_what_was_typed(site, coordinator):
    typed = {"title": "Calls", "do": "more-call_tree", **rows_of("call_tree", *CALLS)}
    page = coordinator.post(f"/sites/{site.pk}/plans/communication/start/", typed).content.decode()
    assert 'name="call_tree-5-name"' in page and "Agency contact" in page and "errs" not in page


def test_numbers_are_hidden_until_asked_for_and_each_look_is_logged(site, coordinator):
    plan = a_communication_plan(site)
    page = text_of(coordinator, f"/plans/communication/{plan.pk}/")
    assert "Shift lead night" in page and "reaches 13, more than ten" in page and NUMBER not in page
    assert "16 people" in page and "14 people" in page, "the branches"
    assert looks() == 0
    assert NUMBER in text_of(coordinator, f"/plans/communication/{plan.pk}/?show=places")
    fragment = coordinator.get(f"/plans/communication/{plan.pk}/numbers/", headers={"HX-Request": "true"}).content.decode()
    assert NUMBER in fragment and "<html" not in fragment
    assert looks() == 2


def test_the_sites_reporter_reads_them_and_nobody_else(site):
    plan = a_communication_plan(site)
    reporter = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]))
    assert NUMBER in text_of(reporter, f"/plans/communication/{plan.pk}/?show=places")
    assert looks() == 1
    for client in (
        signed_in(a_user(site.organisation, "MEMBER_VIEWER")),
        signed_in(a_user(the_secretariat(), "AIM_ANALYST")),
        signed_in(a_user(site.organisation, "AUDITOR")),
    ):
        for path in (f"/plans/communication/{plan.pk}/", f"/plans/communication/{plan.pk}/?show=places", f"/sites/{site.pk}/"):
            page = text_of(client, path)
            assert NUMBER not in page and "Shift lead" not in page
        assert "written down" in text_of(client, f"/plans/communication/{plan.pk}/")
        assert client.get(f"/plans/communication/{plan.pk}/numbers/").status_code == 403
        row = client.get(f"/api/v1/communication-plans/{plan.pk}/").json()
        assert row["has_call_tree"] is True and "Shift lead" not in str(row)
    phone = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]), second_factor=False)
    assert phone.get(f"/plans/communication/{plan.pk}/?show=places").status_code == 403
    assert looks() == 1


def test_a_new_revision_takes_the_tree_over_and_a_comparison_tells_no_role(site):
    first = a_communication_plan(site)
    with acting_as(a_coordinator(site.organisation)):
        second = draft_communication_plan(site=site, call_tree=CALLS[:1])
        assert first.call_tree == CALLS
        told = {str(one.what): (one.before, one.after) for one in changes(first, second)}
    assert told == {"Call tree": ("4", "1")}
