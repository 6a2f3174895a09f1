"""Safety actions that follow from a roll call."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from humanitarian.models import SafetyAction
from members.services.roll_calls import open_roll_call
from tests.factories import a_site, a_user
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

DUE = "2027-01-31"


def test_an_action_follows_from_a_roll_call_and_leads_back_to_it():
    site = a_site()
    with acting_as(SYSTEM):
        roll_call = open_roll_call(site=site, incident="FIRE")
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    page = client.get(reverse("members:roll_call", args=[roll_call.pk])).content.decode()
    path = f"/actions/add/?origin=ROLL_CALL&origin_id={roll_call.pk}&origin_key=&site={site.pk}"
    assert escape(path) in page
    new = {"site": site.pk, "title": "Second way to reach the night shift", "type": "PREVENT", "owner_role": "HSE", "due_on": DUE}
    assert client.post(path, new).status_code == 302
    with acting_as(SYSTEM):
        action = SafetyAction.objects.get(origin="ROLL_CALL", origin_id=roll_call.pk)
    assert reverse("members:roll_call", args=[roll_call.pk]) in client.get(f"/actions/{action.pk}/").content.decode()
    assert action.title in client.get(reverse("members:roll_call", args=[roll_call.pk])).content.decode()
    strange = f"/actions/add/?origin=ROLL_CALL&origin_id={roll_call.pk}&site={a_site(site.organisation).pk}"
    assert client.post(strange, new | {"site": strange[-36:]}).status_code == 422
