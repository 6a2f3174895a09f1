"""The same request twice at the same moment, as an impatient client or a doubled proxy sends it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from aimprogress.core.actor import SYSTEM, acting_as
from members.models import SiteStatus
from tests.api.clients import Program, a_token
from tests.factories import a_site, an_organisation


@pytest.mark.django_db(transaction=True)
def test_two_posts_with_one_key_at_the_same_moment_are_done_once():
    member = an_organisation()
    site, token, together = a_site(member), a_token(member), Barrier(4)
    body = {"site": str(site.pk), "operational": "REDUCED"}

    def send() -> tuple[int, str, bool]:
        together.wait(20)
        try:
            answer = Program(token).post("/api/v1/site-statuses/", body, Idempotency_Key="once")
            return answer.status_code, answer.json().get("id"), "Idempotency-Replayed" in answer
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = [future.result(60) for future in [pool.submit(send) for _ in range(4)]]
    assert {status for status, _id, _replayed in answers} == {201}, answers
    assert len({made for _status, made, _replayed in answers}) == 1
    assert sorted(replayed for _status, _id, replayed in answers) == [False, True, True, True]
    with acting_as(SYSTEM):
        assert SiteStatus.objects.count() == 1
