"""Celery wakes, PostgreSQL decides: this file says how, and nothing here may be needed for correctness."""

import logging
import os

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aimprogress.settings")
# Workers and beat answer no urls: the system checks, which load all of them, are for migrate and the web.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

from django.conf import settings

app = Celery("aimprogress")
app.conf.update(
    broker_url=settings.REDIS_URL,
    # Nobody waits for a result: what became of a job stands on its row.
    result_backend=None,
    task_ignore_result=True,
    accept_content=["json"],
    task_serializer="json",
    # A message is acknowledged before its work: with a late one, a killed worker's message would return only after an hour.
    task_acks_late=False,
    # One message per free process, so that a wake-up never lies behind somebody's long report.
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,
    worker_pool="prefork",
    worker_concurrency=min(2, os.cpu_count() or 1),
    # A process that grew is replaced after its job; a process is replaced now and then in any case.
    worker_max_memory_per_child=600_000,  # KiB
    worker_max_tasks_per_child=200,
    # Said explicitly, because Celery 6 turns it round: the lease decides who works, not the broker's connection.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=4,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    timezone="UTC",
    # In memory: whether a slot was run is a row in PostgreSQL, so the beat needs no file.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={"timetable": {"task": "aimprogress.jobs.tasks.keep_timetable", "schedule": 60.0}},
)
app.autodiscover_tasks()


@worker_init.connect
def prepare_worker(**_: object) -> None:
    """What the worker's main process loads once, so that its children share it. Never the web."""
    from aimprogress.jobs.sweeper import Sweeper

    app.steps["worker"].add(Sweeper)
    for talkative in ("weasyprint", "fontTools"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    try:
        import weasyprint  # noqa: F401 - a second of imports and 60 MB, shared with every child
    except (ImportError, OSError):
        pass  # report jobs then wait and name the libraries that are missing
