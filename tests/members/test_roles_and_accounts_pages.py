"""Which role opens which page about people, keys, sharing, sessions and the trail. A new page of these must be added here."""

import pytest
from django.urls import get_resolver

from aimprogress.core.permissions import Role
from members.models import Organisation
from tests.factories import a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

COORDINATOR, VIEWER, REPORTER, AUDITOR = Role.MEMBER_COORDINATOR, Role.MEMBER_VIEWER, Role.SITE_REPORTER, Role.AUDITOR
ANALYST, ADMIN, DPO, PARTNER = Role.AIM_ANALYST, Role.AIM_ADMIN, Role.DPO, Role.PARTNER_CLIENT
NOBODY = "01938f00-0000-7000-8000-000000000000"

OPEN_TO = {
    "people": {COORDINATOR, ADMIN},
    "invite": {COORDINATOR, ADMIN},
    "invitation_revoke": {COORDINATOR, ADMIN},
    "grant_change": {COORDINATOR, ADMIN},
    "grant_revoke": {COORDINATOR, ADMIN},
    "access_close": {COORDINATOR, ADMIN},
    "invite_list": {COORDINATOR, ADMIN},
    "invite_list_send": {COORDINATOR, ADMIN},
    "duty_roster": {COORDINATOR, ADMIN},
    "duty_raise": {COORDINATOR, ADMIN},
    "duty_remove": {COORDINATOR, ADMIN},
    "device_add": {COORDINATOR, ADMIN},
    "device_deputy": {COORDINATOR, ADMIN},
    "device_second": {COORDINATOR, ADMIN},
    "device_hand_over": {COORDINATOR, ADMIN},
    "device_lost": {COORDINATOR, ADMIN},
    "device_end": {COORDINATOR, ADMIN},
    "cut_offs": {COORDINATOR, ADMIN},
    "cut_off_access": {COORDINATOR, ADMIN},
    "ask_to_restore": {COORDINATOR, ADMIN},
    "restore_access": {COORDINATOR, ADMIN},
    "assignments": {ANALYST, ADMIN},
    "assign_members": {ADMIN},
    "assignment_end": {ADMIN},
    "keys": {COORDINATOR, ADMIN, PARTNER},
    "key_make": {COORDINATOR, ADMIN, PARTNER},
    "key_revoke": {COORDINATOR, ADMIN, PARTNER},
    "sharing": {COORDINATOR, VIEWER, ANALYST, PARTNER},
    "share_grant": {COORDINATOR},
    "share_revoke": {COORDINATOR},
    "shared": {COORDINATOR, VIEWER, ANALYST, PARTNER},
    "shared_rows": {ANALYST, PARTNER},
    "staff_sessions": {COORDINATOR, VIEWER, ANALYST, DPO},
    "staff_session_open": {ANALYST},
    "staff_session_end": {ANALYST},
    "audit": {COORDINATOR, ADMIN, DPO},
}
MINE = ("people/", "developer/", "sharing/", "shared/", "staff-sessions/", "audit/")


def paths() -> dict[str, str]:
    """Every page of these, by name, with an id that nobody knows."""
    found = {}
    for pattern in get_resolver("members.urls").url_patterns:
        route = str(pattern.pattern)
        if route.startswith(MINE):
            found[pattern.name] = "/" + route.replace("<uuid:pk>", NOBODY)
    return found


def organisation_of(role: Role) -> Organisation:
    if role in (ANALYST, ADMIN, DPO):
        return the_secretariat()
    return an_organisation("PARTNER" if role == PARTNER else "MEMBER")


def test_the_table_names_every_page():
    assert set(paths()) == set(OPEN_TO)


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_role_opens_its_pages_and_no_others(role, method):
    client = signed_in(a_user(organisation_of(role), role))
    for name, path in paths().items():
        status = getattr(client, method)(path).status_code
        if role in OPEN_TO[name]:
            assert status != 403 and status < 500, (name, status)
            if NOBODY in path:
                assert status in (404, 405), (name, status)
        else:
            assert status == 403, (name, status)


def test_nobody_else_gets_past_the_door(client):
    for name, path in paths().items():
        response = client.get(path)
        assert response.status_code == 302 and response["Location"].startswith("/accounts/login/"), name
