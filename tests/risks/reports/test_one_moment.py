"""A report shows one moment, and others may write while it is made."""

from contextlib import contextmanager
from datetime import date

import pytest
from django.db import connection

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.jobs.models import Job
from aimprogress.jobs.run import run_next
from risks import tasks
from risks.services.reports import evidence_of, request_report
from suppliers.models import Supplier
from suppliers.services.suppliers import link_supplier, register_supplier
from tests.factories import a_coordinator, a_head_count, a_site, a_status, an_organisation
from tests.jobs.test_gather import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)
PERIOD = {"period_from": date(2026, 10, 1), "period_to": date(2026, 10, 31)}


def a_linked_supplier(actor, organisation):
    """A supplier with one link, so that a report that sees both halves counts as many suppliers as links."""
    with acting_as(actor):
        link_supplier(supplier=register_supplier(organisation=organisation, name="Mill", country="UA"), tier="T1")


@contextmanager
def right_after(table: str, work):
    """Do `work` once, in a connection of its own, right after the first query that reads `table`."""
    waiting = [work]

    def watch(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if waiting and f'FROM "{table}"' in sql:
            meanwhile(waiting.pop())
        return result

    with connection.execute_wrapper(watch):
        yield
    assert not waiting, f"nobody read {table}"


def written(actor, report):
    run_next(heartbeat=False)
    with acting_as(actor):
        report.refresh_from_db()
        return Job.objects.get(pk=report.job_id), evidence_of(report) if report.is_ready else None


def test_what_is_committed_between_two_of_its_queries_is_wholly_left_out():
    organisation = an_organisation()
    coordinator = a_coordinator(organisation)
    a_linked_supplier(coordinator, organisation)
    with acting_as(coordinator):
        report = request_report(organisation=organisation, **PERIOD)
    with right_after("suppliers_supplier", lambda: a_linked_supplier(coordinator, organisation)):
        job, evidence = written(coordinator, report)
    assert job.state == Job.State.SUCCEEDED, job.error
    supply = evidence["chapters"]["supply"]
    assert (supply["suppliers"], supply["links"]) == (1, 1)
    with acting_as(SYSTEM):
        assert Supplier.objects.count() == 2, "the other one was committed in the middle"


def test_a_report_succeeds_while_others_write_to_the_same_rows(monkeypatch):
    organisation = an_organisation()
    coordinator, site = a_coordinator(organisation), a_site(organisation)
    a_status(site)
    with acting_as(coordinator):
        report = request_report(organisation=organisation, **PERIOD)

    def render(evidence, progress):
        meanwhile(lambda: (a_status(site, "SUSPENDED"), a_head_count(site, 90)))
        return render_pdf(evidence, progress)

    render_pdf = tasks.render_pdf
    monkeypatch.setattr(tasks, "render_pdf", render)
    with right_after("members_site", lambda: a_status(site, "REDUCED")):
        job, evidence = written(coordinator, report)
    assert (job.state, job.attempts) == (Job.State.SUCCEEDED, 1), job.error
    people = evidence["chapters"]["people"]
    assert people["sites"][0]["status"] == "OPERATING"
    assert people["head_counts"] is None
