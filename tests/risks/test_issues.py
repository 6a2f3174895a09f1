"""The register: ranked by severity to people, closed and un-marked only with reasons."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.registry import FigureScope, measure
from risks.models import RightsIssue
from risks.services.issues import assess_issue, mark_salient, raise_issue
from tests.factories import a_coordinator, a_site, a_user, a_viewer, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

SCENARIO_5 = [  # title, scale, scope, irremediability, likelihood, actual; in the order that must come out
    ("winter power", 4, 5, 2, 5, True), ("shelling", 5, 4, 5, 4, False), ("conscription", 5, 2, 4, 3, False),
    ("gbv", 5, 1, 5, 2, False),
    ("food loss", 4, 4, 2, 2, False), ("wage loss", 3, 5, 2, 5, True), ("fees", 4, 3, 2, 4, False),
    ("trivial for all", 1, 5, 1, 5, False), ("overtime", 2, 3, 1, 5, False),
]  # fmt: skip


@pytest.fixture
def member():
    return an_organisation()


def an_issue(member, title="Shelling at shift change", inputs=(5, 4, 5, 4), **fields):
    scale, scope, irremediability, likelihood = inputs
    with acting_as(a_coordinator(member)):
        return raise_issue(
            organisation=member, title=title, scale=scale, scope=scope, irremediability=irremediability, likelihood=likelihood,
            catalogue=fields.pop("catalogue", "I01"), **fields,
        )  # fmt: skip


def test_scenario_5_the_register_ranks_as_the_domain_says(member):
    for title, a, b, c, likelihood, actual in reversed(SCENARIO_5):
        an_issue(member, title, (a, b, c, likelihood), is_actual=actual)
    with acting_as(a_viewer(member)):
        ranked = list(RightsIssue.objects.values_list("title", "score"))
    assert [title for title, _ in ranked] == [row[0] for row in SCENARIO_5]
    assert [str(score) for _, score in ranked] == [
        "99.00",
        "95.75",
        "91.00",
        "87.00",
        "86.75",
        "78.75",
        "74.50",
        "38.00",
        "37.75",
    ]


def test_rights_follow_from_the_kind_and_the_review_from_the_country(member):
    issue = an_issue(member, country="UA")
    assert issue.rights == ["LIFE", "OSH"]
    assert (issue.next_review_on - issue.first_identified_on).days == 90
    here = an_issue(member, site=a_site(member, country="UA"))
    assert (here.next_review_on - here.first_identified_on).days == 90


def test_scenario_7_the_gravest_stay_salient_and_others_need_two_people(member):
    gravest, grave = an_issue(member, inputs=(5, 1, 5, 1)), an_issue(member, inputs=(4, 3, 4, 5))
    first, second = a_coordinator(member), a_coordinator(member)
    with acting_as(first):
        with pytest.raises(ValidationError):
            mark_salient(issue=gravest, salient=False, reason="We think not")
        with pytest.raises(ValidationError):
            mark_salient(issue=grave, salient=False)
        assert mark_salient(issue=grave, salient=False, reason="Handled by the state").salient
        with pytest.raises(ValidationError):
            mark_salient(issue=grave, salient=False, reason="Handled by the state")
    with acting_as(second):
        assert not mark_salient(issue=grave, salient=False).salient
        assert mark_salient(issue=grave, salient=True, reason="It is back").salient


def test_a_mark_not_salient_is_void_once_the_issue_is_assessed_as_gravest(member):
    grave = an_issue(member, inputs=(4, 3, 4, 5))
    with acting_as(a_coordinator(member)):
        mark_salient(issue=grave, salient=False, reason="Handled by the state")
    with acting_as(a_coordinator(member)):
        assert not mark_salient(issue=grave, salient=False).salient
        assert assess_issue(issue=grave, scale=5).salient


def test_to_close_an_issue_is_no_assessment_and_moves_no_day(member):
    issue = an_issue(member)
    days = {"last_assessed_at": issue.last_assessed_at - timedelta(days=80), "next_review_on": issue.first_identified_on}
    with acting_as(a_coordinator(member)):
        RightsIssue.objects.filter(pk=issue.pk).update(**days)
        issue.refresh_from_db()
        closed = assess_issue(issue=issue, status="CLOSED", closed_reason="The doors were replaced")
        assert {name: getattr(closed, name) for name in days} == days
        again = assess_issue(issue=issue, likelihood=1)
        assert again.last_assessed_at > days["last_assessed_at"] and again.next_review_on > days["next_review_on"]


ISSUE = {"title": "Fire doors are locked", "scale": 5, "scope": 3, "irremediability": 5, "likelihood": 3}
ISSUE |= {"involvement": "UNKNOWN"}


def test_a_reporter_raises_an_issue_of_an_own_site_and_reads_no_register(member):
    site, other = a_site(member, name="Mill one"), a_site(member, name="Mill two")
    known = an_issue(member, "Known to the coordinators", site=site)
    client = signed_in(a_user(member, "SITE_REPORTER", sites=[site]))
    page = client.get(f"/sites/{site.pk}/").content.decode()
    assert f"/risks/add/?site={site.pk}" in page and known.title not in page
    form = client.get(f"/risks/add/?site={site.pk}").content.decode()
    assert "Mill one" in form and "Mill two" not in form
    answer = client.post("/risks/add/", ISSUE | {"site": site.pk})
    assert (answer.status_code, answer["Location"]) == (302, f"/sites/{site.pk}/")
    assert [client.post("/risks/add/", ISSUE | {"site": wrong}).status_code for wrong in ("", other.pk)] == [422, 422]
    with acting_as(SYSTEM):
        raised = RightsIssue.objects.get(title=ISSUE["title"])
    for path in ("/risks/", f"/risks/{raised.pk}/", f"/risks/{raised.pk}/assess/", "/api/v1/rights-issues/"):
        assert client.get(path).status_code == 403, path
    assert known.title not in client.get("/search/?q=Known").content.decode()


def test_a_reporter_raises_an_issue_by_the_api_and_only_of_an_own_site(member):
    site, other = a_site(member), a_site(member)
    client = signed_in(a_user(member, "SITE_REPORTER", sites=[site]))

    def raised(**more):
        return client.post("/api/v1/rights-issues/", ISSUE | more, content_type="application/json")

    made = raised(site=str(site.pk))
    assert made.status_code == 201 and made.json()["title"] == ISSUE["title"]
    assert raised(site=str(other.pk)).status_code == 400
    assert raised().status_code == 403


def test_a_new_assessment_ranks_again(member):
    issue = an_issue(member)
    with acting_as(a_coordinator(member)):
        assert assess_issue(issue=issue, scale=1, scope=1, irremediability=1, likelihood=1).band == "LOW"


@pytest.mark.parametrize("inputs", [(0, 1, 1, 1), (6, 1, 1, 1), (1, 1, 1, 9)])
def test_inputs_outside_one_to_five_are_refused(member, inputs):
    with pytest.raises(ValidationError):
        an_issue(member, inputs=inputs)


def test_closing_needs_a_reason(member):
    with acting_as(a_coordinator(member)), pytest.raises(ValidationError):
        assess_issue(issue=an_issue(member), status="CLOSED")


def test_a_viewer_and_a_stranger_change_nothing(member):
    issue = an_issue(member)
    for actor in (a_viewer(member), a_coordinator(an_organisation())):
        with acting_as(actor), pytest.raises(PermissionDenied):
            assess_issue(issue=issue, scale=1)


def test_pages_show_the_title_to_the_own_people_and_the_kind_to_the_analyst(member):
    issue = an_issue(member, title="Shelling at the Nikopol plant", site=a_site(member, name="Nikopol plant"))
    own = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    assert "Nikopol" in own.get("/risks/").content.decode()
    assert "Severity" in own.get(f"/risks/{issue.pk}/").content.decode()
    assert "Shelling" in own.get(f"/sites/{issue.site_id}/").content.decode()
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    for path in ("/risks/", f"/risks/{issue.pk}/", f"/sites/{issue.site_id}/", "/search/?q=R-1"):
        page = analyst.get(path).content.decode()
        assert "Nikopol" not in page, path
    assert "Workers or families killed" in analyst.get("/risks/").content.decode()
    assert signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR")).get(f"/risks/{issue.pk}/").status_code == 404


def test_a_square_of_the_heat_map_lists_exactly_its_issues(member):
    an_issue(member)
    an_issue(member, "Overtime", (2, 3, 1, 5))
    client = signed_in(a_user(member, "MEMBER_VIEWER"))
    assert '/risks/?closed=false&amp;likelihood=4&amp;severity=5"' in client.get("/risks/").content.decode()
    page = client.get("/risks/?likelihood=4&severity=5").content.decode()
    assert "Shelling at shift change" in page and ">Overtime<" not in page


def test_an_issue_is_added_and_assessed_by_hand(member):
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    answers = {
        "title": "Fees",
        "catalogue": "I06",
        "scale": 4,
        "scope": 3,
        "irremediability": 2,
        "likelihood": 4,
        "involvement": "LINKED",
        "ihl_relevant": "unknown",
    }
    page = client.post("/risks/add/", answers, follow=True)
    assert "74.50" in page.content.decode()
    assert client.post("/risks/add/", {**answers, "scale": ""}).status_code == 422
    with acting_as(SYSTEM):
        issue = RightsIssue.objects.get(title="Fees")
    refused = client.post(f"/risks/{issue.pk}/state/", {"status": "CLOSED"})
    assert refused.status_code == 422 and "Say why it is closed." in refused.content.decode()
    page = client.post(f"/risks/{issue.pk}/salient/", {"salient": "no", "reason": "Refunded"}, follow=True)
    assert page.status_code == 200


def test_figures_equal_the_register(member):
    an_issue(member)
    an_issue(member, "Overtime", (2, 3, 1, 5))
    with acting_as(a_viewer(member)):
        assert measure("issues.salient", FigureScope()).value == 1
        assert measure("issues.critical", FigureScope()).value == 1
