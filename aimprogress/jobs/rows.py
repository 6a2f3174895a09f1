"""The columns of jobs, as the API tells them."""

from aimprogress.figures.rows import Column, Kind, RowSpec

from .models import Job

JOB_ROWS = RowSpec(
    "Job",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("kind", "kind", nullable=False),
        Column("state", "state", choices=tuple(Job.State.values), nullable=False),
        Column("attempts", "attempts", Kind.INTEGER, nullable=False),
        Column("progress_done", "progress_done", Kind.INTEGER, nullable=False),
        Column("progress_total", "progress_total", Kind.INTEGER, nullable=False, about="0 where it is not known"),
        Column("progress_words", "progress_words", nullable=False),
        Column("cancel_requested", "cancel_requested", Kind.BOOLEAN, nullable=False),
        Column("error", "error", nullable=False, about="Plain words: why it failed, or what it waits for"),
        Column("file_name", "result_file__name"),
        Column("file_size", "result_file__size", Kind.INTEGER, about="bytes"),
        Column("file_sha256", "result_file__sha256"),
        Column("retry_of_id", "retry_of_id", Kind.UUID),
        Column("created_at", "created_at", Kind.INSTANT, nullable=False),
        Column("started_at", "started_at", Kind.INSTANT),
        Column("finished_at", "finished_at", Kind.INSTANT),
    ),
)
