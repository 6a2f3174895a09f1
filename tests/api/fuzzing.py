"""Schemathesis over the whole API: cases from the description, sent through Django's client, judged by the description.

The plug-in of schemathesis stays off (pyproject.toml); only its library is used, and only in `make test-all`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import requests
import schemathesis
from django.test import Client
from django.urls import resolve
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from aimprogress.api.schema import PROBLEMS
from tests.house.world import Member

SEED = 20220224
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
NO_ROW = UUID(int=0)


@dataclass
class Run:
    """What came of it: statuses by operation, and a line for each answer that the description does not know."""

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    problems: Counter[str] = field(default_factory=Counter)

    @property
    def cases(self) -> int:
        return sum(counts.total() for counts in self.statuses.values())

    def __str__(self) -> str:
        total: Counter[int] = sum(self.statuses.values(), Counter())
        answers = ", ".join(f"{count} x {status}" for status, count in sorted(total.items()))
        return f"{len(self.statuses)} operations, {self.cases} cases: {answers}"


@dataclass(frozen=True)
class Asker:
    """Who asks: a client, and rows that it may know. `keeps_its_name`: the generated credentials are not sent.

    instead: by the name of an address, the row that is asked for where the member's own one of the house is in no state for it.
    """

    client: Client
    member: Member
    real: dict[str, Any]
    keeps_its_name: bool = True
    instead: dict[str, UUID] = field(default_factory=dict)


def operations(description: dict[str, Any]) -> Iterator[Any]:
    """Every operation of the API; one that schemathesis cannot read is an error here."""
    for found in schemathesis.openapi.from_dict(description).get_all_operations():
        yield found.ok()


def fuzz(asker: Asker, description: dict[str, Any], *, cases: int) -> Run:
    """Send `cases` valid and `cases` invalid requests to every operation, the same ones in every run."""
    run = Run()
    for number, operation in enumerate(operations(description)):
        run.statuses[operation.label] = Counter()
        name = resolve(operation.path.replace("{id}", str(NO_ROW))).view_name
        own = {"pk": asker.instead[name]} if name in asker.instead else asker.member.arguments(name)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            made = operation.as_strategy(generation_mode=mode, path_parameters={"id": str(own["pk"])} if own else None)
            _tried(asker, made, run, seed_of_this=SEED + 2 * number + (mode is GenerationMode.NEGATIVE), cases=cases)
    return run


def _tried(asker: Asker, made: st.SearchStrategy[Any], run: Run, *, seed_of_this: int, cases: int) -> None:
    @seed(seed_of_this)
    @settings(max_examples=cases, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(made, st.booleans())
    def one(case: Any, with_real_rows: bool) -> None:
        if with_real_rows and isinstance(case.body, dict):
            case.body = case.body | {name: value for name, value in asker.real.items() if name in case.body}
        response = _sent(asker, case, with_real_rows)
        run.statuses[case.operation.label][response.status_code] += 1
        for problem in _judged(case, response):
            run.problems[f"{case.operation.label} {response.status_code}: {problem}"] += 1

    one()


def _sent(asker: Asker, case: Any, with_real_rows: bool) -> Response:
    """The answer of the portal, as schemathesis takes it."""
    parts = case.as_transport_kwargs(base_url="http://testserver")
    if asker.keeps_its_name:
        parts["headers"].pop("Authorization", None)
        parts["cookies"] = {}
    known = {"method", "url", "headers", "params", "data", "json", "cookies", "files"}
    asked = requests.Request(**{name: value for name, value in parts.items() if name in known}).prepare()
    headers = {name: value.decode("latin-1") if isinstance(value, bytes) else value for name, value in asked.headers.items()}
    content_type = headers.pop("Content-Type", "application/json")
    if with_real_rows and "If-Match" in headers:
        headers["If-Match"] = asker.client.get(asked.path_url).headers.get("ETag", headers["If-Match"])
    body = asked.body.encode() if isinstance(asked.body, str) else asked.body or b""
    answer = asker.client.generic(asked.method, asked.path_url, body, content_type=content_type, headers=headers)
    return Response(
        status_code=answer.status_code, headers={name.lower(): [value] for name, value in answer.headers.items()},
        content=answer.getvalue(), request=asked, elapsed=0.0, verify=False,
    )  # fmt: skip


def _judged(case: Any, response: Response) -> Iterator[str]:
    """What is wrong with an answer, with the request that led to it."""
    asked = f"<- {response.request.method} {response.request.path_url[:300]} {str(response.request.body or '')[:300]}"
    documented = {int(code) for code in case.operation.responses.status_codes if code != "default"} | set(PROBLEMS)
    if response.status_code not in documented:
        yield f"a status that the description does not name {asked}"
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        yield from (f"{_first_lines(failure)} {asked}" for failure in group.exceptions)


def _first_lines(failure: Failure) -> str:
    return " ".join(f"{failure.title}: {failure.message}".split())[:400]
