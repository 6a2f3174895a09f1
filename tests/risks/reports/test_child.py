"""The child that sets the pages has limits and holds nothing worth stealing."""

import os
import time

import pytest
from django.conf import settings

from risks.reports.child import ChildFailed, Limits, run


def nothing(_said, _done, _known):
    return None


def test_the_child_writes_its_result_and_answers():
    result = run(lambda _told, out: {"length": out.write(b"x" * 100_000)}, nothing)
    assert (len(result.data), result.answer) == (100_000, {"length": 100_000})


def test_progress_reaches_the_parent():
    heard = []

    def work(told, _out):
        told("pages", 3, 9)
        return {}

    run(work, lambda *said: heard.append(said))
    assert ("pages", 3, 9) in heard


def test_the_child_has_no_credentials_no_descriptors_and_no_environment():
    secret, leaked = "top-secret", os.open(os.devnull, os.O_RDONLY)
    os.environ["PORTAL_TEST_SECRET"] = secret
    before = settings.SECRET_KEY

    def work(_told, _out):
        from django.db import connections

        try:
            os.fstat(leaked)
            is_open = True
        except OSError:
            is_open = False
        return {
            "environment": sorted(os.environ), "databases": dict(settings.DATABASES), "key": settings.SECRET_KEY,
            "connections": dict(connections.settings), "open": is_open,
        }  # fmt: skip

    try:
        answer = run(work, nothing).answer
    finally:
        del os.environ["PORTAL_TEST_SECRET"]
        os.close(leaked)
    assert "PORTAL_TEST_SECRET" not in answer["environment"] and "DATABASE_URL" not in answer["environment"]
    assert not answer["databases"] and not answer["connections"] and not answer["open"]
    assert answer["key"] == "gone"
    assert before == settings.SECRET_KEY


def test_a_child_that_takes_too_long_is_stopped():
    started = time.monotonic()
    with pytest.raises(ChildFailed, match=r"longer than 0\.5 seconds"):
        run(lambda _told, _out: time.sleep(60), nothing, Limits(wall_seconds=0.5))
    assert time.monotonic() - started < 10


def test_a_child_that_burns_cpu_is_stopped():
    def work(_told, _out):
        while True:
            pass

    with pytest.raises(ChildFailed, match="1 seconds of CPU"):
        run(work, nothing, Limits(cpu_seconds=1, wall_seconds=30))


def test_a_child_that_eats_memory_is_stopped():
    def work(_told, _out):
        held = []
        while True:
            held.append(bytearray(os.urandom(1024) * 16384))

    with pytest.raises(ChildFailed, match="more than 400 MB"):
        run(work, nothing, Limits(memory_bytes=400 * 1024**2, wall_seconds=30))


def test_an_error_in_the_child_is_told_in_words():
    def work(_told, _out):
        raise ValueError("no such figure")

    with pytest.raises(ChildFailed, match="ValueError: no such figure"):
        run(work, nothing)


def test_a_child_that_is_killed_is_noticed():
    with pytest.raises(ChildFailed, match="ended early"):
        run(lambda _told, _out: os.kill(os.getpid(), 9), nothing)


def test_whoever_hears_the_progress_may_stop_the_child():
    class Cancelled(Exception):
        pass

    def stop(_said, _done, _known):
        raise Cancelled

    started = time.monotonic()
    with pytest.raises(Cancelled):
        run(lambda _told, _out: time.sleep(60), stop)
    assert time.monotonic() - started < 10
