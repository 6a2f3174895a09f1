"""Is it alive, is it ready: asked by the launcher, by compose and by a load balancer, never by people."""

import io
import json
import logging.config
import sys
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from aimprogress.web import health


def test_alive_asks_nothing_else() -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError):
        answer = health.livez(RequestFactory().get("/livez"))
    assert (answer.status_code, json.loads(answer.content)) == (200, {"status": "alive"})


def test_ready_with_a_database_and_every_migration(db: None) -> None:
    answer = health.readyz(RequestFactory().get("/readyz"))
    assert (answer.status_code, json.loads(answer.content)["status"]) == (200, "ready")


def test_not_ready_without_a_database() -> None:
    with (
        patch.object(connection, "cursor", side_effect=OperationalError("no server: password of portal_app")),
        patch.object(connection, "close"),
    ):
        answer = health.readyz(RequestFactory().get("/readyz"))
    assert answer.status_code == 503
    assert json.loads(answer.content)["checks"] == {"database": False, "migrations": False}
    assert b"portal_app" not in answer.content


def test_not_ready_while_a_migration_waits(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'risks'")
    answer = health.readyz(RequestFactory().get("/readyz"))
    assert (answer.status_code, json.loads(answer.content)["checks"]["migrations"]) == (503, False)


def test_answers_are_never_cached_and_take_no_posts() -> None:
    assert "no-store" in health.livez(RequestFactory().get("/livez"))["Cache-Control"]
    assert health.livez(RequestFactory().post("/livez")).status_code == 405


def test_a_portal_that_is_waited_for_writes_no_errors_into_the_log(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", said := io.StringIO())
        logging.config.dictConfig(settings.LOGGING)
    try:
        settings.ROOT_URLCONF = "aimprogress.urls"
        monkeypatch.setattr(health, "_database_answers", lambda: False)
        assert client.get("/readyz").status_code == 503
        logging.getLogger("django.request").error("something else")
    finally:
        logging.config.dictConfig(settings.LOGGING)
    assert "Service Unavailable" not in said.getvalue() and "something else" in said.getvalue()
