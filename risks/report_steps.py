"""The steps of a report as a reader sees them. The task counts with the same numbers, so page and worker agree."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.jobs.models import Job

CHAPTERS = 11
EXPECTED_PAGES = 30
STEPS = 1 + CHAPTERS + EXPECTED_PAGES + 1


@dataclass(frozen=True)
class Step:
    """One line: `state` is done, now or next."""

    label: str | Promise
    note: str | Promise
    state: str
    place: int


def steps_of(job: Job) -> list[Step]:
    """The four steps of a job that writes a report."""
    starts = (0, 1, 1 + CHAPTERS, STEPS - 1)
    done = job.progress_done if job.state == Job.State.RUNNING else -1
    words = (
        (_("Facts gathered"), _("as you may see them, and frozen")),
        (_("Chapters written"), _("charts and the map are drawn")),
        (_("Pages set"), _("contents, page numbers, tags for screen readers")),
        (_("Sealed"), _("fingerprint, so that readers can tell it was not changed")),
    )
    found = []
    for place, ((label, note), start) in enumerate(zip(words, starts, strict=True), 1):
        end = starts[place] if place < len(starts) else STEPS
        found.append(Step(label, note, "done" if done >= end else "now" if done >= start else "next", place))
    return found
