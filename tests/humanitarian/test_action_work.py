"""The work on safety actions: what they follow from, their proof, several at once and back, who is told when they are late."""

from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.core.files import open_file
from aimprogress.core.uploads import receive_evidence
from aimprogress.figures.registry import FigureScope, measure
from aimprogress.jobs.timetable import TIMETABLE, run_entry
from humanitarian.models import ActionBatch, SafetyAction
from humanitarian.notifications import escalate_actions, remind_at_site
from humanitarian.services.actions import (
    add_action,
    attach_evidence,
    change_action,
    change_actions,
    open_action,
    remind_owners,
    undo_action_batch,
)
from risks.services.issues import raise_issue
from tests.factories import a_coordinator, a_reporter, a_site, a_user, an_organisation, the_secretariat
from tests.members.plan_samples import an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site(name="Sumy oils")


def an_action(site, days_late=0, title="Ammonia to a safe state", **fields):
    with acting_as(a_coordinator(site.organisation)):
        due_on = timezone.localdate() - timedelta(days=days_late)
        return open_action(site=site, title=title, owner_role="Engineer", due_on=due_on, **fields)


def stored(action):
    with acting_as(SYSTEM):
        return SafetyAction.objects.get(pk=action.pk)


def a_picture(kind="JPEG", exif=None):
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, kind, **({"exif": exif} if exif else {}))
    return out.getvalue()


# What an action follows from


def test_an_action_from_a_plan_item_names_the_plan_and_the_item(site):
    plan = an_evacuation_plan(site)
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    page = client.get(plan_url(plan)).content.decode()
    assert "No action follows from this yet." in page
    path = f"/actions/add/?origin=PLAN&origin_id={plan.pk}&origin_key=item+5&site={site.pk}"
    assert "This action follows from: Evacuation plan, revision 1" in client.get(path).content.decode()
    new = {"site": site.pk, "title": "Find a shelter", "type": "PREVENT", "owner_role": "HSE", "due_on": "2027-01-31"}
    assert client.post(path, new).status_code == 302
    with acting_as(SYSTEM):
        action = SafetyAction.objects.get()
    assert (action.origin, action.origin_id, action.origin_key) == ("PLAN", plan.pk, "item 5")
    shown = client.get(f"/actions/{action.pk}/").content.decode()
    assert plan_url(plan) in shown and "item 5" in shown
    assert "Find a shelter" in client.get(plan_url(plan)).content.decode()


def plan_url(plan):
    return reverse("members:evacuation_plan", args=[plan.pk])


def test_an_action_follows_from_an_issue_that_its_reader_may_read(site):
    with acting_as(a_coordinator(site.organisation)):
        issue = raise_issue(
            organisation=site.organisation, site=site, title="Papers served at the gate", catalogue="I03", scale=3, scope=1,
            irremediability=3, likelihood=3,
        )  # fmt: skip
        action = open_action(
            site=site, title="Talk to the union", owner_role="HR", due_on=timezone.localdate(), origin="ISSUE", origin_id=issue.pk
        )
    coordinator = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    assert "Papers served at the gate" in coordinator.get(f"/actions/{action.pk}/").content.decode()
    assert "Talk to the union" in coordinator.get(f"/risks/{issue.pk}/").content.decode()
    reporter = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]))
    assert "Papers served" not in reporter.get(f"/actions/{action.pk}/").content.decode()
    with acting_as(a_reporter(site)), pytest.raises(ValidationError):
        open_action(site=site, title="X", owner_role="HR", due_on=timezone.localdate(), origin="ISSUE", origin_id=issue.pk)


def test_an_action_follows_from_nothing_of_another_site_or_member(site):
    other, foreign = a_site(site.organisation), a_site()
    for plan in (an_evacuation_plan(other), an_evacuation_plan(foreign)):
        with pytest.raises(ValidationError):
            an_action(site, origin="PLAN", origin_id=plan.pk)
    with pytest.raises(ValidationError):
        an_action(site, origin="PLAN")


# Proof


def test_a_picture_is_kept_without_what_it_tells_besides(site):
    exif = Image.Exif()
    exif[0x010F], exif[0x9003] = "Secret Phone 9", "2026:11:22 09:00:00"
    action = an_action(site)
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    sent = a_picture(exif=exif)
    assert b"Secret Phone 9" in sent
    answer = client.post(f"/actions/{action.pk}/evidence/", {"file": SimpleUploadedFile("IMG_1.jpg", sent)})
    assert answer.status_code == 302
    kept = stored(action)
    with acting_as(SYSTEM), open_file(kept.evidence_file) as handle:
        data = handle.read()
    assert b"Secret Phone 9" not in data and Image.open(BytesIO(data)).size == (40, 30)
    assert kept.evidence_file.name == "A-1.jpg" and "IMG_1" not in kept.evidence_file.name
    assert client.get(f"/actions/{action.pk}/file/").getvalue() == data


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_that_says_where_it_was_taken_is_refused_with_words(site, kind):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (IFDRational(49), IFDRational(59), IFDRational(0))})
    exif[0x8825] = exif.get_ifd(0x8825)
    action = an_action(site)
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    file = SimpleUploadedFile("here.jpg", a_picture(kind, exif=exif))
    answer = client.post(f"/actions/{action.pk}/evidence/", {"file": file})
    assert answer.status_code == 422 and "This picture says where it was taken." in answer.content.decode()
    assert stored(action).evidence_file_id is None


def a_document_with(photo: bytes) -> bytes:
    """A PDF with one photo on its page, which lies there as the camera wrote it."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    image = pikepdf.Stream(document, photo)
    image.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Filter": pikepdf.Name.DCTDecode})
    image.update({"/Width": 40, "/Height": 30, "/ColorSpace": pikepdf.Name.DeviceRGB, "/BitsPerComponent": 8})
    page.add_resource(image, pikepdf.Name.XObject, pikepdf.Name.Photo)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_photo_inside_a_pdf_keeps_nothing_of_the_camera_and_the_document_stays_whole():
    exif = Image.Exif()
    exif[0x010F] = "Secret Phone 9"
    document = a_document_with(a_picture(exif=exif))
    assert b"Secret Phone 9" in document
    kept = receive_evidence(BytesIO(document))
    assert b"Secret Phone 9" not in kept.data and b"Exif" not in kept.data and len(kept.data) == len(document)
    with pikepdf.open(BytesIO(kept.data)) as read:
        image = read.pages[0].Resources.XObject.Photo
        picture = pikepdf.PdfImage(image).as_pil_image()
    assert picture.size == (40, 30) and picture.convert("RGB") == Image.open(BytesIO(a_picture())).convert("RGB")


def test_a_photo_inside_a_pdf_that_says_where_it_was_taken_is_refused_with_words():
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (IFDRational(49), IFDRational(59), IFDRational(0))}
    for photo in (a_picture(exif=exif), a_picture(exif=exif)[:-400]):
        with pytest.raises(ValidationError) as refused:
            receive_evidence(BytesIO(a_document_with(photo)))
        assert refused.value.code == "placed" and "photo in this document" in refused.value.messages[0]
    with pytest.raises(ValidationError) as refused:
        receive_evidence(BytesIO(b"%PDF-1.7 <x:xmpmeta exif:GPSLatitude='49,59.0N'/>"))
    assert refused.value.code == "placed"
    broken = b"%PDF-1.7 \xff\xe1\x00\x20Exif\x00\x00II*\x00\xff\xff\xff\xff Secret"
    assert b"Secret" not in receive_evidence(BytesIO(broken)).data


@pytest.mark.parametrize(
    "data", [b"MZ\x90 a program", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"\xff\xd8\xff broken", b"PK\x03\x04"]
)
def test_only_pictures_and_pdf_documents_prove_something(data):
    with pytest.raises(ValidationError) as refused:
        receive_evidence(BytesIO(data))
    assert refused.value.code == "wrong_type"


def test_a_picture_of_too_many_points_and_a_file_of_too_many_bytes_are_refused(site):
    out = BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    for data, code in ((out.getvalue(), "too_many_points"), (b"%PDF-" + b"0" * 5_300_000, "too_large")):
        with pytest.raises(ValidationError) as refused:
            receive_evidence(BytesIO(data))
        assert refused.value.code == code
    action = an_action(site)
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    answer = client.post(f"/actions/{action.pk}/evidence/", {"file": SimpleUploadedFile("x.pdf", b"0" * 6_000_000)})
    assert answer.status_code == 413 and "larger than 5 MB" in answer.content.decode()


def test_a_file_verifies_a_done_action(site):
    with acting_as(a_coordinator(site.organisation)):
        action = change_action(action=an_action(site), status="DONE")
        assert action.is_unverified and measure("actions.unverified", FigureScope()).value == 1
        attach_evidence(action=action, file=receive_evidence(BytesIO(a_picture())))
        assert not action.is_unverified and measure("actions.unverified", FigureScope()).value == 0
        assert measure("actions.verified_rate", FigureScope()).text == "100.0 %"
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    assert "not verified" not in client.get("/actions/?state=done").content.decode().split('id="list"')[1]


def test_a_change_on_an_older_look_does_not_begin_the_escalation_anew(site):
    older = an_action(site, days_late=8)
    with acting_as(SYSTEM):
        escalate_actions()
    with acting_as(a_coordinator(site.organisation)):
        change_action(action=older, status="IN_PROGRESS")
        assert SafetyAction.objects.get(pk=older.pk).escalated == 7


def test_the_analyst_gets_no_file_and_no_record_behind_an_action(site):
    plan = an_evacuation_plan(site)
    action = an_action(site, origin="PLAN", origin_id=plan.pk, origin_key="item 5")
    with acting_as(a_coordinator(site.organisation)):
        attach_evidence(action=action, file=receive_evidence(BytesIO(a_picture())))
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    assert analyst.get(f"/actions/{action.pk}/file/").status_code == 404
    row = analyst.get(f"/api/v1/safety-actions/{action.pk}/").json()
    assert (row["origin"], row["origin_id"], row["origin_key"], row["evidence_file_id"]) == ("PLAN", None, "", None)


def test_the_effect_is_judged_on_a_day_and_counted_among_the_judged_only(site):
    with acting_as(a_coordinator(site.organisation)):
        first, second, _third = (change_action(action=an_action(site), status="DONE") for _n in range(3))
        assert change_action(action=first, effect="SOME").effect_on == timezone.localdate()
        change_action(action=second, effect="NONE")
        figure = measure("actions.helped_rate", FigureScope())
        assert (figure.numerator, figure.denominator, figure.text) == (1, 2, "50.0 %")
        assert change_action(action=first, effect="NOT_YET").effect_on is None


# Several at once, and back


@pytest.fixture
def client(site):
    return signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))


def test_a_bulk_change_is_looked_at_first_and_stores_nothing(site, client):
    first, second = an_action(site), an_action(site, title="Salt the yard")
    page = client.post("/actions/change/", {"row": [first.pk, second.pk], "status": "DONE", "owner_role": "HSE lead"})
    text = page.content.decode()
    assert page.status_code == 200 and "2 of the 2 chosen actions would change. Nothing is stored yet." in text
    assert "2 of them have no evidence" in text and "Engineer" in text and "HSE lead" in text
    assert stored(first).status == "OPEN"
    page = client.post("/actions/change/", {"row": [first.pk], "due_on": "2030-01-15"})
    assert "Tue 15 January 2030</time>" in page.content.decode(), "a day is written as everywhere"


def change_both(client, *actions, **fields):
    seen = [f"{action.pk}:{stored(action).version}" for action in actions]
    given = {"row": [action.pk for action in actions], "seen": seen, "do": "change", "next": "/actions/?state=overdue"} | fields
    return client.post("/actions/change/", given, follow=True)


def test_the_ticked_actions_change_together_and_no_other(site, client):
    first, second, third = (an_action(site) for _n in range(3))
    page = change_both(client, first, second, status="IN_PROGRESS", owner_role="HSE lead", due_on="2027-02-01")
    assert "2 actions were changed." in page.content.decode() and page.request["QUERY_STRING"] == "state=overdue"
    assert [(stored(one).status, stored(one).owner_role) for one in (first, second, third)] == [
        ("IN_PROGRESS", "HSE lead"), ("IN_PROGRESS", "HSE lead"), ("OPEN", "Engineer"),
    ]  # fmt: skip


def test_the_whole_list_of_a_filter_changes_over_its_pages_and_what_is_left_out_at_the_look_stays(site, client, monkeypatch):
    monkeypatch.setattr("humanitarian.views.actions.ActionList.page_size", 2)
    first, second, third = (an_action(site) for _n in range(3))
    other, foreign = an_action(a_site(site.organisation)), an_action(a_site())
    filters = f"site={site.pk}"
    page = client.get(f"/actions/?{filters}").content.decode()
    assert 'name="all"' in page and f'name="query" value="{filters}"' in page
    look = client.post("/actions/change/", {"all": "1", "query": filters, "row": [first.pk], "owner_role": "HSE lead"})
    assert {action.pk for action, _changes in look.context["lines"]} == {first.pk, second.pk, third.pk}
    change_both(
        client, first, third, owner_role="HSE lead", seen=[f"{one.pk}:{stored(one).version}" for one in (first, second, third)]
    )
    assert [stored(one).owner_role for one in (first, second, third, other)] == ["HSE lead", "Engineer", "HSE lead", "Engineer"]
    monkeypatch.setattr("aimprogress.web.chosen.MOST_CHOSEN", 2)
    refused = client.post("/actions/change/", {"all": "1", "query": filters, "owner_role": "Guard"}, follow=True)
    assert "These are more than 2." in refused.content.decode() and stored(foreign).owner_role == "Engineer"


def test_a_bulk_change_is_taken_back_but_for_what_was_changed_since(site, client):
    first, second = an_action(site, days_late=3), an_action(site)
    due = stored(first).due_on
    text = change_both(client, first, second, status="DONE", due_on="2027-02-01").content.decode()
    with acting_as(SYSTEM):
        batch = ActionBatch.objects.get()
    assert f'action="/actions/undo/{batch.pk}/"' in text
    with acting_as(a_coordinator(site.organisation)):
        change_action(action=stored(second), evidence="Seen")
    back = client.post(f"/actions/undo/{batch.pk}/", follow=True).content.decode()
    assert "1 of 2 actions is as it was before; the others were changed since." in back
    assert (stored(first).status, stored(first).due_on, stored(first).done_on) == ("OPEN", due, None)
    assert stored(second).status == "DONE"
    assert client.post(f"/actions/undo/{batch.pk}/").status_code == 409


def test_a_bulk_change_sees_what_was_changed_between_the_look_and_the_store(site):
    with acting_as(a_coordinator(site.organisation)):
        looked_at = an_action(site)
        change_action(action=SafetyAction.objects.get(pk=looked_at.pk), owner_role="HSE lead")
        with pytest.raises(Conflict):
            change_actions(actions=[looked_at], seen={str(looked_at.pk): looked_at.version}, status="DONE")
        change_actions(actions=[looked_at], status="DONE")
        assert SafetyAction.objects.get(pk=looked_at.pk).owner_role == "HSE lead"


def test_a_bulk_change_of_more_than_a_day_ago_stays(site):
    with acting_as(a_coordinator(site.organisation)):
        batch = change_actions(actions=[an_action(site)], status="DONE")
        batch.changed_at -= timedelta(hours=25)
        batch.save()
        with pytest.raises(Conflict):
            undo_action_batch(batch=batch)


def test_nobody_overwrites_what_somebody_changed_after_the_look(site, client):
    action = an_action(site)
    version = action.version
    with acting_as(a_coordinator(site.organisation)):
        change_action(action=stored(action), evidence="Seen")
    given = {"row": [action.pk], "seen": [f"{action.pk}:{version}"], "do": "change", "status": "DONE"}
    answer = client.post("/actions/change/", given)
    assert answer.status_code == 409 and "Somebody changed A-1 meanwhile." in answer.content.decode()
    assert stored(action).status == "OPEN"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"status": "BLOCKED"}, "Say what blocks it"),
        ({"due_on": "tomorrow"}, "Enter a valid date"),
        ({"status": "GONE"}, "Select a valid choice"),
        ({"do": "change"}, "Say what should change."),
    ],
)
def test_a_wrong_bulk_change_is_refused_with_words_and_stores_nothing(site, client, given, words):
    action = an_action(site)
    answer = client.post("/actions/change/", {"row": [action.pk], "seen": [f"{action.pk}:1"], "do": "change"} | given)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert stored(action).version == 1


@pytest.mark.parametrize("given", [{}, {"row": ["zzz"]}, {"row": ["00000000-0000-0000-0000-000000000000"]}])
def test_without_a_chosen_action_one_is_asked_for(site, client, given):
    page = client.post("/actions/change/", {"status": "DONE", "next": "https://evil.example/"} | given, follow=True)
    assert "Choose at least one action." in page.content.decode() and page.request["PATH_INFO"] == "/actions/"


def test_an_action_of_another_member_is_changed_by_nobody(client):
    foreign = an_action(a_site())
    page = client.post("/actions/change/", {"row": [foreign.pk], "status": "DONE", "do": "change"}, follow=True)
    assert "Choose at least one action." in page.content.decode() and stored(foreign).status == "OPEN"


# Who is told


def told():
    mail.outbox.clear()
    with acting_as(SYSTEM):
        escalate_actions()
    return {message.to[0] for message in mail.outbox}


@pytest.fixture
def people(site):
    return {
        "reporter": a_user(site.organisation, "SITE_REPORTER", sites=[site]),
        "coordinator": a_user(site.organisation, "MEMBER_COORDINATOR"),
        "analyst": a_user(the_secretariat(), "AIM_ANALYST"),
        "stranger": a_user(an_organisation(), "MEMBER_COORDINATOR"),
    }


@pytest.mark.parametrize(
    ("days", "who", "step"),
    [
        (0, [], 0),
        (1, ["reporter"], 1),
        (6, ["reporter"], 1),
        (7, ["reporter", "coordinator"], 7),
        (14, ["reporter", "coordinator", "analyst"], 14),
    ],
)
def test_a_late_action_is_told_to_one_after_another_and_nobody_twice(site, people, days, who, step):
    with acting_as(SYSTEM):
        action = add(site, days)
    assert told() == {people[name].email for name in who}
    assert stored(action).escalated == step
    assert told() == set()


def add(site, days):
    return add_action(site, title="Roof", owner_role="HSE", due_on=timezone.localdate() - timedelta(days=days))


def test_the_mail_about_a_late_action_says_nothing_of_it(site, people):
    with acting_as(SYSTEM):
        add(site, 20)
    told()
    for message in mail.outbox:
        assert "Roof" not in message.body and "Sumy" not in message.body + message.subject
    keys = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(keys) == len(set(keys)) == 3


def test_a_done_action_is_told_to_nobody_and_a_new_day_begins_anew(site, people):
    with acting_as(SYSTEM):
        done, moved = add(site, 20), add(site, 20)
    with acting_as(a_coordinator(site.organisation)):
        change_action(action=done, status="DONE")
    told()
    with acting_as(a_coordinator(site.organisation)):
        changed = change_action(action=stored(moved), due_on=timezone.localdate() - timedelta(days=1))
    assert changed.escalated == 0 and stored(done).escalated == 0
    assert told() == {people["reporter"].email}


def test_at_a_safety_profile_site_no_mail_goes_to_people_there(people):
    site = a_site()
    with acting_as(SYSTEM):
        type(site).objects.filter(pk=site.pk).update(safety_profile=True)
        add(site, 1)
    inside = a_user(site.organisation, "SITE_REPORTER", sites=[site])
    outside = a_user(site.organisation, "MEMBER_COORDINATOR")
    assert inside.email not in told_again(site) and outside.email in {message.to[0] for message in mail.outbox}


def told_again(site):
    with acting_as(SYSTEM):
        SafetyAction.objects.filter(site=site).update(escalated=0)
    return told()


def test_the_clock_runs_the_escalation_once_a_slot(site, people):
    with acting_as(SYSTEM):
        add(site, 1)
    mail.outbox.clear()
    entry = TIMETABLE["humanitarian.escalate_actions"]
    assert [run_entry(entry), run_entry(entry)] == [True, False]
    assert len(mail.outbox) == 1


def test_reminding_asks_each_person_at_a_site_once_whatever_is_open_there(site, people, client):
    first, second = an_action(site), an_action(site)
    page = client.post("/actions/remind/", {"row": [first.pk, second.pk]}, follow=True).content.decode()
    assert "The people at 1 site are asked to sign in." in page
    mail.outbox.clear()
    with acting_as(SYSTEM):
        events = list(AuditEvent.objects.filter(action="humanitarian.remind_at_site"))
        for event in events:
            remind_at_site(event)
    assert [message.to for message in mail.outbox] == [[people["reporter"].email]]


def test_nobody_is_reminded_of_what_is_done(site):
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError):
        remind_owners(actions=[change_action(action=an_action(site), status="DONE")])
    with acting_as(a_reporter(site)), pytest.raises(PermissionDenied):
        remind_owners(actions=[stored(an_action(site))])


# The board


def test_the_board_has_a_column_for_each_status_with_its_number(site, client):
    an_action(site, days_late=3)
    with acting_as(a_coordinator(site.organisation)):
        change_action(action=an_action(site, title="Salt the yard"), status="BLOCKED", blocked_by="No salt")
        long_ago = change_action(action=an_action(site, title="Old roof"), status="DONE")
        SafetyAction.objects.filter(pk=long_ago.pk).update(done_on=timezone.localdate() - timedelta(days=31))
    page = client.get("/actions/board/").content.decode()
    columns = {part.split('"')[0]: part for part in page.split('id="column-')[1:]}
    assert list(columns) == ["OPEN", "IN_PROGRESS", "BLOCKED", "DONE"]
    assert "Ammonia to a safe state" in columns["OPEN"] and "3 days late" in columns["OPEN"]
    assert "No salt" in columns["BLOCKED"] and "Old roof" not in page
    assert "Salt the yard" not in client.get("/actions/board/?state=overdue").content.decode()
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST")).get("/actions/board/").content.decode()
    assert "A-1" in analyst and "Ammonia" not in analyst and "No salt" not in analyst and "Sumy" not in analyst


def test_board_and_list_cost_the_same_queries_for_one_action_and_for_many(site, client):
    def cost(path):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    an_action(site)
    cost("/actions/")  # the first page of a session keeps more than the later ones
    few = [cost(path) for path in ("/actions/", "/actions/board/")]
    for _n in range(6):
        an_action(site)
    assert [cost(path) for path in ("/actions/", "/actions/board/")] == few
