"""Two worked scenarios about words (domain.md 10.2): union data (22) and strike news (23)."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from members.models import DataShare, Site, SiteStatus
from members.services.sites import log_site_status
from tests.factories import a_reporter, a_site, a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

STRIKE = "missile hit beside warehouse at 49.99, 36.23"


def test_scenario_22_no_person_has_a_field_for_a_union_and_a_site_has_one():
    named = {
        f"{model._meta.object_name}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if "union" in field.name
    }
    assert named == {"Site.union_present"}
    near = a_site()
    client = signed_in(a_user(near.organisation, Role.MEMBER_COORDINATOR))
    body = {
        "code": "U-1", "name": "Mill", "kind": "FACTORY", "country": "UA", "admin1": near.admin1_id, "baseline": 5,
        "union_present": True,
    }  # fmt: skip
    made = client.post("/api/v1/sites/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    with acting_as(SYSTEM):
        assert Site.objects.get(pk=made.json()["id"]).union_present is True


def test_scenario_23_a_position_in_a_note_is_refused_and_a_partner_reads_no_note_at_all():
    site, relief = a_site(), an_organisation("PARTNER")
    with acting_as(a_reporter(site)):
        with pytest.raises(ValidationError, match=r"49\.99, 36\.23.*gives a position away"):
            log_site_status(site=site, operational="REDUCED", note=STRIKE)
        log_site_status(site=site, operational="REDUCED", note="missile hit beside warehouse")
        assert SiteStatus.objects.get(site=site).note == "missile hit beside warehouse"
    with acting_as(SYSTEM):
        share = DataShare(
            organisation=site.organisation, receiver=relief, dataset="SITE_STATUS", precision="ADM1",
            expires_at=timezone.now() + timedelta(days=5),
        )  # fmt: skip
        share.save(force_insert=True)
    page = signed_in(a_user(relief, Role.PARTNER_CLIENT)).get(f"/shared/{share.pk}/")
    assert page.status_code == 200 and "warehouse" not in page.content.decode()
    own = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    assert "missile hit beside warehouse" in own.get(f"/sites/{site.pk}/").content.decode()
