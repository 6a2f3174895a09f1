"""Waking workers never holds up who wakes them."""

import socket
import time
from pathlib import Path

import pytest
from celery import current_app

from aimprogress.jobs import wake
from aimprogress.jobs.wake import WAKE, Waker


@pytest.fixture
def broker(tmp_path: Path):
    """Lets the test say where the broker is."""
    before = current_app.conf.broker_url

    def put(path: Path) -> None:
        current_app.conf.broker_url = current_app.conf.broker_write_url = f"redis+socket://{path}"

    yield put
    current_app.conf.broker_url, current_app.conf.broker_write_url = before, None


def test_a_dead_broker_is_given_up_at_once(broker, tmp_path):
    broker(tmp_path / "nobody.sock")
    Waker().send(WAKE)  # the first one loads the transport
    begun = time.monotonic()
    assert Waker().send(WAKE) is False
    assert time.monotonic() - begun < 2


def test_a_broker_that_never_answers_is_given_up_soon(broker, tmp_path):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen(8)
        broker(tmp_path / "silent.sock")
        begun = time.monotonic()
        assert Waker().send(WAKE) is False
        assert time.monotonic() - begun < 4


def test_who_wakes_does_not_wait_and_many_wishes_are_few_messages(monkeypatch):
    sent = []

    def slow(self: Waker, task: str) -> bool:
        sent.append(task)
        time.sleep(0.2)
        return True

    monkeypatch.setattr(wake.Waker, "send", slow)
    waker = Waker()
    begun = time.monotonic()
    for _ in range(50):
        waker()
    assert time.monotonic() - begun < 0.2
    time.sleep(0.7)
    assert 1 <= len(sent) <= 2


def test_after_a_failure_there_is_a_pause(monkeypatch):
    sent = []
    monkeypatch.setattr(wake, "PAUSE_AFTER_FAILURE", 0.5)
    monkeypatch.setattr(wake.Waker, "send", lambda self, task: bool(sent.append(task)))
    waker = Waker()
    end = time.monotonic() + 0.8
    while time.monotonic() < end:
        waker()
        time.sleep(0.01)
    assert len(sent) == 2


def test_a_message_carries_nothing_that_a_wrong_clock_could_judge(monkeypatch):
    sent = []
    monkeypatch.setattr(current_app._get_current_object(), "send_task", lambda task, **options: sent.append((task, options)))
    assert Waker().send(WAKE)
    [(task, options)] = sent
    assert task == WAKE
    assert set(options) == {"connection", "retry", "ignore_result"}
