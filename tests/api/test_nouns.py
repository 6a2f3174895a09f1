"""Each noun of the upper apps in the API: listed, created through its service, changed with If-Match, hidden from strangers."""

from uuid import uuid4

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from humanitarian.models import PartnerOrganisation
from tests.factories import a_site, a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return an_organisation()


def bodies(member):
    site = a_site(member, name="Secret plant")
    partner = PartnerOrganisation.objects.get_or_create(short_name="UNHCR", defaults={"name": "UNHCR", "type": "UN"})[0]
    return {
        "suppliers": {"name": "Karpaty Packaging", "country": "UA"},
        "safety-actions": {"site": str(site.pk), "title": "Move the secret gate", "owner_role": "HSE", "due_on": "2027-01-31"},
        "contributions": {"partner": str(partner.pk), "currency": "EUR", "committed": "5.00", "committed_on": "2026-03-01"},
        "rights-issues": {"title": "At the secret plant", "scale": 5, "scope": 4, "irremediability": 5, "likelihood": 4},
    }


def sent(client, noun, body):
    """A POST with a key of its own: nouns about money refuse one without."""
    key = {"Idempotency-Key": str(uuid4())}
    return client.post(f"/api/v1/{noun}/", body, content_type="application/json", headers=key)


@pytest.mark.parametrize("noun", ["suppliers", "safety-actions", "contributions", "rights-issues"])
def test_a_noun_is_created_read_changed_and_hidden(member, noun):
    body = bodies(member)[noun]
    own = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    made = sent(own, noun, body)
    assert made.status_code == 201, made.content
    url = f"/api/v1/{noun}/{made.json()['id']}/"
    read = own.get(url)
    assert read.status_code == 200
    assert own.get(f"/api/v1/{noun}/").json()["results"][0]["id"] == made.json()["id"]
    change = {
        "suppliers": {"city": "Lviv"},
        "safety-actions": {"effect": "SOME"},
        "contributions": {"purpose": "Water"},
        "rights-issues": {"scale": 1},
    }
    assert own.patch(url, change[noun], content_type="application/json").status_code == 428
    changed = own.patch(url, change[noun], content_type="application/json", headers={"If-Match": read["ETag"]})
    assert changed.status_code == 200, changed.content
    assert own.patch(url, change[noun], content_type="application/json", headers={"If-Match": read["ETag"]}).status_code == 412
    stranger = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    assert stranger.get(url).status_code == 404
    assert made.json()["id"] not in stranger.get(f"/api/v1/{noun}/").content.decode()
    viewer = signed_in(a_user(member, "MEMBER_VIEWER"))
    assert viewer.post(f"/api/v1/{noun}/", body, content_type="application/json").status_code == 403


def test_the_analyst_reads_actions_and_issues_without_their_words_and_nothing_commercial(member):
    own = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    for noun, body in bodies(member).items():
        assert sent(own, noun, body).status_code == 201
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    for noun, count in (("safety-actions", 1), ("rights-issues", 1), ("suppliers", 0), ("contributions", 0)):
        answer = analyst.get(f"/api/v1/{noun}/")
        assert len(answer.json()["results"]) == count, noun
        assert "ecret" not in answer.content.decode(), noun


def test_wrong_bodies_point_at_the_field(member):
    own = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    cases = {
        "suppliers": ({"name": "X", "country": "UA", "identifier_kind": "EDRPOU", "identifier": "00377512"}, "/identifier"),
        "contributions": ({**bodies(member)["contributions"], "currency": "euro"}, "/currency"),
        "rights-issues": ({"title": "X", "scale": 9, "scope": 1, "irremediability": 1, "likelihood": 1}, "/scale"),
        "safety-actions": ({**bodies(member)["safety-actions"], "site": str(a_site().pk)}, "/site"),
    }
    for noun, (body, pointer) in cases.items():
        answer = sent(own, noun, body)
        assert answer.status_code == 400 and answer["Content-Type"].startswith("application/problem+json"), noun
        assert pointer in [error["pointer"] for error in answer.json()["errors"]], answer.content


def test_money_is_refused_without_a_key_and_recorded_once_with_it(member):
    own, body = signed_in(a_user(member, "MEMBER_COORDINATOR")), bodies(member)["contributions"]
    answer = own.post("/api/v1/contributions/", body, content_type="application/json")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/Idempotency-Key"]
    key = {"Idempotency-Key": "once"}
    twice = [own.post("/api/v1/contributions/", body, content_type="application/json", headers=key) for _time in range(2)]
    assert len({one.json()["id"] for one in twice}) == 1
    assert len(own.get("/api/v1/contributions/").json()["results"]) == 1


def test_partner_organisations_are_the_same_for_everybody(member):
    with acting_as(SYSTEM):
        PartnerOrganisation.objects.create(name="WFP", short_name="WFP", type="UN")
    assert (
        signed_in(a_user(member, "MEMBER_VIEWER")).get("/api/v1/partner-organisations/").json()["results"][0]["short_name"]
        == "WFP"
    )
