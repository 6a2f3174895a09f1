"""A process that has Django and Celery loaded and forks a real Celery worker for each line it reads.

Loading takes seconds, forking does not: so every fault test can have fresh workers. A worker is a process group of its own
and dies with this process, which dies with the test run.
"""

import ctypes
import importlib
import json
import os
import signal
import sys
from datetime import timedelta
from typing import Any

LEASE, SWEEP = 1.5, 0.3
_PR_SET_PDEATHSIG = 1
PRELOADED = (
    "celery.bin.celery", "celery.apps.worker", "celery.worker.components", "celery.worker.consumer", "celery.worker.strategy",
    "celery.concurrency.prefork", "celery.app.log", "kombu.transport.redis", "kombu.asynchronous.hub", "weasyprint",
)  # fmt: skip


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def load() -> Any:
    """Load once what every worker needs."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "aimprogress.settings"
    import django
    from django.conf import settings

    django.setup()
    settings.JOB_LEASE_SECONDS, settings.JOB_SWEEP_SECONDS = LEASE, SWEEP
    settings.JOB_BACKOFF = (timedelta(seconds=0.2),)
    from aimprogress.celery import app
    from tests.faults import kinds  # noqa: F401 - declares them

    app.loader.import_default_modules()
    for module in PRELOADED:
        importlib.import_module(module)
    return app


def be_worker(app: Any, options: dict[str, Any], number: int) -> None:
    """Never returns."""
    from django.conf import settings

    os.setsid()
    _die_with_parent()
    settings.FILES_DIR = options["files"]
    arguments = ["worker", "-c", str(options.get("processes", 1)), "-n", f"w{number}@faults", "-l", "WARNING"]
    app.worker_main([*arguments, "--without-mingle", "--without-gossip", "--without-heartbeat"])
    os._exit(0)


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    _die_with_parent()
    app = load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say("ready")
    for number, line in enumerate(sys.stdin):
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            be_worker(app, json.loads(line), number)
        say(pid)


if __name__ == "__main__":
    main()
