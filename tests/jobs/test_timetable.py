"""Every slot of the timetable is run once, and one broken entry holds up no other."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from aimprogress.jobs import timetable
from aimprogress.jobs.models import TimetableRun
from aimprogress.jobs.timetable import TIMETABLE, run_due, timetabled


@pytest.fixture(autouse=True)
def only_own_entries() -> None:
    TIMETABLE.clear()


@pytest.mark.django_db
def test_a_slot_is_run_once():
    ran = []
    timetabled("t.daily", every=timedelta(days=1))(lambda: ran.append("daily"))
    assert run_due() == ["t.daily"]
    assert run_due() == []
    assert ran == ["daily"]


@pytest.mark.django_db
def test_the_next_slot_is_run_again():
    ran = []
    timetabled("t.daily", every=timedelta(days=1))(lambda: ran.append("daily"))
    run_due()
    TimetableRun.objects.update(slot=TimetableRun.objects.get().slot - timedelta(days=1))
    run_due()
    assert len(ran) == 2


@pytest.mark.django_db
def test_slots_begin_at_their_offset():
    timetabled("t.daily", every=timedelta(days=1), offset=timedelta(hours=3))(lambda: None)
    run_due()
    slot = TimetableRun.objects.get().slot
    assert (slot.hour, slot.minute, slot.second) == (3, 0, 0)


@pytest.mark.django_db
def test_a_broken_entry_is_tried_again_and_holds_up_no_other():
    ran = []

    def break_once() -> None:
        ran.append("broken")
        if len(ran) == 1:
            raise RuntimeError

    timetabled("t.broken", every=timedelta(days=1))(break_once)
    timetabled("t.whole", every=timedelta(days=1))(lambda: None)
    assert run_due() == ["t.whole"]
    assert run_due() == ["t.broken"]


@pytest.mark.django_db(transaction=True)
def test_many_beats_at_once_run_a_slot_once():
    ran, together = [], threading.Barrier(4)
    entry = timetable.Entry("t.once", timedelta(days=1), timedelta(), lambda: ran.append(1))

    def beat() -> None:
        together.wait()
        try:
            timetable.run_entry(entry)
        finally:
            connection.close()

    beats = [threading.Thread(target=beat) for _ in range(4)]
    for thread in beats:
        thread.start()
    for thread in beats:
        thread.join()
    assert ran == [1]
