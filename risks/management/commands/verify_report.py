"""`manage.py verify_report FILE`: is this report as it was made?"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from risks.reports.verify import verify


class Command(BaseCommand):
    help = "Re-hash the files inside a report and compare them with the fingerprint on its pages."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            pdf = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        verdict = verify(pdf)
        self.stdout.write(f"pdf       sha256 {verdict.pdf_sha256}, {verdict.pages} pages")
        if verdict.evidence_sha256:
            self.stdout.write(f"snapshot  sha256 {verdict.evidence_sha256}, {len(verdict.files)} files inside")
        if verdict.number:
            self.stdout.write(f"printed   {verdict.number} · {verdict.printed}")
        if not verdict.holds:
            raise CommandError("\n".join(verdict.problems))
        self.stdout.write(self.style.SUCCESS("The pages, the snapshot and the attached tables belong together."))
