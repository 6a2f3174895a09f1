"""`manage.py rebuild_current [--verify]`: makes every site say again what its log says."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.projection import differences


class Command(BaseCommand):
    help = "Recompute what sites show from their logs. With --verify nothing is changed: differences are printed, exit status 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--verify", action="store_true", help="only look; exit status 1 where something differs")
        parser.add_argument("--values", action="store_true", help="print the values too; they may be sensitive")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for found in differences(repair=not options["verify"]):
            wrong += 1
            for name, (stored, said) in sorted(found.fields.items()):
                values = f": {stored!r}, the log says {said!r}" if options["values"] else ""
                self.stdout.write(f"{found.site_id} {name}{values}")
        if wrong and options["verify"]:
            raise CommandError(f"{wrong} sites do not show what their log says.", returncode=1)
        self.stdout.write(f"{wrong} sites were put right." if wrong else "Every site shows what its log says.")
