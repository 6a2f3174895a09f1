"""The API against its own description: schemathesis finds no 5xx and no answer that the description does not know."""

from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.utils import timezone

from aimprogress.api import throttling
from tests.api.clients import a_token
from tests.factories import a_site
from tests.house.conftest import world  # noqa: F401 - the same two members and people as of the house tests
from tests.house.world import World
from tests.members.plan_samples import a_communication_plan, an_evacuation_plan

pytestmark = [pytest.mark.full, pytest.mark.django_db]
CASES = 8
PEOPLE = [
    "expected", "safe_local", "safe_idp", "safe_abroad", "injured", "unaccounted", "serving", "detained", "missing", "killed",
]  # fmt: skip
PARTNER_MAY = ["shared:pull", "share:read", "partner:read", "job:read"]


@pytest.fixture
def description(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(throttling, "LIMITS", {})
    return yaml.safe_load((settings.BASE_DIR / "docs" / "openapi.yaml").read_text())


@pytest.fixture
def askers(world: World) -> dict[str, Any]:  # noqa: F811 - the fixture above
    from tests.api.fuzzing import Asker

    first = world.first
    things = first.things
    partner = things["share"].receiver
    real = {
        "site": str(first.site.pk), "admin1": first.site.admin1_id, "country": "UA", "supplier": str(things["supplier"].pk),
        "partner": str(things["partner"].pk), "receiver": str(partner.pk), "currency": "EUR", "noun": "sites", "query": "",
        "expires_at": (timezone.now() + timedelta(days=9)).isoformat(), "committed": "5.00", "area": None, "settlement": None,
        **dict.fromkeys(PEOPLE, 0),
    }  # fmt: skip
    beside = a_site(first.organisation)  # its drafts are changed and put forward, and the first site can still begin its own
    drafts = {"evacuationplan": an_evacuation_plan(beside, approved=False)}
    drafts["communicationplan"] = a_communication_plan(beside, approved=False)
    acts = {f"api:{noun}-{act}": plan.pk for noun, plan in drafts.items() for act in ("detail", "answers", "ask")}
    token = Client(headers={"Authorization": f"Bearer {a_token(partner, PARTNER_MAY)}"}, raise_request_exception=False)
    return {
        "coordinator": Asker(world.clients["MEMBER_COORDINATOR"], first, real, instead=acts),
        "analyst": Asker(world.clients["AIM_ANALYST"], first, real),
        "partner's token": Asker(token, first, real),
        "a stranger": Asker(world.clients["nobody"], first, real, keeps_its_name=False),
    }


NOT_HERS = {403, 406}
"""What alone is answered where the operation is of the team or the administrators."""


@pytest.mark.parametrize("who", ["coordinator", "analyst", "partner's token", "a stranger"])
def test_every_answer_to_generated_requests_is_described(
    who: str, askers: dict[str, Any], description: dict[str, Any], record_property: Any
) -> None:
    from tests.api.fuzzing import fuzz

    run = fuzz(askers[who], description, cases=CASES if who != "a stranger" else 2)
    record_property("figures", f"{who}: {run}")
    assert not run.problems, "\n".join(f"{count} x {problem}" for problem, count in run.problems.most_common(40))
    assert len(run.statuses) >= 60
    if who == "coordinator":
        hers = {label: answers for label, answers in run.statuses.items() if not set(answers) <= NOT_HERS}
        silent = [label for label, answers in hers.items() if not any(status < 300 for status in answers)]
        assert len(hers) >= 100 and len(silent) <= len(hers) * 0.15, f"generated requests never got through to these: {silent}"
