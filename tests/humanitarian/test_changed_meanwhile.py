"""Two people change one record: nobody writes over what they did not see."""

import pytest
from django.urls import reverse
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from humanitarian.models import Contribution, PartnerOrganisation, SafetyAction, SupportMeasure
from humanitarian.services.actions import change_action, open_action
from humanitarian.services.pay import add_measure, change_measure
from members.models import Site
from members.services.sites import change_site
from suppliers.models import Supplier
from tests.factories import a_coordinator, a_site, a_user
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site(name="Sumy oils")


@pytest.fixture
def client(site):
    return signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))


def form_on(client, url):
    """What a person has before them, as they would send it back."""
    form = client.get(url).context["form"]
    return {name: value for name in form.fields if (value := form[name].value()) not in (None, False)}


def test_evidence_that_somebody_stored_is_not_blanked_by_who_only_moves_the_day(site, client):
    with acting_as(a_coordinator(site.organisation)):
        action = open_action(site=site, title="Salt the yard", owner_role="HSE", due_on=timezone.localdate())
    url = f"/actions/{action.pk}/change/"
    before = form_on(client, url)
    with acting_as(a_coordinator(site.organisation)):
        change_action(action=SafetyAction.objects.get(pk=action.pk), evidence="Seen by the fire brigade", status="IN_PROGRESS")
    mine = before | {"due_on": "2027-02-01"}
    answer = client.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Somebody changed this while you did." in page
    assert "Stored now: Seen by the fire brigade" in page and "Stored now: In progress" in page and "2027-02-01" in page
    assert "Stored now: HSE" not in page, "what is the same needs no second value"
    assert stored(action).evidence == "Seen by the fire brigade"
    again = {name: value for name in answer.context["form"].fields if (value := answer.context["form"][name].value()) is not None}
    assert client.post(url, again | {"evidence": "Seen by the fire brigade"}).status_code == 302, "now it was seen"
    assert (stored(action).evidence, stored(action).due_on.isoformat()) == ("Seen by the fire brigade", "2027-02-01")


def stored(action):
    with acting_as(SYSTEM):
        return SafetyAction.objects.get(pk=action.pk)


def test_people_reached_are_not_set_back(site, client):
    with acting_as(a_coordinator(site.organisation)):
        measure = add_measure(
            organisation=site.organisation, type="HOTLINE", country="UA", starts_on=timezone.localdate(), for_agency=True,
            for_contractors=True, people_reached=20,
        )  # fmt: skip
    url = f"/humanitarian/support/{measure.pk}/change/"
    before = form_on(client, url)
    with acting_as(a_coordinator(site.organisation)):
        change_measure(measure=SupportMeasure.objects.get(pk=measure.pk), people_reached=80)
    answer = client.post(url, before)
    assert answer.status_code == 409 and "Stored now: 80" in answer.content.decode()
    with acting_as(SYSTEM):
        assert SupportMeasure.objects.get(pk=measure.pk).people_reached == 80


def test_a_site_keeps_what_somebody_else_said_of_it(site, client):
    url = reverse("members:site_change", args=[site.pk])
    before = form_on(client, url)
    with acting_as(a_coordinator(site.organisation)):
        change_site(site=site, hazardous_stock=True)
    assert client.post(url, before).status_code == 409
    with acting_as(SYSTEM):
        assert Site.objects.get(pk=site.pk).hazardous_stock is True
    assert client.post(url, form_on(client, url)).status_code == 302


def test_every_page_that_changes_a_versioned_record_says_which_version_it_shows(site, client):
    with acting_as(SYSTEM):
        partner = PartnerOrganisation.objects.create(name="Relief partner", short_name="Relief", type="INGO")
        given = Contribution(
            organisation=site.organisation, partner=partner, currency="EUR", committed=5, disbursed=0, committed_on="2026-10-01"
        )
        given.save(force_insert=True)
        supplier = Supplier(organisation=site.organisation, name="Dnister", country="UA")
        supplier.save(force_insert=True)
    urls = (
        reverse("humanitarian:contribution_change", args=[given.pk]), reverse("suppliers:change", args=[supplier.pk]),
        reverse("members:site_change", args=[site.pk]),
    )  # fmt: skip
    for url in urls:
        assert 'name="seen_version" value="1"' in client.get(url).content.decode(), url
    assert "seen_version" not in client.get("/actions/add/").content.decode()
