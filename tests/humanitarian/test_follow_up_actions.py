"""A follow-up of a check-in is assigned from its row, and the row says to whom."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from humanitarian.models import SafetyAction
from members.models import CheckIn
from members.services.checkins import record_check_in
from tests.factories import a_reporter, a_site, a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


def a_follow_up(site, **said):
    with acting_as(a_reporter(site)):
        return record_check_in(site=site, **said)


def assign_url(page: str, check_in) -> str:
    (found,) = {unescape(url) for url in re.findall(r'href="(/actions/add/[^"]*)"', page) if str(check_in.pk) in url}
    return found


def test_a_follow_up_is_assigned_from_its_row_and_the_row_says_to_whom():
    member = an_organisation()
    first, second = a_site(member), a_site(member)
    help_, other = a_follow_up(first, people="help"), a_follow_up(second, people="help")
    client = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    path = assign_url(client.get("/follow-ups/").content.decode(), help_)
    form = client.get(path).context["form"]
    assert (form["title"].value(), str(form["site"].value())) == ("Someone needs help", str(first.pk))
    new = {"site": first.pk, "title": "Call the shift", "type": "RESPOND", "owner_role": "HSE lead", "due_on": "2027-01-31"}
    assert client.post(path, new).status_code == 302
    with acting_as(SYSTEM):
        action = SafetyAction.objects.get()
    assert (action.origin, action.origin_id) == ("CHECK_IN", help_.pk)
    page = client.get("/follow-ups/").content.decode()
    assert page.count("Assigned to HSE lead until") == 1 and f"/actions/{action.pk}/" in page
    assert assign_url(page, help_) and assign_url(page, other), "a second person can be asked too"
    with acting_as(SYSTEM):
        SafetyAction.objects.update(status="DONE")
    assert "Assigned to" not in client.get("/follow-ups/").content.decode(), "only what is open"


def test_the_list_costs_the_same_however_many_are_assigned():
    member = an_organisation()
    client = signed_in(a_user(member, Role.MEMBER_COORDINATOR))

    def asked() -> int:
        check_in = a_follow_up(a_site(member), people="help")
        with acting_as(SYSTEM):
            SafetyAction.objects.create(
                organisation=member, site=check_in.site, title="Call", owner_role="HSE", due_on="2027-01-31", origin="CHECK_IN",
                origin_id=check_in.pk, number=SafetyAction.objects.count() + 1,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert "Assigned to HSE" in client.get("/follow-ups/").content.decode()
        return len(queries)

    asked()
    assert asked() == asked()


def test_only_the_actions_about_the_rows_of_the_page_are_read():
    member = an_organisation()
    shown, settled = (a_follow_up(a_site(member), people="help") for _ in range(2))
    with acting_as(SYSTEM):
        for number, check_in in enumerate((shown, settled), start=1):
            SafetyAction.objects.create(
                organisation=member, site=check_in.site, title="Call", owner_role="HSE", due_on="2027-01-31", origin="CHECK_IN",
                origin_id=check_in.pk, number=number,
            )  # fmt: skip
        CheckIn.objects.filter(pk=settled.pk).update(followed_up_at=settled.received_at)
    answer = signed_in(a_user(member, Role.MEMBER_COORDINATOR)).get("/follow-ups/")
    assert set(answer.context["request"].assigned_actions) == {shown.pk}
