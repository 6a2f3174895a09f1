"""A code that two people take at the same moment: one has it, the other reads so beside the field, whatever they used."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.copying import insert_rows
from aimprogress.core.exceptions import Conflict
from aimprogress.core.ids import uuid7
from members.models import Organisation, Site
from tests.api.clients import Program, a_token
from tests.factories import a_coordinator, a_site, a_user, an_area, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 20
CODE = "KHA-02"
BODY = {"code": CODE, "name": "Depot", "kind": "DEPOT", "country": "UA", "admin1": "UA46", "baseline": 12}


@pytest.fixture
def member() -> Organisation:
    an_area()
    return an_organisation()


@pytest.fixture
def meanwhile(member: Organisation) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Do something while another person stores a site of the same code: they are first, and commit while it waits."""
    with ThreadPoolExecutor(1) as pool:

        def run(second: Callable[[], Any]) -> Any:
            with acting_as(SYSTEM), transaction.atomic():
                a_site(member, code=CODE)
                waiting = pool.submit(alone, second)
                wait_for(waiting)
            return waiting.result(PATIENCE)

        yield run


def alone(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connection.close()


def wait_for(work: Future) -> None:
    """Until somebody waits for a transaction of another one."""
    for _look in range(PATIENCE * 20):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        if work.done():
            break
        threading.Event().wait(0.05)
    pytest.fail(f"nobody waited: {work.done() and work.result()}")


def test_a_form_says_it_beside_the_field(member: Organisation, meanwhile: Any) -> None:
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))

    def send() -> HttpResponse:
        return client.post("/sites/add/", BODY | {"union_present": "unknown"})

    answer = meanwhile(send)
    assert answer.status_code == 422
    assert "already exists" in str(answer.context["form"].errors["code"])


def test_a_program_reads_a_pointer_to_it(member: Organisation, meanwhile: Any) -> None:
    program = Program(a_token(member))
    answer = meanwhile(lambda: program.post("/api/v1/sites/", BODY))
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/code"]


def test_a_list_is_in_conflict_and_stores_nothing(member: Organisation, meanwhile: Any) -> None:
    names = ["id", "organisation_id", "code", "name", "country", "admin1_id", "checkin_code"]
    rows = [[uuid7(), member.pk, code, "New", "UA", "UA46", f"check-in-{code}"] for code in ("NEW-1", CODE)]

    def apply() -> str:
        with acting_as(a_coordinator(member)):
            with pytest.raises(Conflict) as refused:
                insert_rows(Site, names, rows)
            assert not Site.objects.filter(code="NEW-1").exists(), "the transaction goes on"
        return str(refused.value)

    assert "Somebody stored one of these rows just now" in meanwhile(apply)


def test_one_after_the_other_read_the_same(member: Organisation) -> None:
    a_site(member, code=CODE)
    with pytest.raises(ValidationError) as refused:
        a_site(member, code=CODE)
    assert refused.value.message_dict.keys() == {"code"}


def test_what_is_broken_for_another_reason_stays_a_fault(member: Organisation) -> None:
    site = a_site(member)
    with acting_as(SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
        Site(id=site.pk, organisation=member, code="OTHER", name="B", country="UA", admin1_id="UA46").save(force_insert=True)
