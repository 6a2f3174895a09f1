"""Which analyst looks after which member: who decides it, what it opens, and that it ends with the role."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import ProgrammingError

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.scoping import InScope
from aimprogress.jobs.delivery import deliver
from members.access import actor_for_user
from members.models import MemberAnalyst, Notification, RoleGrant, Site, User
from members.recipients import analysts_of
from members.services.accounts import change_role, revoke_role
from members.services.assignments import assign_members, end_assignment
from members.services.leavers import close_access, close_own_account
from tests.factories import a_site, a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def halden():
    return an_organisation(short_name="Halden Foods")


@pytest.fixture
def norvia():
    return an_organisation(short_name="Norvia Care")


@pytest.fixture
def admin():
    return a_user(the_secretariat(), "AIM_ADMIN", email="admin@aim.example")


@pytest.fixture
def analyst():
    return a_user(the_secretariat(), "AIM_ANALYST", email="analyst@aim.example")


@pytest.fixture
def colleague():
    return a_user(the_secretariat(), "AIM_ANALYST", email="colleague@aim.example")


def by(person: User, service, /, **arguments):
    with acting_as(actor_for_user(person)):
        return service(**arguments)


def given(admin: User, analyst: User, *members) -> list[MemberAnalyst]:
    return by(admin, assign_members, analyst=analyst, organisations=members)


def looks_after(user: User) -> set[str]:
    return set(MemberAnalyst.objects.filter(analyst=user).values_list("organisation__short_name", flat=True))


def told(user: User) -> int:
    deliver()
    with acting_as(SYSTEM):
        return Notification.objects.filter(user=user, kind="assignment").count()


def acts_of(member) -> list[str]:
    with acting_as(SYSTEM):
        return list(AuditEvent.objects.filter(organisation_id=member.pk).order_by("seq").values_list("action", flat=True))


def test_an_analyst_who_is_given_members_writes_for_them_and_is_told_of_them(halden, norvia, admin, analyst, colleague):
    assert set(analysts_of(halden.pk)) == {analyst, colleague}
    given(admin, analyst, halden, norvia)
    assert {halden.pk, norvia.pk} <= actor_for_user(analyst).writes
    assert not {halden.pk, norvia.pk} & actor_for_user(colleague).writes
    assert analysts_of(halden.pk) == [analyst]
    assert acts_of(halden) == acts_of(norvia) == ["members.assign_member"]


def test_every_analyst_looks_after_a_member_that_is_given_to_nobody_and_after_no_other_organisation(
    halden, admin, analyst, colleague
):
    left, partner = an_organisation(status="LEFT"), an_organisation("PARTNER")
    for person in (analyst, colleague):
        assert actor_for_user(person).writes == {halden.pk, the_secretariat().pk}
    assert halden.pk not in actor_for_user(admin).writes
    given(admin, analyst, halden)
    assert actor_for_user(analyst).writes == {halden.pk, the_secretariat().pk}
    assert not actor_for_user(colleague).writes & {halden.pk, left.pk, partner.pk}


def test_row_security_lets_write_who_looks_after_the_member_and_nobody_else(halden, admin, analyst, colleague, monkeypatch):
    """Both walls: the scope lets everything through here, and PostgreSQL alone says who writes."""
    site = a_site(halden)
    monkeypatch.setattr(InScope, "as_sql", lambda self, compiler, connection: ("TRUE", []))

    def changed_by(person: User) -> int:
        with acting_as(actor_for_user(person)):
            return Site.objects.filter(pk=site.pk).update(help_needed_since=None)

    assert changed_by(analyst) == changed_by(colleague) == 1, "nobody's: everybody's"
    given(admin, analyst, halden)
    assert changed_by(analyst) == 1
    with pytest.raises(ProgrammingError, match="row-level security"):
        changed_by(colleague)
    assert changed_by(admin) == 0, "an administrator does not even see it"


def test_the_analyst_is_told_once_for_each_act_and_nobody_of_the_own(halden, norvia, admin, analyst):
    rows = given(admin, analyst, halden, norvia)
    assert told(analyst) == 1
    by(admin, end_assignment, assignment=rows[0])
    assert told(analyst) == 2
    RoleGrant.objects.create(user=admin, organisation=the_secretariat(), role="AIM_ANALYST")
    given(admin, admin, halden)
    assert told(admin) == 0


def test_a_member_that_is_taken_back_is_everybodys_again(halden, admin, analyst, colleague):
    (row,) = given(admin, analyst, halden)
    by(admin, end_assignment, assignment=row)
    assert looks_after(analyst) == set()
    assert halden.pk in actor_for_user(analyst).writes and halden.pk in actor_for_user(colleague).writes, "nobody's: everybody's"
    assert set(analysts_of(halden.pk)) == {analyst, colleague}
    assert acts_of(halden) == ["members.assign_member", "members.end_assignment"]


def test_what_an_analyst_has_stays_and_giving_it_again_is_refused(halden, norvia, admin, analyst, colleague):
    given(admin, analyst, halden)
    given(admin, colleague, halden)
    with pytest.raises(ValidationError, match="already"):
        given(admin, analyst, halden)
    given(admin, analyst, halden, norvia)
    assert looks_after(analyst) == {"Halden Foods", "Norvia Care"}
    assert set(analysts_of(halden.pk)) == {analyst, colleague}
    assert acts_of(halden).count("members.assign_member") == 2


@pytest.mark.parametrize("whose", ["admin", "coordinator", "gone", "closed"])
def test_only_somebody_who_is_an_analyst_now_is_given_members(whose, halden, admin, analyst):
    user = {"admin": admin, "coordinator": a_user(halden, "MEMBER_COORDINATOR")}.get(whose, analyst)
    if whose == "gone":
        by(admin, revoke_role, grant=RoleGrant.objects.get(user=analyst))
    if whose == "closed":
        User.objects.filter(pk=analyst.pk).update(is_active=False)
    with pytest.raises(ValidationError, match="no analyst"):
        given(admin, user, halden)
    assert looks_after(user) == set()


@pytest.mark.parametrize("fields", [{"kind": "PARTNER"}, {"kind": "SECRETARIAT"}, {"status": "LEFT"}])
def test_only_members_that_have_not_left_are_given(fields, halden, admin, analyst):
    with pytest.raises(ValidationError, match="not left"):
        given(admin, analyst, halden, an_organisation(**fields))
    assert looks_after(analyst) == set(), "all of them, or none"


@pytest.mark.parametrize("role", ["AIM_ANALYST", "MEMBER_COORDINATOR", "DPO"])
def test_nobody_but_an_administrator_gives_or_takes_back(role, halden, norvia, admin, analyst):
    other = a_user(halden if role == "MEMBER_COORDINATOR" else the_secretariat(), role)
    (row,) = given(admin, analyst, halden)
    with pytest.raises(PermissionDenied):
        given(other, analyst, norvia)
    with pytest.raises(PermissionDenied):
        by(other, end_assignment, assignment=row)
    assert looks_after(analyst) == {"Halden Foods"}


@pytest.mark.parametrize("ending", ["role", "change", "leaves", "own account"])
def test_it_ends_with_the_role_of_the_analyst_and_does_not_come_back_with_it(ending, halden, admin, analyst, colleague):
    given(admin, analyst, halden)
    grant = RoleGrant.objects.get(user=analyst)
    if ending == "role":
        by(admin, revoke_role, grant=grant)
    elif ending == "change":
        by(admin, change_role, grant=grant, role="DPO")
    elif ending == "leaves":
        by(admin, close_access, organisation=the_secretariat(), user=analyst)
    else:
        by(analyst, close_own_account)
    assert looks_after(analyst) == set()
    assert analysts_of(halden.pk) == [colleague]
    assert acts_of(halden) == ["members.assign_member", "members.end_assignment"]
    RoleGrant.objects.create(user=analyst, organisation=the_secretariat(), role="AIM_ANALYST")
    given(admin, colleague, halden)
    assert halden.pk not in actor_for_user(analyst).writes


def test_another_role_of_the_same_person_ends_without_it(halden, admin, analyst):
    given(admin, analyst, halden)
    by(admin, revoke_role, grant=RoleGrant.objects.create(user=analyst, organisation=the_secretariat(), role="DPO"))
    assert looks_after(analyst) == {"Halden Foods"}


def test_an_heir_who_is_an_analyst_takes_over_and_is_told_once(halden, norvia, admin, analyst, colleague):
    third = an_organisation(short_name="Orsa Snacks")
    given(admin, analyst, halden, norvia, third)
    given(admin, colleague, norvia)
    before = told(colleague)
    by(admin, close_access, organisation=the_secretariat(), user=analyst, heir=colleague)
    assert (looks_after(analyst), looks_after(colleague)) == (set(), {"Halden Foods", "Norvia Care", "Orsa Snacks"})
    assert told(colleague) == before + 1
    assert acts_of(halden) == ["members.assign_member"] * 2
    assert acts_of(norvia)[-1] == "members.end_assignment"


def test_an_heir_who_is_no_analyst_takes_over_no_member(halden, admin, analyst):
    other = a_user(the_secretariat(), "AIM_ADMIN")
    given(admin, analyst, halden)
    by(admin, close_access, organisation=the_secretariat(), user=analyst, heir=other)
    assert not MemberAnalyst.objects.exists() and told(other) == 0


def test_whose_account_was_closed_stands_in_nobodys_way(halden, admin, analyst, colleague):
    """Also where no service ended it, as for accounts that nobody opened for a year."""
    given(admin, analyst, halden)
    User.objects.filter(pk=analyst.pk).update(is_active=False)
    assert analysts_of(halden.pk) == [colleague]
    assert halden.pk in actor_for_user(colleague).writes
    assert "analyst@aim.example" not in signed_in(admin).get("/people/analysts/").content.decode()


def test_the_administrator_gives_and_takes_back_on_the_page(halden, norvia, admin, analyst):
    browser = signed_in(admin)
    assert "/people/analysts/" in browser.get("/people/").content.decode().split("<main")[1]
    page = browser.get("/people/analysts/").content.decode()
    assert page.count("nobody yet; the whole team does") == 2
    answer = browser.post("/people/analysts/give/", {"analyst": analyst.pk, "organisations": [halden.pk]}, follow=True)
    row = MemberAnalyst.objects.get(analyst=analyst, organisation=halden)
    page = answer.content.decode()
    assert "The analyst looks after these members now" in page and page.count("nobody yet; the whole team does") == 1
    assert f"/people/analysts/{row.pk}/take-back/" in page
    assert browser.post(f"/people/analysts/{row.pk}/take-back/").status_code == 302
    assert looks_after(analyst) == set()


def test_the_form_says_beside_its_field_what_is_missing_or_refused(halden, admin, analyst):
    browser = signed_in(admin)
    given(admin, analyst, halden)
    empty = browser.post("/people/analysts/give/", {})
    assert empty.status_code == 422 and set(empty.context["form"].errors) == {"analyst", "organisations"}
    again = browser.post("/people/analysts/give/", {"analyst": analyst.pk, "organisations": [halden.pk]})
    assert again.status_code == 422 and list(again.context["form"].errors) == ["organisations"]
    offered = again.context["form"].fields
    assert list(offered["analyst"].queryset) == [analyst] and list(offered["organisations"].queryset) == [halden]


def test_an_analyst_reads_the_own_members_and_changes_nothing(halden, norvia, admin, analyst, colleague):
    given(admin, analyst, halden)
    (row,) = given(admin, colleague, norvia)
    browser = signed_in(analyst)
    page = browser.get("/people/analysts/").content.decode()
    main = page.split("<main")[1]
    assert "Halden Foods" in main and "Norvia Care" not in main and "colleague@aim.example" not in page
    assert "take-back" not in page and "/people/analysts/give/" not in page
    assert browser.get(f"/people/analysts/{row.pk}/take-back/").status_code == 403
    assert browser.post("/people/analysts/give/", {"analyst": analyst.pk, "organisations": [norvia.pk]}).status_code == 403
    assert looks_after(analyst) == {"Halden Foods"}


def test_an_analyst_without_members_reads_what_that_means(analyst):
    assert "No member is given to you" in signed_in(analyst).get("/people/analysts/").content.decode()


def test_a_coordinator_reads_neither_the_page_nor_its_link(halden):
    browser = signed_in(a_user(halden, "MEMBER_COORDINATOR"))
    assert browser.get("/people/analysts/").status_code == 403
    assert "/people/analysts/" not in browser.get("/people/").content.decode()
