"""Do the tests bite? Break each control of the job machine in a copy of the project and see its test fail.

    .venv/bin/python -m tests.faults.mutants [NAME ...]

A mutant counts as killed only where the test fails with the words expected: a timeout or a broken set-up looks like a kill,
too. An unchanged control runs first and must pass. Takes about a minute a mutant; no part of `make test`.
"""

# ruff: noqa: E501 - the mutants are a table

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300
CLAIM, WAKE, RUN = "aimprogress/jobs/claim.py", "aimprogress/jobs/wake.py", "aimprogress/jobs/run.py"
RULES = "aimprogress/jobs/migrations/0002_job_rules.py"


@dataclass(frozen=True)
class Mutant:
    """One control broken: in `file`, `old` becomes `new`; then `test` must fail saying `words`."""

    name: str
    file: str
    old: str
    new: str
    test: str
    words: str


MUTANTS = [
    Mutant("control", CLAIM, "", "", "tests/jobs/test_claim.py tests/faults/test_workers.py::test_what_cannot_succeed_fails_at_once_with_words", ""),
    Mutant("finish without fence", CLAIM, "id = %(id)s AND fence = %(fence)s AND", "id = %(id)s AND", "tests/jobs/test_claim.py::test_who_lost_the_job_can_neither_finish_nor_fail_nor_renew_it", "DID NOT RAISE"),
    Mutant("finished jobs change", RULES, "AND NEW IS DISTINCT FROM OLD THEN", "AND false THEN", "tests/jobs/test_job_rows.py::test_a_finished_job_never_changes", "DID NOT RAISE|Regex pattern did not match|does not go from"),
    Mutant("claim without lock", CLAIM, "LIMIT 1 FOR UPDATE SKIP LOCKED", "LIMIT 1", "tests/jobs/test_together.py::test_twenty_claims_at_once_get_twenty_jobs", "len\\(got\\) == len|assert 1[0-9]? == |a claim takes|only grow"),
    Mutant("insert without ON CONFLICT", "aimprogress/jobs/requests.py", "ignore_conflicts=True", "ignore_conflicts=False", "tests/jobs/test_together.py::test_twenty_requests_with_one_key_are_one_job", "job_once_per_key"),
    Mutant("no reaper", CLAIM, "    return _execute(_REAP, lost=WORKER_LOST)", "    return 0", "tests/jobs/test_claim.py::test_a_job_that_was_abandoned_too_often_is_failed_by_the_next_claim", "running"),
    Mutant("cancel ignored by finish", CLAIM, 'f" WHERE {_HELD} AND NOT cancel_requested"', 'f" WHERE {_HELD}"', "tests/jobs/test_claim.py::test_a_cancelled_job_cannot_be_finished", "DID NOT RAISE"),
    Mutant("cancel ignored by heartbeat", CLAIM, "        progress.stop = Cancelled", "        pass", "tests/faults/test_workers.py::test_a_running_job_is_cancelled_and_publishes_nothing", "memo is running"),
    Mutant("grants of then", RUN, "if actor is None or actor.organisation_id != job.organisation_id:", "if actor is None:", "tests/jobs/test_run.py::test_who_lost_the_access_gets_nothing", "'(running|succeeded)', "),
    Mutant("slots run twice", "aimprogress/jobs/timetable.py", "if not _ask_count(_TAKE, entry):", "if _ask_count(_TAKE, entry) and False:", "tests/jobs/test_timetable.py::test_many_beats_at_once_run_a_slot_once", "\\[1, 1"),
    Mutant("position passes a failure", "aimprogress/jobs/delivery.py", "return reached, count, True", "return event.seq, count, True", "tests/jobs/test_delivery.py::test_what_a_failing_subscriber_wrote_is_undone_and_the_event_comes_again", "assert 1 == 2|assert 0 == 1"),
    Mutant("no heartbeat", "aimprogress/jobs/heartbeat.py", "        self._thread.start()", "        pass", "tests/faults/test_workers.py::test_work_longer_than_its_lease_keeps_it", "assert [23] == 1|failed"),
    Mutant("no sweeper", "aimprogress/jobs/sweeper.py", "        while not self._over.wait(sweep_every()):", "        while False:", "tests/faults/test_workers.py::test_a_killed_workers_job_is_finished_by_another_once", "memo is (queued|running)"),
    Mutant("wake-ups that expire", WAKE, "ignore_result=True)", "ignore_result=True, expires=300)", "tests/jobs/test_wake.py::test_a_message_carries_nothing_that_a_wrong_clock_could_judge", "Extra items in the left set"),
    Mutant("the request sends", WAKE, "        self._wanted.set()\n", "        self.send(WAKE)\n", "tests/jobs/test_wake.py::test_who_wakes_does_not_wait_and_many_wishes_are_few_messages", "< 0.2"),
    Mutant("a patient sender", WAKE, "SECONDS_TO_ANSWER = 1.0", "SECONDS_TO_ANSWER = 12.0", "tests/jobs/test_wake.py::test_a_broker_that_never_answers_is_given_up_soon", "< 4"),
    Mutant("lease by the worker's clock", CLAIM, "_OVER = \"state = 'running' AND lease_until < clock_timestamp()\"", "import time\n_OVER = f\"state = 'running' AND lease_until < to_timestamp({time.time()})\"", "tests/faults/test_servers.py::test_a_worker_whose_clock_is_hours_off_works_like_any_other[+2h]", "assert [23] == 1|failed"),
    Mutant("files written in place", "aimprogress/core/files.py", "        _write_durably(target, source)", "        target.parent.mkdir(parents=True, exist_ok=True); target.write_bytes(source.read())", "tests/faults/test_servers.py::test_a_full_disk_delays_a_job_and_leaves_no_half_file", "ballast"),
]  # fmt: skip


def main(names: list[str]) -> int:
    """Run the mutants named, or all; the exit code is the number that survived."""
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv", ".git", "var", "__pycache__", "node_modules"))
        (copy / ".venv").symlink_to(ROOT / ".venv")
        for mutant in MUTANTS:
            if not names or mutant.name in names:
                survived += not _bites(mutant, copy)
    return survived


def _bites(mutant: Mutant, copy: Path) -> bool:
    path = copy / mutant.file
    text = path.read_text()
    assert mutant.old in text, f"{mutant.name}: {mutant.file} has changed, the mutant has not"
    path.write_text(text.replace(mutant.old, mutant.new) if mutant.old else text)
    try:
        code, said = _run(mutant.test.split(), copy)
    finally:
        path.write_text(text)
    good = code == 0 if not mutant.words else code == 1 and re.search(mutant.words, said) is not None
    sys.stdout.write(f"{'ok      ' if good else 'SURVIVED'} {mutant.name}\n")
    if not good:
        sys.stdout.write(
            "\n".join(line for line in said.splitlines() if line.startswith(("E ", "FAILED", "ERROR")))[-1500:] + "\n"
        )
    sys.stdout.flush()
    return good


def _run(tests: list[str], copy: Path) -> tuple[int, str]:
    arguments = [str(ROOT / ".venv/bin/python"), "-m", "pytest", "-x", "-q", *tests]
    with subprocess.Popen(
        arguments, cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            said = process.communicate(timeout=SECONDS)[0]
            return process.returncode, said
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            return -1, process.communicate()[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
