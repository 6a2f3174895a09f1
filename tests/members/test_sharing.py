"""What a member shares: granted in one form after a preview, read by its receiver only, revoked at once, and on the record."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.exchange.datasets import datasets, is_suppressed
from members.models import ApiKey, DataShare, SharePull
from members.services.accounts import create_api_key
from tests.factories import a_head_count, a_site, a_status, a_user, an_area, an_organisation, the_secretariat
from tests.journeys.browser import Forms
from tests.said import without_chance
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def halden():
    return an_organisation(short_name="Halden Foods")


@pytest.fixture
def site(halden):
    site = a_site(
        halden, name="Kharkiv snacks plant", code="KHA-01", address="Main street 1", admin1=an_area("UA63", name="Kharkiv")
    )
    a_status(site, "REDUCED", note="Power from six to two")
    a_head_count(site, 420, safe_idp=58, safe_abroad=31, serving=24, injured=3, missing=1, unaccounted=2, killed=2)
    return site


@pytest.fixture
def relief():
    return an_organisation("PARTNER", short_name="Relief Network North")


@pytest.fixture
def coordinator(halden):
    return signed_in(a_user(halden, "MEMBER_COORDINATOR"))


@pytest.fixture
def partner(relief):
    return signed_in(a_user(relief, "PARTNER_CLIENT"))


def answers(relief, **changed):
    ends_on = timezone.localdate() + timedelta(days=30)
    return {
        "dataset": "SITE_STATUS",
        "receiver": str(relief.pk),
        "precision": "ADM1",
        "ends_on": str(ends_on),
        "do": "share",
        **changed,
    }


def grant(client, relief, **changed) -> DataShare:
    response = client.post("/sharing/grant/", answers(relief, **changed))
    assert response.status_code == 302, response.content.decode()
    with acting_as(SYSTEM):
        return DataShare.objects.order_by("-granted_at").first()


def test_a_share_takes_what_with_whom_and_one_press_because_precision_and_end_are_proposed(coordinator, relief):
    forms = Forms()
    forms.feed(coordinator.get("/sharing/").content.decode())
    form = next(form for form in forms.forms if "dataset" in form.choices)
    untouched = dict(form.fields)
    assert "dataset" not in untouched and not untouched.get("receiver"), "what leaves the portal is never preselected"
    response = coordinator.post(form.action, untouched | {"dataset": "SITE_STATUS", "receiver": str(relief.pk), "do": "share"})
    assert response.status_code == 302, response.content.decode()
    with acting_as(SYSTEM):
        share = DataShare.objects.get()
    assert (share.precision, share.in_force) == ("ADM1", True)
    assert timedelta(days=30) < share.expires_at - timezone.now() < timedelta(days=366)


def data_url(share) -> str:
    return f"/api/v1/shares/{share.pk}/data/"


def a_token(organisation) -> str:
    user = a_user(organisation, "PARTNER_CLIENT")
    from members.access import actor_for_user

    with acting_as(actor_for_user(user)):
        ends = timezone.now() + timedelta(days=1)
        return create_api_key(organisation=organisation, name="pull", scopes=["shared:pull", "share:read"], expires_at=ends).text


SECRETS = ("Kharkiv snacks", "KHA-01", "Main street", "Power from six", "serving", "missing", "killed", "injured")


def test_a_preview_shows_what_the_receiver_will_see_and_shares_nothing(coordinator, relief, site):
    page = coordinator.post("/sharing/grant/", answers(relief, do="preview"))
    html = page.content.decode()
    assert page.status_code == 200 and "As Relief Network North will see it" in html
    assert "Halden Foods, Kharkiv oblast, site" in html
    preview = html.split("As Relief Network North")[1].split("</section>")[0]
    for secret in SECRETS:
        assert secret not in preview, secret
    with acting_as(SYSTEM):
        assert not DataShare.objects.exists() and not SharePull.objects.exists()


def test_a_partner_reads_the_status_at_the_precision_granted_and_the_member_sees_the_pull(coordinator, partner, relief, site):
    share = grant(coordinator, relief)
    listed = partner.get("/shared/").content.decode()
    assert "Halden Foods" in listed and f"/shared/{share.pk}/" in listed
    page = partner.get(f"/shared/{share.pk}/")
    html = page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert "Operating at reduced level" in html and "Halden Foods, Kharkiv oblast, site" in html
    for secret in SECRETS:
        assert secret not in html, secret
    seen = coordinator.get("/sharing/").content.decode()
    assert "Relief Network North" in seen and "once" in seen
    with acting_as(SYSTEM):
        pull = SharePull.objects.get()
        assert (pull.rows, pull.receiver_id, pull.organisation_id) == (1, relief.pk, site.organisation_id)
        assert AuditEvent.objects.filter(action="members.note_pull", organisation_id=site.organisation_id).count() == 1


def test_a_partner_pulls_the_same_figure_with_a_token_until_it_is_revoked(coordinator, relief, site):
    share = grant(coordinator, relief)
    token = a_token(relief)
    client = Client(headers={"Authorization": f"Bearer {token}"})
    answer = client.get(data_url(share))
    assert answer.status_code == 200, answer.content
    assert f"A program, key {token[:14]}…" in coordinator.get("/audit/").content.decode(), "no bare letters"
    data = answer.json()
    (row,) = data["results"]
    assert (row["operational"], row["precision"], row["area_name"]) == ("REDUCED", "ADM1", None)
    assert row["name"].startswith("Halden Foods, Kharkiv oblast, site")
    assert data["as_of"] and data["coverage"] == "1 of 1 site current enough" and data["next"] is None
    assert not {"current_expected", "serving", "note", "code", "latitude", "checkin_code"} & set(row)
    listed = client.get("/api/v1/shares/").json()["results"]
    assert [entry["id"] for entry in listed] == [str(share.pk)]
    table = client.get(f"{data_url(share)}?format=csv")
    assert table["Content-Type"].startswith("text/csv") and b"REDUCED" in table.content and b"KHA-01" not in table.content
    assert coordinator.post(f"/sharing/{share.pk}/revoke/").status_code == 302
    gone = client.get(data_url(share))
    assert (gone.status_code, gone["Content-Type"]) == (404, "application/problem+json")
    with acting_as(SYSTEM):
        assert SharePull.objects.count() == 2


def test_a_foreign_an_unknown_and_an_ended_share_are_alike_not_there(coordinator, partner, relief, site):
    share = grant(coordinator, relief)
    other = an_organisation("PARTNER")
    stranger = Client(headers={"Authorization": f"Bearer {a_token(other)}"})
    unknown = stranger.get("/api/v1/shares/01938f00-0000-7000-8000-000000000000/data/")
    foreign = stranger.get(data_url(share))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()
    browser = signed_in(a_user(other, "PARTNER_CLIENT"))
    assert browser.get(f"/shared/{share.pk}/").status_code == 404
    assert str(share.pk) not in browser.get("/shared/").content.decode()
    assert str(share.pk) not in str(stranger.get("/api/v1/shares/").content)
    with acting_as(SYSTEM):
        DataShare.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert partner.get(f"/shared/{share.pk}/").status_code == 404
    assert Client(headers={"Authorization": f"Bearer {a_token(relief)}"}).get(data_url(share)).status_code == 404
    with acting_as(SYSTEM):
        assert not SharePull.objects.exists()


def test_the_giver_and_an_analyst_cannot_pull_somebody_elses_share(coordinator, relief, site):
    share = grant(coordinator, relief)
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    opened = analyst.post(
        "/staff-sessions/open/", {"organisation": str(site.organisation_id), "reason": "Review of red flags in May"}
    )
    assert opened.status_code == 302
    assert analyst.get(f"/shared/{share.pk}/").status_code == 404
    assert coordinator.get(f"/shared/{share.pk}/").status_code == 403


def test_head_counts_leave_as_totals_that_no_subtraction_opens(coordinator, relief, site):
    share = grant(coordinator, relief, dataset="HEAD_COUNTS", precision="COUNTRY")
    data = Client(headers={"Authorization": f"Bearer {a_token(relief)}"}).get(data_url(share)).json()
    (row,) = data["results"]
    assert row["current_expected"] == 420
    assert is_suppressed(row["current_accounted"]) and data["suppressed"] == 1  # 2 are unaccounted: 418 would tell it
    assert (row["id"], row["admin1_name"]) == (None, None) and row["name"] in ("Halden Foods, Ukraine", "Halden Foods, UA")
    assert not {"injured", "unaccounted", "safe_local", "strict"} & set(row)


def test_a_protected_site_is_shown_by_region_whatever_was_granted(coordinator, relief, halden):
    oblast = an_area("UA63", name="Kharkiv")
    a_site(halden, admin1=oblast, safety_profile=True)
    share = grant(coordinator, relief, precision="ADM2")
    (row,) = Client(headers={"Authorization": f"Bearer {a_token(relief)}"}).get(data_url(share)).json()["results"]
    assert (row["precision"], row["area_name"], row["admin1_name"]) == ("ADM1", None, "Kharkiv oblast")


@pytest.mark.parametrize("dataset", ["SUPPLIERS", "PLANS"])
def test_partners_never_receive_suppliers_or_plans(coordinator, relief, dataset):
    refused = coordinator.post("/sharing/grant/", answers(relief, dataset=dataset))
    assert refused.status_code == 422 and "never receive suppliers or plans" in refused.content.decode()
    team = the_secretariat()
    assert coordinator.post("/sharing/grant/", answers(team, dataset=dataset)).status_code == 302


def test_members_do_not_share_with_each_other(coordinator):
    other = an_organisation()
    assert coordinator.post("/sharing/grant/", answers(other)).status_code == 422
    assert other.short_name not in coordinator.get("/sharing/").content.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"ends_on": "2020-01-01"}, {"ends_on": "2099-01-01"}, {"ends_on": "soon"}, {"dataset": ""}, {"dataset": "REPORTS"},
        {"precision": "EXACT"}, {"precision": "GRID"}, {"receiver": ""}, {"receiver": "\x00"},
    ],
)  # fmt: skip
def test_a_share_that_makes_no_sense_is_refused_beside_its_cause(coordinator, relief, changed):
    response = coordinator.post("/sharing/grant/", answers(relief, **changed))
    assert response.status_code == 422 and 'class="errs"' in response.content.decode()
    with acting_as(SYSTEM):
        assert not DataShare.objects.exists()


def test_contributions_are_shared_with_who_received_them_only(coordinator, relief, halden):
    from humanitarian.models import Contribution, PartnerOrganisation

    entry = PartnerOrganisation.objects.create(name="Relief Network North", short_name="RNN", type="INGO", organisation=relief)
    third = PartnerOrganisation.objects.create(name="Somebody else", short_name="SE", type="INGO")
    with acting_as(SYSTEM):
        for partner, amount in ((entry, 1000), (third, 7777)):
            Contribution(
                organisation=halden, partner=partner, currency="EUR", committed=amount, committed_on=timezone.localdate()
            ).save()  # fmt: skip
    share = grant(coordinator, relief, dataset="CONTRIBUTIONS")
    data = Client(headers={"Authorization": f"Bearer {a_token(relief)}"}).get(data_url(share)).json()
    assert [row["committed"] for row in data["results"]] == ["1000.00"]


def test_the_team_reads_shared_contributions_in_bands(coordinator, halden):
    from humanitarian.models import Contribution, PartnerOrganisation

    unhcr = PartnerOrganisation.objects.create(name="UN Refugee Agency", short_name="UNHCR", type="UN")
    with acting_as(SYSTEM):
        Contribution(
            organisation=halden, partner=unhcr, currency="EUR", committed=280_000, committed_on=timezone.localdate()
        ).save()  # fmt: skip
    share = grant(coordinator, the_secretariat(), dataset="CONTRIBUTIONS")
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    (row,) = analyst.get(data_url(share)).json()["results"]
    assert (row["partner_name"], row["committed"], row["disbursed"]) == ("UNHCR", "100k-1m", "0")
    page = analyst.get(f"/shared/{share.pk}/").content.decode()
    assert "100k-1m" in page and "280" not in without_chance(page)
    assert "<h1>Contributions · Halden Foods</h1>" in page, "what it is, not how the choice explains it"
    assert "AIM-Progress all in bands" in coordinator.get("/sharing/").content.decode()


def test_safety_actions_leave_without_free_text(coordinator, relief, site):
    from humanitarian.models import SafetyAction

    with acting_as(SYSTEM):
        SafetyAction(
            organisation=site.organisation, site=site, number=1, title="Sandbags at Main street 1", owner_role="Shift lead",
            due_on=timezone.localdate(),
        ).save()  # fmt: skip
    share = grant(coordinator, relief, dataset="SAFETY_ACTIONS")
    body = Client(headers={"Authorization": f"Bearer {a_token(relief)}"}).get(data_url(share)).content.decode()
    assert json.loads(body)["results"][0]["status"] == "OPEN"
    for secret in (*SECRETS, "Sandbags", "Shift lead"):
        assert secret not in body, secret


def test_a_key_without_the_scope_pulls_nothing(coordinator, relief, site):
    share = grant(coordinator, relief)
    token = a_token(relief)
    ApiKey.objects.update(scopes=["share:read"])
    assert Client(headers={"Authorization": f"Bearer {token}"}).get(data_url(share)).status_code == 403


def test_a_share_that_is_revoked_between_two_pages_ends_there(coordinator, relief, halden):
    for _n in range(3):
        a_status(a_site(halden))
    share = grant(coordinator, relief)
    client = Client(headers={"Authorization": f"Bearer {a_token(relief)}"})
    first = client.get(f"{data_url(share)}?limit=1").json()
    assert len(first["results"]) == 1 and first["next"]
    coordinator.post(f"/sharing/{share.pk}/revoke/")
    assert client.get(first["next"]).status_code == 404
    with acting_as(SYSTEM):
        assert SharePull.objects.count() == 1


def test_a_share_that_has_ended_is_as_unknown_as_one_that_never_was(coordinator, relief, partner, site):
    share = grant(coordinator, relief)
    client = Client(headers={"Authorization": f"Bearer {a_token(relief)}"})
    with acting_as(SYSTEM):
        DataShare.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    unknown = client.get(f"/api/v1/shares/{site.pk}/data/")
    ended = client.get(data_url(share))
    assert (ended.status_code, ended.content) == (unknown.status_code, unknown.content) == (404, unknown.content)
    assert partner.get(f"/shared/{share.pk}/").status_code == 404


def test_the_cursor_of_one_share_opens_no_other(coordinator, relief, halden):
    for _n in range(2):
        a_status(a_site(halden))
    other = an_organisation()
    theirs = a_status(a_site(other, name="Somebody else's plant"))
    share = grant(coordinator, relief)
    client = Client(headers={"Authorization": f"Bearer {a_token(relief)}"})
    for cursor in (str(theirs.site_id), "00000000-0000-0000-0000-000000000000"):
        body = client.get(data_url(share), {"cursor": cursor}).content.decode()
        assert other.short_name not in body and str(theirs.site_id) not in body


def test_another_member_sees_and_revokes_nothing(coordinator, relief, site):
    share = grant(coordinator, relief)
    other = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    assert "Relief Network North" not in other.get("/sharing/").content.decode().split("<aside>")[0]
    assert other.post(f"/sharing/{share.pk}/revoke/").status_code == 404
    viewer = signed_in(a_user(site.organisation, "MEMBER_VIEWER"))
    assert "Relief Network North" in viewer.get("/sharing/").content.decode()
    assert viewer.post(f"/sharing/{share.pk}/revoke/").status_code == 403
    assert viewer.post("/sharing/grant/", answers(relief)).status_code == 403


def test_every_dataset_names_its_columns_and_none_is_dangerous():
    dangerous = re.compile(
        r"strict|serving|detained|missing|killed|latitude|longitude|exact|shelter|route|assembly|address|note|checkin"
    )
    assert set(datasets()) == {"SITE_STATUS", "HEAD_COUNTS", "PLANS", "SAFETY_ACTIONS", "SUPPLIERS", "CONTRIBUTIONS"}
    for dataset in datasets().values():
        assert dataset.schema()["properties"]
        assert set(dataset.headings) <= set(dataset.columns)
        assert not [column for column in dataset.columns if dangerous.search(column)], dataset.key


def test_pages_say_what_is_missing(coordinator, partner):
    assert "Nobody has pulled anything yet" in coordinator.get("/sharing/").content.decode()
    assert "Nothing is shared with you yet" in partner.get("/shared/").content.decode()
    assert partner.get("/sharing/")["Location"] == "/shared/"
