"""The enemy inside: what somebody with an account tries against rows that are not theirs, and what each try must answer.

Every try stands beside the same try against a thing that does not exist: the two answers may not differ by more than the id.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aimprogress.api.urls import router
from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Permission, Role
from aimprogress.exchange.exports import EXPORTS
from aimprogress.jobs import run
from aimprogress.jobs.models import Job
from members.models import ApiKey, CheckIn, MemberAnalyst, RoleGrant, Site
from tests.api.clients import Program, a_token
from tests.factories import a_site, a_status, a_user, an_organisation, the_secretariat
from tests.house.test_urls import no_limit
from tests.house.world import SHARED_THINGS, World
from tests.signing import signed_in

pytestmark = [pytest.mark.house, pytest.mark.django_db]
__all__ = ["no_limit"]

API = "/api/v1/"
JSON = {"content_type": "application/json"}
DAY = "2027-01-31"
REFERRING = {
    # noun: (field that names a foreign row, the thing it names, the rest of the body)
    "site-statuses": ("site", "site", {"operational": "OPERATING"}),
    "head-counts": ("site", "site", {"expected": 0}),
    "alert-level-changes": ("site", "site", {"level": 3}),
    "evacuation-plans": ("site", "site", {"title": "Plan"}),
    "communication-plans": ("site", "site", {"title": "Plan"}),
    "activations": ("plan", "evacuation_plan", {"who": "ALL", "reason": "DANGER"}),
    "roll-calls": ("site", "site", {"incident": "FIRE"}),
    "roll-call-answers": (
        "roll_call",
        "roll_call",
        {"expected": 1, "safe": 1, "need_help": 0, "not_reached": 0},
    ),
    "drills": ("site", "site", {"kind": "FULL", "held_on": "2026-01-31", "participants": 4, "result": "PASS"}),
    "safety-actions": ("site", "site", {"title": "Do", "owner_role": "HSE", "due_on": DAY}),
    "reminders": ("site", "site", {}),
    "site-calls": ("site", "site", {"heard": "NOT_REACHED"}),
    "site-stops": ("site", "site", {"operational": "SUSPENDED", "reason": "POLICY", "answers": {}, "owners": {}}),
    "guidance-marks": ("site", "site", {"item": "shelter-dovidka", "mark": "READ"}),
    "supply-links": ("supplier", "supplier", {"tier": "T1"}),
    "rights-issues": ("site", "site", {"title": "Risk", "scale": 1, "scope": 1, "irremediability": 1, "likelihood": 1}),
}
ROW_OF = {
    "sites": "site", "site-statuses": "status", "head-counts": "head_count", "alert-level-changes": "level",
    "evacuation-plans": "evacuation_plan", "communication-plans": "communication_plan", "safety-actions": "action",
    "drills": "drill", "activations": "activation", "roll-calls": "roll_call", "roll-call-answers": "roll_call_answer",
    "suppliers": "supplier", "supply-links": "link", "contributions": "contribution", "rights-issues": "issue",
    "guidance-marks": "guidance_mark", "bulletin-receipts": "receipt", "support-cases": "case",
    "case-messages": "message", "meetings": "meeting",
    "site-stops": "stop", "reminders": "reminder", "site-calls": "site_call", "due-calls": "call",
    "reports": "report", "shares": "share", "jobs": "job", "exports": "export",
    "hazard-reports": "hazard", "assessments": "check", "wage-support-reports": "pay", "support-measures": "measure",
    "legal-holds": "hold", "departures": "departure", "due-checklists": "site", "saved-views": "view",
    "quarter-standings": "quarter",
}  # fmt: skip
SUPERSEDING = {"site-statuses": ("status", {"operational": "OPERATING"}), "head-counts": ("head_count", {"expected": 0})}


def told(answer: Any, *ids: Any) -> tuple[int, str]:
    """What an answer says, with the ids that were asked for blotted out, and whatever differs from call to call."""
    text = answer.content.decode()
    for one in ids:
        text = text.replace(str(one), "~")
    return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


@pytest.fixture
def enemy(world: World) -> Client:
    """The coordinator of the other member."""
    return world.clients["second"]


def own_site(world: World) -> str:
    return str(world.second.site.pk)


@pytest.mark.parametrize("noun", REFERRING)
def test_a_body_that_names_a_foreign_row_is_told_what_one_that_names_nothing_is(noun: str, world: World, enemy: Client) -> None:
    field, thing, rest = REFERRING[noun]
    nothing = uuid4()
    foreign = world.first.things[thing].pk
    answers = [told(enemy.post(f"{API}{noun}/", rest | {field: str(pk)}, **JSON), pk) for pk in (foreign, nothing)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 400


@pytest.mark.parametrize("noun", SUPERSEDING)
def test_nobody_corrects_a_foreign_report(noun: str, world: World, enemy: Client) -> None:
    thing, rest = SUPERSEDING[noun]
    nothing, foreign = uuid4(), world.first.things[thing].pk
    body = rest | {"site": own_site(world), "reason": "x"}
    answers = [told(enemy.post(f"{API}{noun}/", body | {"supersedes": str(pk)}, **JSON), pk) for pk in (foreign, nothing)]
    assert answers[0] == answers[1] and answers[0][0] == 400


def filters_by_id() -> Iterator[tuple[str, str]]:
    for prefix, viewset, _basename in router.registry:
        for name, filter_ in getattr(getattr(viewset, "filterset_class", None), "base_filters", {}).items():
            if type(filter_).__name__ == "ModelChoiceFilter" and name not in SHARED_THINGS:
                yield prefix, name


THINGS = {"roll_call": "roll_call", "site": "site", "supplier": "supplier", "case": "case", "organisation": ""}


@pytest.mark.parametrize(("noun", "name"), list(filters_by_id()))
def test_a_filter_that_names_a_foreign_row_finds_nothing_and_says_nothing(
    noun: str, name: str, world: World, enemy: Client
) -> None:
    thing = THINGS[name]
    foreign = world.first.things[thing].pk if thing else world.first.organisation.pk
    answer = enemy.get(f"{API}{noun}/", {name: str(foreign)})
    if name == "organisation":  # the members of the forum know each other; their rows they do not
        assert answer.json()["results"] == []
        return
    assert told(answer, foreign) == told(enemy.get(f"{API}{noun}/", {name: str(nothing := uuid4())}), nothing)


def test_counts_and_cursors_of_others_lead_nowhere(world: World, enemy: Client) -> None:
    for prefix, viewset, _basename in router.registry:
        if not hasattr(viewset, "ordering") or prefix == "partner-organisations":
            continue
        listed = enemy.get(f"{API}{prefix}/", {"count": "true"})
        if listed.status_code != 200:
            continue
        assert listed.json()["count"] == len(listed.json()["results"]), prefix
        own_cursor = world.clients[Role.MEMBER_COORDINATOR].get(f"{API}{prefix}/", {"limit": "1"}).json().get("next")
        if own_cursor:
            found = enemy.get(own_cursor.replace("http://testserver", "")).content.decode()
            assert world.first.mark not in found and not [pk for pk in world.first.secrets[2:] if f'"id":"{pk}"' in found], prefix


@pytest.mark.parametrize("noun", ROW_OF)
def test_tags_tell_nothing_of_a_foreign_row(noun: str, world: World, enemy: Client) -> None:
    """ "*" matches whatever is there: here nothing is."""
    path = f"{API}{noun}/{world.first.things[ROW_OF[noun]].pk}/"
    own = world.clients[Role.MEMBER_COORDINATOR].get(path)
    assert own.status_code == 200, noun
    for tag in ("*", own["ETag"]):
        assert enemy.get(path, headers={"If-None-Match": tag}).status_code == 404
        assert enemy.patch(path, {}, headers={"If-Match": tag}, **JSON).status_code in (404, 405)


def test_every_noun_with_rows_of_its_own_is_tried() -> None:
    nouns = {prefix for prefix, viewset, _basename in router.registry if issubclass(viewset, ServiceViewSet)}
    assert nouns - set(ROW_OF) == {"partner-organisations", "bulletins"}, "the same for everybody"


def test_the_same_code_number_or_key_may_be_used_by_everybody(world: World, enemy: Client) -> None:
    """A unique constraint over all members would tell what others have."""
    site = {"code": "Quillfern-1", "name": "X", "country": "UA", "admin1": "UA63"}
    assert enemy.post(f"{API}sites/", site, **JSON).status_code == 201
    key = {"Idempotency-Key": "same for both"}
    for client in (world.clients[Role.MEMBER_COORDINATOR], enemy):
        made = client.post(f"{API}suppliers/", {"name": "Y", "country": "UA"}, headers=key, **JSON)
        assert made.status_code == 201 and "Idempotency-Replayed" not in made


def test_the_id_of_somebody_elses_check_in_is_refused_like_an_own_one_that_was_used(world: World, enemy: Client) -> None:
    taken, site = world.first.things["check_in"], world.second.site
    path = reverse("members:check_in", args=[site.checkin_code])
    answers = {"operational": "OPERATING", "people": "all"}
    foreign = enemy.post(path, answers | {"id": str(taken.pk)})
    own = str(uuid4())
    assert enemy.post(path, answers | {"id": own}).status_code == 302
    used = enemy.post(path, {"operational": "REDUCED", "people": "all", "id": own})
    assert foreign.status_code == used.status_code == 409
    assert "already sent with other answers" in foreign.content.decode()
    with acting_as(SYSTEM):
        assert CheckIn.objects.get(pk=taken.pk).site_id == world.first.site.pk
        assert CheckIn.objects.filter(site=site).count() == 2, "one of the world's, one of this test"


def test_an_id_sent_to_another_site_makes_no_check_in_there(world: World) -> None:
    other = a_site(world.first.organisation)
    both = signed_in(a_user(world.first.organisation, "SITE_REPORTER", sites=[world.first.site, other]))
    answers = {"operational": "OPERATING", "people": "all", "id": str(uuid4())}
    assert both.post(reverse("members:check_in", args=[world.first.site.checkin_code]), answers).status_code == 302
    assert both.post(reverse("members:check_in", args=[other.checkin_code]), answers).status_code == 409


@pytest.mark.parametrize("noun", sorted(EXPORTS))
def test_an_export_whose_filter_names_another_member_holds_nothing_of_it(noun: str, world: World, enemy: Client) -> None:
    query = f"organisation={world.first.organisation.pk}&site={world.first.site.pk}&q=Quillfern"
    asked = enemy.post(reverse("exports:request", args=[noun]), {"query": query})
    assert asked.status_code == 302
    run.run_next(heartbeat=False)
    with acting_as(SYSTEM):
        job = Job.objects.get(pk=asked["Location"].strip("/").split("/")[-1])
    page = enemy.get(asked["Location"]).content.decode()
    assert "Quillfern" not in page
    if job.state == "succeeded":
        held = b"".join(enemy.get(reverse("jobs:file", args=[job.pk])).streaming_content).decode("utf-8-sig")
        assert "Quillfern" not in held and str(world.first.site.pk) not in held


def test_fragments_for_htmx_are_as_closed_as_the_pages(world: World, enemy: Client) -> None:
    hx = {"HX-Request": "true", "HX-Target": "list"}
    first = world.first
    for name in ("members:evacuation_plan_places", "risks:report", "jobs:detail", "members:site", "humanitarian:action"):
        assert enemy.get(reverse(name, kwargs=first.arguments(name)), headers=hx).status_code == 404, name
    for path in ("/sites/", "/actions/", "/suppliers/", "/risks/", "/humanitarian/contributions/", "/reports/", "/audit/"):
        text = enemy.get(path, {"organisation": str(first.organisation.pk)}, headers=hx).content.decode()
        assert "Quillfern plant" not in text and "Quillfern shelter" not in text and "Quillfern Packaging" not in text, path
    for role in (Role.MEMBER_VIEWER, Role.AUDITOR, Role.AIM_ANALYST):
        path = reverse("members:evacuation_plan_places", kwargs=first.arguments("members:evacuation_plan_places"))
        assert world.clients[role].get(path, headers=hx).status_code == 403


def test_nobody_switches_to_an_organisation_without_a_role_there(world: World, enemy: Client) -> None:
    enemy.post(reverse("web:switch_organisation"), {"organisation": str(world.first.organisation.pk)})
    assert "Quillfern plant" not in enemy.get("/sites/").content.decode()
    assert enemy.get(f"/people/?organisation={world.first.organisation.pk}").status_code == 404
    assert enemy.get(f"/people/invite/?organisation={world.first.organisation.pk}").status_code == 404


def test_an_order_that_is_not_offered_is_refused(world: World) -> None:
    for client in (world.clients[Role.AIM_ANALYST], world.clients[Role.MEMBER_VIEWER]):
        for order in ("code", "-current_accounted", "settlement__name_en", "name,code"):
            assert client.get("/sites/", {"ordering": order}).status_code == 400
            assert client.get(f"{API}sites/", {"ordering": order}).status_code == 400


def test_the_analysts_order_by_name_is_not_by_name(world: World) -> None:
    """A list sorted by names that are not shown would tell them, one guess at a time."""
    with acting_as(SYSTEM):
        Site.objects.filter(pk=world.first.site.pk).update(name="Aaa")
    one = world.clients[Role.AIM_ANALYST].get("/sites/", {"ordering": "name"}).content.decode()
    with acting_as(SYSTEM):
        Site.objects.filter(pk=world.first.site.pk).update(name="Zzz")
    assert told_rows(one) == told_rows(world.clients[Role.AIM_ANALYST].get("/sites/", {"ordering": "name"}).content.decode())


def told_rows(page: str) -> list[str]:
    return re.findall(r'href="/sites/([0-9a-f-]{36})/"', page)


def test_a_viewer_does_not_find_a_site_by_the_town_it_may_not_read(world: World) -> None:
    from aimprogress.places.models import Settlement

    site = world.first.site
    town = Settlement.objects.create(
        id=uuid4(),
        country="UA",
        area=site.admin1,
        name="Zolochiv",
        name_local="Золочів",
        lat=50.3,
        lon=36.0,
        search_key="zolochiv",
    )
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(settlement=town)
    for role, finds in (
        (Role.MEMBER_COORDINATOR, True),
        (Role.SITE_REPORTER, True),
        (Role.MEMBER_VIEWER, False),
        (Role.AUDITOR, False),
    ):
        found = world.clients[role].get(f"{API}sites/", {"q": "Zolochiv"}).json()["results"]
        assert bool(found) is finds, role
        assert (str(site.pk) in world.clients[role].get("/search/?q=Zolochiv").content.decode()) is finds, role


@pytest.mark.parametrize("spoilt", ["revoked", "expired", "unknown", "left"])
def test_every_key_that_does_not_open_answers_alike(spoilt: str, world: World) -> None:
    organisation = an_organisation()
    token = a_token(organisation, sorted(Permission))
    assert Program(token).get(f"{API}sites/").status_code == 200
    prefix = token.split("_")[1]
    if spoilt == "unknown":
        token = token.replace(prefix, "nobody")
    elif spoilt == "left":
        type(organisation).objects.filter(pk=organisation.pk).update(status="LEFT")
    else:
        ended = {"revoked": "revoked_at", "expired": "expires_at"}[spoilt]
        ApiKey.objects.filter(prefix=prefix).update(**{ended: timezone.now() - timedelta(seconds=1)})
    for path in (f"{API}sites/", f"{API}shares/", f"{API}sites/{world.first.site.pk}/"):
        answer = Program(token).get(path)
        assert told(answer) == told(Program("aimp_nobody_" + "s" * 40).get(path)) and answer.status_code == 401, path


def test_a_partner_opens_nothing_with_the_ids_that_a_share_gave_it(world: World) -> None:
    partner = world.clients[Role.PARTNER_CLIENT]
    rows = partner.get(f"{API}shares/{world.first.things['share'].pk}/data/").json()["results"]
    assert rows and rows[0]["id"] == str(world.first.site.pk)
    for path in (f"{API}sites/{rows[0]['id']}/", f"/sites/{rows[0]['id']}/", f"/sites/{rows[0]['id']}/plans/"):
        assert partner.get(path).status_code == 403, path
    token = a_token(world.first.things["share"].receiver, sorted(Permission))
    program = Program(token)
    assert program.get(f"{API}sites/{rows[0]['id']}/").status_code == 404, "not with every scope there is"
    assert program.get(f"{API}sites/").json()["results"] == []
    assert program.get(f"{API}figures/").json()["results"][0]["value"] in (0, None)


def test_a_reporter_knows_of_no_other_site_of_the_own_member(world: World) -> None:
    other = a_site(world.first.organisation, name="Quillfern annex", code="Q-2")
    a_status(other)
    reporter = world.clients[Role.SITE_REPORTER]
    for path in (
        "/sites/",
        "/actions/",
        "/plans/gaps/",
        "/follow-ups/",
        "/search/?q=annex",
        f"{API}sites/",
        f"{API}site-statuses/",
    ):
        text = reporter.get(path).content.decode()
        assert "Quillfern annex" not in text and str(other.pk) not in text, path
    for path in (f"/sites/{other.pk}/", f"/sites/{other.pk}/status/", f"/sites/{other.pk}/plans/", f"{API}sites/{other.pk}/"):
        assert reporter.get(path).status_code == 404, path
    assert reporter.get(reverse("members:check_in", args=[other.checkin_code])).status_code == 404
    nothing = uuid4()
    answers = [told(reporter.get(f"{API}site-statuses/", {"site": str(pk)}), pk) for pk in (other.pk, nothing)]
    assert answers[0] == answers[1]
    assert reporter.post(f"{API}site-statuses/", {"site": str(other.pk), "operational": "OPERATING"}, **JSON).status_code == 400


def test_an_analyst_changes_the_level_of_members_that_were_assigned_and_of_no_other(world: World) -> None:
    analyst, other = (a_user(the_secretariat(), Role.AIM_ANALYST) for _n in range(2))
    client = signed_in(analyst)
    for member in (world.first, world.second):
        MemberAnalyst.objects.create(analyst=other, organisation=member.organisation)
    body = {"site": str(world.first.site.pk), "level": 3, "reason": "Strikes near by"}
    assert client.post(f"{API}alert-level-changes/", body, **JSON).status_code == 403
    MemberAnalyst.objects.create(analyst=analyst, organisation=world.first.organisation)
    assert client.post(f"{API}alert-level-changes/", body | {"level": 1}, **JSON).status_code == 201
    other = {"site": str(world.second.site.pk), "level": 3}
    assert client.post(f"{API}alert-level-changes/", other, **JSON).status_code == 403
    for noun, text in (("site-statuses", {"operational": "OPERATING"}), ("head-counts", {"expected": 0})):
        assert client.post(f"{API}{noun}/", text | {"site": str(world.first.site.pk)}, **JSON).status_code == 403, noun


def test_an_answer_kept_for_a_key_is_not_given_to_who_may_not_create_any_more(world: World) -> None:
    user = a_user(world.first.organisation, "MEMBER_COORDINATOR")
    body, key = (
        {"site": str(world.first.site.pk), "expected": 120, "safe_local": 118, "unaccounted": 2},
        {"Idempotency-Key": "once"},
    )
    client = signed_in(user)
    first = client.post(f"{API}head-counts/", body, headers=key, **JSON)
    again = client.post(f"{API}head-counts/", body, headers=key, **JSON)
    assert (first.status_code, again["Idempotency-Replayed"], again.json()) == (201, "true", first.json())
    RoleGrant.objects.filter(user=user).update(role="MEMBER_VIEWER")
    refused = client.post(f"{API}head-counts/", body, headers=key, **JSON)
    assert refused.status_code == 403 and "unaccounted" not in refused.content.decode()


def test_an_answer_kept_for_a_key_is_not_given_about_a_site_out_of_sight(world: World) -> None:
    other = a_site(world.first.organisation)
    user = a_user(world.first.organisation, "SITE_REPORTER", sites=[other])
    client, key = signed_in(user), {"Idempotency-Key": "once more"}
    body = {"site": str(other.pk), "operational": "OPERATING"}
    assert client.post(f"{API}site-statuses/", body, headers=key, **JSON).status_code == 201
    RoleGrant.objects.filter(user=user).update(site_ids=[world.first.site.pk])
    gone = client.post(f"{API}site-statuses/", body, headers=key, **JSON)
    assert gone.status_code == 404 and str(other.pk) not in gone.content.decode()


def test_a_colleague_gets_no_answer_that_was_kept_for_somebody_else(world: World) -> None:
    key, body = {"Idempotency-Key": "ours"}, {"name": "Z", "country": "UA"}
    for _n in range(2):
        client = signed_in(a_user(world.first.organisation, "MEMBER_COORDINATOR"))
        made = client.post(f"{API}suppliers/", body, headers=key, **JSON)
        assert made.status_code == 201 and "Idempotency-Replayed" not in made


def test_a_list_with_the_codes_of_another_member_is_read_as_new(world: World, enemy: Client) -> None:
    """Nothing in the preview says that somebody else has a site of this code."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    rows = "Site code,Site name,Country,City,Workers\nQuillfern-1,Our own mill,Ukraine,Lviv,12\n"
    staged = enemy.post("/import/sites/", {"file": SimpleUploadedFile("sites.csv", rows.encode())})
    assert staged.status_code == 302
    page = enemy.get(staged["Location"]).content.decode()
    assert "Quillfern plant" not in page and str(world.first.site.pk) not in page


@pytest.mark.parametrize(
    "role", [Role.AUDITOR, Role.MEMBER_VIEWER, Role.AIM_ANALYST, Role.PARTNER_CLIENT, Role.AIM_ADMIN, Role.DPO]
)
def test_who_only_reads_writes_nothing_by_any_noun(role: Role, world: World) -> None:
    client, somebody = world.clients[role], a_user(the_secretariat(), Role.AIM_ANALYST)
    MemberAnalyst.objects.create(analyst=somebody, organisation=world.first.organisation)  # who looks after it is another
    for noun, (field, thing, rest) in REFERRING.items():
        body = rest | {field: str(world.first.things[thing].pk)}
        assert client.post(f"{API}{noun}/", body, **JSON).status_code == 403, noun
    for noun, body in (("sites", {"code": "N", "name": "N", "country": "UA", "admin1": "UA63"}), ("suppliers", {"name": "N"})):
        assert client.post(f"{API}{noun}/", body, **JSON).status_code == 403, noun
    for noun, thing in (("sites", "site"), ("safety-actions", "action"), ("suppliers", "supplier"), ("rights-issues", "issue")):
        path = f"{API}{noun}/{world.first.things[thing].pk}/"
        assert client.patch(path, {"title": "x"}, headers={"If-Match": "*"}, **JSON).status_code in (403, 404), noun


def test_an_auditor_meets_no_strict_state_and_no_place_anywhere(world: World) -> None:
    from tests.members.plan_samples import SECRETS

    client, first = world.clients[Role.AUDITOR], world.first
    names = [name for name in ("members:site", "members:site_plans", "members:evacuation_plan", "members:communication_plan")]
    paths = [reverse(name, kwargs=first.arguments(name)) for name in names]
    paths += [
        "/sites/",
        "/sites/?view=map",
        "/overview/",
        "/plans/gaps/",
        f"{API}sites/",
        f"{API}evacuation-plans/",
        f"{API}figures/",
    ]
    for path in paths:
        text = client.get(path).content.decode()
        for secret in (
            *SECRETS.values(),
            "Detained",
            "Mobilised",
            "Officially reported missing",
            "Not reached",
            first.site.checkin_code,
        ):
            assert secret not in text, (path, secret)
    for path in (f"{API}head-counts/", f"{API}exports/", "/audit/", "/people/", "/sharing/", "/staff-sessions/"):
        assert client.get(path).status_code == 403, path
