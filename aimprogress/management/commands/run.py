"""`manage.py run`: what `make run` calls once everything is installed."""

import os
import sys

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Start PostgreSQL, Valkey, web, worker and beat; Ctrl-C stops them."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--port", type=int, help="port of the web server, 8000 where neither this nor PORT says otherwise")

    def handle(self, *args: object, port: int | None, **options: object) -> None:
        if port:
            os.environ["PORT"] = str(port)
        # A fresh interpreter: the launcher needs no Django, and no database address may have been taken over.
        os.execv(sys.executable, [sys.executable, "-m", "aimprogress.embedded"])  # noqa: S606 - this same interpreter
