"""A large list is a Job's work: read, imported and taken back while nobody waits, as the requester, all or nothing."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.exceptions import Conflict
from aimprogress.exchange import models, reading
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.services import apply_import, confirm_columns, discard_import, mend_cells, stage_import, undo_import
from aimprogress.exchange.staging import KEEP, telling
from aimprogress.exchange.understanding import READ
from aimprogress.jobs.models import Job
from aimprogress.jobs.run import run_queued
from members.access import actor_for_user
from members.models import RoleGrant, Site
from tests.exchange.test_import_pages import BAD, GOOD, a_file, batch_url, sites
from tests.exchange.test_imports import PLANT, a_list, row_of
from tests.factories import a_site, a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def every_list_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "AT_ONCE", 0)


@pytest.fixture
def user(lviv) -> Any:
    return a_user(an_organisation(), "MEMBER_COORDINATOR")


def asked() -> list[str]:
    """The works that wait for a worker."""
    with acting_as(SYSTEM):
        return [job.params["work"] for job in Job.objects.filter(kind="import", state="queued")]


def the_batch() -> ImportBatch:
    with acting_as(SYSTEM):
        return ImportBatch.objects.select_related("job").get()


def test_a_list_goes_through_its_jobs_to_the_portal_and_back(user: Any):
    client: Client = signed_in(user)
    answer = client.post(reverse("exchange:upload", kwargs={"target": "sites"}), {"file": a_file(GOOD)})
    page = client.get(answer["Location"])
    assert "Your list is being read" in page.content.decode() and "every 2s" in page.content.decode()
    work, after = page.content.decode().split("</section>", 1)
    assert 'data-said="Queued."' in work and 'role="status"' not in work and after.count('role="status" data-calm') == 1
    assert (asked(), the_batch().state) == (["read"], "reading")
    run_queued()
    batch = the_batch()
    assert (batch.state, batch.counts["new"], sites()) == ("staged", 1, [])
    told = client.get(batch_url("preview", batch), headers={"HX-Request": "true"})
    assert told["HX-Redirect"] == batch_url("preview", batch)
    client.post(batch_url("preview", batch), {"do": "import", "mode": "all"})
    assert (asked(), sites()) == (["apply"], [])
    assert "Importing a list" in client.get(batch_url("preview", batch)).content.decode()
    run_queued()
    assert (sites(), the_batch().state) == (["LVI-01"], "applied")
    client.post(batch_url("undo", batch))
    assert (asked(), sites()) == (["undo"], ["LVI-01"])
    run_queued()
    assert (sites(), the_batch().state) == ([], "undone")


def test_a_cell_is_mended_and_what_failed_stands_in_words_on_the_page(user: Any):
    client: Client = signed_in(user)
    client.post(reverse("exchange:upload", kwargs={"target": "sites"}), {"file": a_file(GOOD, BAD)})
    run_queued()
    url = batch_url("preview", the_batch())
    client.post(url, {"do": "import", "mode": "all"})
    run_queued()
    assert "1 row has a problem" in client.get(url).content.decode()
    with acting_as(SYSTEM):
        number = ImportRow.objects.get(outcome="problem").number
    client.post(url, {"do": "check", f"cell-{number}-workers": "240", f"cell-{number}-kind": "FACTORY"})
    assert asked() == ["read"]
    run_queued()
    client.post(url, {"do": "import", "mode": "all"})
    run_queued()
    assert sites() == ["LVI-01", "LVI-02"]


def test_a_list_that_cannot_be_read_says_why_and_can_be_read_again_or_thrown_away(user: Any):
    client: Client = signed_in(user)
    client.post(reverse("exchange:upload", kwargs={"target": "sites"}), {"file": SimpleUploadedFile("x.csv", b'a,"b\nc,d\n' * 9)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "MOST_ROWS", 1)
        run_queued()
    page = client.get(batch_url("preview", the_batch())).content.decode()
    assert "more than 1 rows" in page and "Read it again" in page
    client.post(batch_url("preview", the_batch()), {"do": "again"})
    assert asked() == ["read"]
    run_queued()
    client.post(batch_url("discard", the_batch()))
    with acting_as(SYSTEM):
        assert not ImportBatch.objects.exists()


def test_the_job_acts_as_its_requester_with_the_grants_held_now(user: Any):
    organisation = RoleGrant.objects.get(user=user).organisation
    with acting_as(actor_for_user(user)):
        batch = stage_import(organisation=organisation, target="sites", upload=a_list(PLANT))
        run_queued()
        apply_import(batch=batch)
    RoleGrant.objects.filter(user=user).update(role="MEMBER_VIEWER")
    run_queued()
    with acting_as(SYSTEM):
        job = Job.objects.get(pk=the_batch().job_id)
        assert (job.state, Site.objects.count(), the_batch().state) == ("failed", 0, "staged")


def test_nobody_touches_a_list_while_a_job_works_on_it(user: Any):
    mine = RoleGrant.objects.get(user=user).organisation
    with acting_as(actor_for_user(user)):
        batch = stage_import(organisation=mine, target="sites", upload=a_list(PLANT))
        for verb, more in ((apply_import, {}), (confirm_columns, {}), (mend_cells, {"cells": {}}), (discard_import, {})):
            with pytest.raises(Conflict, match="being worked on"):
                verb(batch=batch, **more)


def test_a_job_that_runs_again_after_its_work_was_done_changes_nothing(user: Any):
    mine = RoleGrant.objects.get(user=user).organisation
    with acting_as(actor_for_user(user)):
        batch = stage_import(organisation=mine, target="sites", upload=a_list(PLANT))
        run_queued()
        apply_import(batch=batch)
        run_queued()
        with pytest.raises(Conflict, match="already imported"):
            apply_import(batch=batch, now=True)
        assert Site.objects.count() == 1


def test_reading_tells_how_far_it_is(user: Any, monkeypatch: pytest.MonkeyPatch):
    mine, told = RoleGrant.objects.get(user=user).organisation, []
    rows = [(f"S-{n}", f"Plant {n}", "UA", None, "Lviv", n, None, None, None, None) for n in range(1, 2500)]
    with acting_as(actor_for_user(user)), telling(lambda *said: told.append(said)):
        stage_import(organisation=mine, target="sites", upload=a_list(*rows), now=True)
    assert told[:3] == [(0, 2500, READ), (1000, 2500, READ), (2000, 2500, READ)]
    assert told[3:] == [(1000, 2500, KEEP), (2000, 2500, KEEP)]


def test_many_sites_are_changed_and_put_back_at_once(user: Any, lviv, django_assert_max_num_queries):
    mine = RoleGrant.objects.get(user=user).organisation
    for n in range(30):
        a_site(mine, code=f"S-{n}", name=f"Plant {n}", admin1=lviv.admin1, settlement=lviv, baseline=10)
    rows = [(f"S-{n}", f"Plant {n}", "UA", None, "Lviv", 20 + n, None, None, None, None) for n in range(30)]
    with acting_as(actor_for_user(user)):
        batch = stage_import(organisation=mine, target="sites", upload=a_list(*rows), now=True)
        assert batch.counts["changed"] == 30
        with django_assert_max_num_queries(60):
            apply_import(batch=batch, now=True)
        assert sorted(Site.objects.values_list("baseline", flat=True)) == list(range(20, 50))
        with django_assert_max_num_queries(60):
            undo_import(batch=batch, now=True)
        assert set(Site.objects.values_list("baseline", flat=True)) == {10}


def test_what_the_list_does_not_mention_is_named_and_stays(user: Any, lviv):
    mine = RoleGrant.objects.get(user=user).organisation
    a_site(mine, code="OLD-1", name="Old mill", admin1=lviv.admin1, settlement=lviv)
    with acting_as(actor_for_user(user)):
        batch = stage_import(organisation=mine, target="sites", upload=a_list(PLANT), now=True)
        assert (batch.counts["missing"], batch.missing) == (1, ["Old mill (OLD-1)"])
        apply_import(batch=batch, now=True)
        assert Site.objects.count() == 2
    page = signed_in(user).get(batch_url("preview", batch)).content.decode()
    assert "Old mill (OLD-1)" in page and "a list never deletes anything" in page


def test_every_row_of_a_list_is_imported_or_explained(user: Any):
    mine = RoleGrant.objects.get(user=user).organisation
    upload = a_list(PLANT, PLANT, (None,) * 10, ("LVI-09", "No place", None, None, None, "x", None, None, None, None))
    with acting_as(actor_for_user(user)):
        batch = stage_import(organisation=mine, target="sites", upload=upload, now=True)
        apply_import(batch=batch, only_good=True, now=True)
        rows = ImportRow.objects.filter(batch=batch)
        assert rows.count() == batch.counts["rows"] == 5
        for row in rows:
            imported = row.target_id is not None and row.outcome in ("new", "changed", "same")
            explained = row.why or [problem for problem in row.problems if problem["level"] == "error"]
            assert imported != bool(explained), row
        assert row_of(batch, 5).problems
