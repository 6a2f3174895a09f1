"""Bulletins: whom they concern, who confirmed, and what the team reads of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from members.bulletins import standings, waiting_for
from members.models import Bulletin, BulletinReceipt
from members.services.bulletins import confirm_bulletin, publish_bulletin, withdraw_bulletin
from tests.factories import a_coordinator, a_site, a_user, a_viewer, an_analyst, an_area, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
TEXT = {"topic": "POWER", "title": "Longer power cuts", "text": "Check fuel."}


@pytest.fixture
def polish():
    member = an_organisation(short_name="Wisla Foods")
    a_site(member, admin1=an_area("PL-14", "PL", "Mazowieckie"))
    return member


@pytest.fixture
def ukrainian():
    member = an_organisation(short_name="Dnipro Brewing")
    a_site(member)
    return member


@pytest.fixture
def bulletin(polish, ukrainian):
    with acting_as(an_analyst()):
        return publish_bulletin(level="URGENT", countries=["UA"], **TEXT)


def waiting(actor) -> list[str]:
    with acting_as(actor):
        return [one.title for one in waiting_for(actor.user_id, actor.organisation_id)]


def test_it_waits_for_coordinators_with_open_sites_in_its_countries_only(bulletin, polish, ukrainian):
    assert waiting(a_coordinator(ukrainian)) == ["Longer power cuts"]
    assert waiting(a_coordinator(polish)) == []


def test_confirming_twice_is_confirming_once(bulletin, ukrainian):
    coordinator = a_coordinator(ukrainian)
    with acting_as(coordinator):
        assert confirm_bulletin(bulletin=bulletin).pk == confirm_bulletin(bulletin=bulletin).pk
        assert BulletinReceipt.objects.count() == 1
    assert waiting(coordinator) == []


def test_the_team_reads_who_has_not_confirmed_and_who_is_late(bulletin, ukrainian):
    first, _second = a_coordinator(ukrainian), a_coordinator(ukrainian)
    with acting_as(first):
        confirm_bulletin(bulletin=bulletin)
    Bulletin.objects.filter(pk=bulletin.pk).update(issued_at=timezone.now() - timedelta(hours=13))
    bulletin.refresh_from_db()
    with acting_as(an_analyst()):
        (one,) = standings(bulletin)
    assert (one.organisation, one.confirmed, one.coordinators, one.late) == (ukrainian, 1, 2, True)
    page = signed_in(a_user(the_secretariat(), "AIM_ANALYST")).get(f"/support/bulletins/{bulletin.pk}/").content.decode()
    assert "Dnipro Brewing" in page and "1 of 2" in page and "Wisla Foods" not in page


def test_members_never_read_who_else_confirmed(bulletin, ukrainian, polish):
    with acting_as(a_coordinator(ukrainian)):
        confirm_bulletin(bulletin=bulletin)
    client = signed_in(a_user(polish, "MEMBER_COORDINATOR"))
    assert "Dnipro Brewing" not in client.get(f"/support/bulletins/{bulletin.pk}/").content.decode()
    assert client.get("/api/v1/bulletin-receipts/").json()["results"] == []


def test_what_is_withdrawn_waits_for_nobody_and_says_so(bulletin, ukrainian):
    with acting_as(an_analyst()):
        withdraw_bulletin(bulletin=bulletin)
    assert waiting(a_coordinator(ukrainian)) == []
    page = signed_in(a_user(ukrainian, "MEMBER_VIEWER")).get(f"/support/bulletins/{bulletin.pk}/").content.decode()
    assert "Do not act on it." in page


def test_viewers_do_not_confirm_and_coordinators_do_not_publish(bulletin, ukrainian):
    with acting_as(a_viewer(ukrainian)), pytest.raises(PermissionDenied):
        confirm_bulletin(bulletin=bulletin)
    with acting_as(a_coordinator(ukrainian)), pytest.raises(PermissionDenied):
        publish_bulletin(**TEXT)


def test_one_press_confirms_without_script(bulletin, ukrainian):
    client = signed_in(a_user(ukrainian, "MEMBER_COORDINATOR"))
    assert "Please confirm by" in client.get(f"/support/bulletins/{bulletin.pk}/").content.decode()
    assert client.post(f"/support/bulletins/{bulletin.pk}/confirm/").status_code == 302
    assert "You have confirmed this bulletin." in client.get(f"/support/bulletins/{bulletin.pk}/").content.decode()


def test_a_bulletin_that_only_informs_asks_nobody(ukrainian):
    with acting_as(an_analyst()):
        publish_bulletin(level="INFO", **TEXT)
    assert waiting(a_coordinator(ukrainian)) == []


def test_the_figure_counts_receipts_against_coordinators(bulletin, ukrainian):
    first, _second = a_coordinator(ukrainian), a_coordinator(ukrainian)
    with acting_as(first):
        confirm_bulletin(bulletin=bulletin)
    rows = signed_in(a_user(the_secretariat(), "AIM_ANALYST")).get("/api/v1/figures/").json()["results"]
    found = next(row for row in rows if row["name"] == "bulletins.confirmed_rate")
    assert (found["numerator"], found["denominator"], found["text"]) == (1, 2, "50.0 %")


def test_the_list_costs_the_same_however_many_bulletins_stand(bulletin, ukrainian):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    client.get("/support/bulletins/")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/support/bulletins/").status_code == 200
        return len(queries)

    one = asked()
    with acting_as(SYSTEM):
        for _n in range(6):
            publish_bulletin(level="ADVISORY", **TEXT)
    assert asked() == one
