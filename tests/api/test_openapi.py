"""The description of the API: committed, complete, and the one that is served."""

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from aimprogress.api.urls import router
from tests.api.clients import a_program
from tests.factories import an_organisation

COMMITTED = settings.BASE_DIR / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def described(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("openapi") / "openapi.yaml"
    call_command("spectacular", file=str(path), validate=True, fail_on_warn=True)
    return path.read_text()


@pytest.mark.house
def test_the_committed_description_is_the_one_that_the_code_gives(described):
    assert described == COMMITTED.read_text(), "run: python manage.py spectacular --file docs/openapi.yaml"


@pytest.mark.house
def test_every_list_is_described_with_its_filters_and_its_problems(described):
    found = yaml.safe_load(described)
    assert found["openapi"].startswith("3.1")
    for prefix, viewset, _basename in router.registry:
        if not hasattr(viewset, "list"):  # check-ins of a phone are sent, never listed
            continue
        operations = found["paths"][f"/api/v1/{prefix}/"]
        for operation in operations.values():
            assert "default" in operation["responses"], prefix
        filterset = getattr(viewset, "filterset_class", None)
        if filterset is not None:
            names = {parameter["name"] for parameter in operations["get"]["parameters"]}
            assert {*filterset.base_filters, "limit", "cursor", "count"} <= names, prefix


@pytest.mark.house
def test_every_answer_with_a_body_is_described_with_its_type(described):
    for path, operations in yaml.safe_load(described)["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            assert answers["default"]["content"].keys() == {"application/problem+json"}, path
            if method == "delete":
                assert "content" not in answers["204"], path
                continue
            good = [answers[code] for code in answers if code in ("200", "201", "202")]
            assert len(good) == 1 and all(part["schema"] for part in good[0]["content"].values()), (method, path)
            assert ("304" in answers) == (method == "get" and not path.endswith("/file/")), (method, path)


@pytest.mark.django_db
def test_the_description_is_served_to_who_is_signed_in(client):
    assert client.get("/api/v1/schema/").status_code == 401
    served = a_program(an_organisation()).get("/api/v1/schema/")
    assert served.status_code == 200, served.content[:300]
    assert yaml.safe_load(served.content)["info"]["title"] == "Conflict support portal"
