"""Bodies: services decide, errors point at their field, changes name a version, a repeated POST is done once."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Permission, Role
from members.models import AlertLevelChange, EvacuationPlan, HeadCount, Site, SiteStatus
from tests.api.clients import Program, a_program
from tests.factories import a_site, a_user, an_area, an_organisation, the_secretariat
from tests.members.plan_samples import SECRETS, an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
STATUSES = "/api/v1/site-statuses/"


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def site(member):
    return a_site(member)


@pytest.fixture
def program(member) -> Program:
    return a_program(member)


def rows(model) -> int:
    with acting_as(SYSTEM):
        return model.objects.count()


def test_a_status_is_logged_through_the_service_and_the_site_follows(program, site):
    made = program.post(STATUSES, {"site": str(site.pk), "operational": "REDUCED"})
    assert made.status_code == 201, made.content
    assert program.get(made["Location"]).json()["operational"] == "REDUCED"
    assert program.get(f"/api/v1/sites/{site.pk}/").json()["operational"] == "REDUCED"


def test_a_foreign_site_is_an_error_at_its_field(program):
    foreign = a_site()
    refused = program.post(STATUSES, {"site": str(foreign.pk), "operational": "REDUCED"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/site"
    assert rows(SiteStatus) == 0


def test_the_errors_of_the_model_point_at_their_fields(program, site):
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    refused = program.post(STATUSES, {"site": str(site.pk), "operational": "REDUCED", "observed_at": tomorrow})
    assert refused.status_code == 400
    assert refused.json()["errors"] == [{"pointer": "/observed_at", "code": "invalid", "message": "This lies in the future."}]


@pytest.mark.parametrize("noun", ["site-statuses", "head-counts"])
def test_a_correction_replaces_a_report_of_the_same_site_only(program, member, site, noun):
    body = {"site-statuses": {"operational": "REDUCED"}, "head-counts": {"expected": 90, "safe_local": 90}}[noun]
    why = {"site-statuses": {"correction_reason": "Other shift"}, "head-counts": {"reason": "Other shift"}}[noun]
    there = program.post(f"/api/v1/{noun}/", body | {"site": str(a_site(member).pk)}).json()["id"]
    here = program.post(f"/api/v1/{noun}/", body | {"site": str(site.pk)}).json()["id"]
    refused = program.post(f"/api/v1/{noun}/", body | why | {"site": str(site.pk), "supersedes": there})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/supersedes")
    assert program.get(f"/api/v1/{noun}/").json()["results"][1]["id"] == there, "the other site's report still stands"
    silent = program.post(f"/api/v1/{noun}/", body | {"site": str(site.pk), "supersedes": here})
    assert (silent.status_code, silent.json()["errors"][0]["pointer"]) == (400, f"/{next(iter(why))}"), "it says what was wrong"
    assert program.post(f"/api/v1/{noun}/", body | why | {"site": str(site.pk), "supersedes": here}).status_code == 201


def test_who_sees_a_site_without_the_permission_to_log_gets_403(site):
    analyst = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST))
    body = json.dumps({"site": str(site.pk), "operational": "REDUCED"})
    assert analyst.post(STATUSES, body, content_type="application/json").status_code == 403
    assert rows(SiteStatus) == 0


def test_an_unbalanced_head_count_is_refused_in_words(program, site):
    refused = program.post("/api/v1/head-counts/", {"site": str(site.pk), "expected": 420, "safe_local": 418})
    assert refused.status_code == 400
    assert "2 people have no state" in refused.content.decode()
    assert rows(HeadCount) == 0


def test_strict_states_are_written_and_never_read_back_in_a_list(program, site):
    body = {"site": str(site.pk), "expected": 10, "safe_local": 7, "serving": 2, "killed": 1}
    made = program.post("/api/v1/head-counts/", body)
    assert made.status_code == 201, made.content
    with acting_as(SYSTEM):
        assert HeadCount.objects.get().strict == {"SERVING": 2, "KILLED": 1}
    assert not {"strict", "serving", "killed"} & set(made.json())


def test_an_alert_level_is_raised_and_lowering_a_severe_one_needs_a_reason(program, site):
    url = "/api/v1/alert-level-changes/"
    assert program.post(url, {"site": str(site.pk), "level": 4}).status_code == 201
    refused = program.post(url, {"site": str(site.pk), "level": 1})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert rows(AlertLevelChange) == 1


def test_a_site_is_registered_changed_by_version_and_not_over_somebody_elses_change(program, member):
    area = an_area()
    body = {"code": "A-1", "name": "Plant", "country": "UA", "admin1": area.pk, "exact_location": {"lat": 49.8, "lon": 24.0}}
    made = program.post("/api/v1/sites/", body)
    assert made.status_code == 201, made.content
    url, tag = made["Location"], made["ETag"]
    assert program.get(url)["ETag"] == tag
    assert program.send("patch", url, {"name": "New"}).status_code == 428
    assert program.send("patch", url, {"name": "New"}, If_Match='"v9-0"').status_code == 412
    assert program.send("patch", url, {"name": "New"}, If_Match="nonsense").status_code == 400
    changed = program.send("patch", url, {"name": "New"}, If_Match=tag)
    assert (changed.status_code, changed.json()["name"], changed.json()["version"]) == (200, "New", 2)
    assert program.send("patch", url, {"name": "Newer"}, If_Match=tag).status_code == 412
    with acting_as(SYSTEM):
        assert Site.objects.get().exact_location == {"lat": 49.8, "lon": 24.0}


def test_a_code_that_is_taken_is_an_error_and_not_a_crash(program, member):
    a_site(member, code="A-1")
    body = {"code": "A-1", "name": "Plant", "country": "UA", "admin1": an_area().pk}
    assert program.post("/api/v1/sites/", body).status_code == 400


def test_a_plan_is_drafted_and_only_a_draft_is_changed(program, site):
    made = program.post("/api/v1/evacuation-plans/", {"site": str(site.pk), "title": "Out by bus", "seats": 100})
    assert made.status_code == 201, made.content
    assert (made.json()["title"], made.json()["seats"], made.json()["revision"]) == ("Out by bus", 100, 1)
    changed = program.send("patch", made["Location"], {"seats": 150}, If_Match=program.get(made["Location"])["ETag"])
    assert (changed.status_code, changed.json()["seats"]) == (200, 150)


def test_a_program_answers_the_questions_of_its_draft_and_approves_nothing(program, site):
    made = program.post("/api/v1/evacuation-plans/", {"site": str(site.pk), "title": "Out by bus"})
    answers = {str(n): {"value": "MET", "note": "By the shop steward"} for n in range(1, 20)}
    answered = program.post(f"{made['Location']}answers/", {"answers": answers})
    assert (answered.status_code, answered.json()["met"], answered.json()["of"]) == (200, 19, 20), answered.content
    assert "shop steward" not in answered.content.decode()
    taken_back = program.post(f"{made['Location']}answers/", {"answers": {"1": None, "2": {"value": "PARTLY"}}})
    assert (taken_back.json()["met"], taken_back.json()["status"]) == (17, "DRAFT")
    for wrong in ({"21": {"value": "MET"}}, {"1": {"value": "YES"}}, {}):
        assert program.post(f"{made['Location']}answers/", {"answers": wrong}).status_code == 400
    assert program.post(f"{made['Location']}approve/", {}).status_code == 404
    analyst = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST))
    refused = analyst.post(f"{made['Location']}answers/", {"answers": answers}, content_type="application/json")
    assert refused.status_code == 403
    with acting_as(SYSTEM):
        EvacuationPlan.objects.update(status="APPROVED")
    assert program.post(f"{made['Location']}answers/", {"answers": answers}).status_code == 409


def test_a_program_begins_and_answers_a_checklist_and_signs_nothing(program, site):
    made = program.post("/api/v1/assessments/", {"site": str(site.pk), "instrument": "return_to_work"})
    assert (made.status_code, made.json()["met"]) == (201, None), made.content
    answered = program.post(f"{made['Location']}answers/", {"answers": {"2": {"value": "PASS", "evidence": "Report of 2 May"}}})
    assert (answered.status_code, answered.json()["met"], answered.json()["signed_at"]) == (200, 1, None), answered.content
    assert program.post(f"{made['Location']}sign/", {}).status_code == 404
    assert program.post("/api/v1/assessments/", {"site": str(site.pk), "instrument": "stopping_work"}).status_code == 400


def test_others_read_of_a_plan_only_how_complete_it_is(site):
    an_evacuation_plan(site)
    analyst = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST))
    response = analyst.get("/api/v1/evacuation-plans/")
    row = response.json()["results"][0]
    assert (row["met"], row["of"], row["adequate"]) == (17, 20, False)
    assert (row["title"], row["seats"], row["owner_role"]) == (None, None, None)
    assert not [secret for secret in (*SECRETS.values(), "Poltava") if secret in response.content.decode()]


def test_the_same_post_sent_twice_is_done_once_and_answered_twice(program, site):
    body = {"site": str(site.pk), "operational": "REDUCED"}
    first = program.post(STATUSES, body, Idempotency_Key="k1")
    again = program.post(STATUSES, body, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() and again["Location"] == first["Location"]
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert rows(SiteStatus) == 1


def test_a_key_that_stands_for_another_request_is_422(program, site):
    program.post(STATUSES, {"site": str(site.pk), "operational": "REDUCED"}, Idempotency_Key="k1")
    other = program.post(STATUSES, {"site": str(site.pk), "operational": "EVACUATED"}, Idempotency_Key="k1")
    assert other.status_code == 422
    assert rows(SiteStatus) == 1


def test_a_failed_request_leaves_its_key_free(program, site):
    assert program.post(STATUSES, {"site": str(site.pk), "operational": "NO"}, Idempotency_Key="k1").status_code == 400
    body = {"site": str(site.pk), "operational": "REDUCED"}
    assert program.post(STATUSES, body, Idempotency_Key="k1").status_code == 201


def test_the_same_key_of_another_requester_is_another_key(program, member, site):
    body = {"site": str(site.pk), "operational": "REDUCED"}
    program.post(STATUSES, body, Idempotency_Key="k1")
    assert a_program(member).post(STATUSES, body, Idempotency_Key="k1").status_code == 201
    assert rows(SiteStatus) == 2


def test_a_kept_answer_is_not_readable_in_the_database(program, site):
    from django.db import connection

    program.post(STATUSES, {"site": str(site.pk), "operational": "REDUCED", "note": "by the bridge"}, Idempotency_Key="k1")
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM api_idempotencykey")
        assert "bridge" not in cursor.fetchone()[0]


def test_a_browser_session_needs_the_csrf_token_and_a_token_does_not(member, site):
    person = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = person.cookies
    body = json.dumps({"site": str(site.pk), "operational": "REDUCED"})
    refused = strict.post(STATUSES, body, content_type="application/json")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert rows(SiteStatus) == 0


def test_a_share_is_granted_pulled_noted_and_gone_when_it_is_revoked(member, site):
    from members.models import DataShare, SharePull

    partner = an_organisation("PARTNER")
    ends = (timezone.now() + timedelta(days=30)).isoformat()
    body = {"receiver": str(partner.pk), "dataset": "SITE_STATUS", "precision": "ADM1", "expires_at": ends}
    granted = a_program(member).post("/api/v1/shares/", body)
    assert granted.status_code == 201, granted.content
    puller = a_program(partner, [Permission.SHARED_PULL, Permission.SHARE_READ])
    url = f"/api/v1/shares/{granted.json()['id']}/data/"
    pulled = puller.get(url)
    assert pulled.status_code == 200, pulled.content
    row = pulled.json()["results"][0]
    assert (row["name"], row["precision"]) == (f"{member.short_name}, Lviv oblast, site {site.number_in_area}", "ADM1")
    assert site.name not in pulled.content.decode() and site.code not in pulled.content.decode()
    assert rows(SharePull) == 1
    assert puller.get("/api/v1/sites/").status_code == 403
    assert a_program(an_organisation("PARTNER"), [Permission.SHARED_PULL]).get(url).status_code == 404
    with acting_as(SYSTEM):
        share = DataShare.objects.get()
        share.revoked_at = timezone.now()
        share.save()
    assert puller.get(url).status_code == 404


def test_members_cannot_share_with_each_other_through_the_api(member):
    other = an_organisation()
    ends = (timezone.now() + timedelta(days=30)).isoformat()
    body = {"receiver": str(other.pk), "dataset": "SITE_STATUS", "precision": "ADM1", "expires_at": ends}
    refused = a_program(member).post("/api/v1/shares/", body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/receiver")


def test_kept_answers_are_forgotten_after_a_day_and_the_key_is_free_again(program, site):
    from aimprogress.api.models import IdempotencyKey
    from aimprogress.api.tasks import forget_answers

    body = {"site": str(site.pk), "operational": "REDUCED"}
    program.post(STATUSES, body, Idempotency_Key="old")
    program.post(STATUSES, body, Idempotency_Key="new")
    with acting_as(SYSTEM):
        IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))
        assert forget_answers() == 1
        assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


def test_the_tag_of_another_object_changes_nothing(program, site):
    other = a_site(site.organisation)
    tag = program.get(f"/api/v1/sites/{other.pk}/")["ETag"]
    assert program.send("patch", f"/api/v1/sites/{site.pk}/", {"name": "New"}, If_Match=tag).status_code == 412
