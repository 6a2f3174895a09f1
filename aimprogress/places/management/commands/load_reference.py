"""`manage.py load_reference`: areas, settlements and the official list, from the bundled files."""

import time

from django.core.management.base import BaseCommand

from aimprogress.places.reference import load_reference


class Command(BaseCommand):
    help = "Load areas, settlements and the official list of territories from the bundled files. Safe to run again."

    def handle(self, **options: object) -> None:
        began = time.monotonic()
        counts = load_reference()
        words = ", ".join(f"{count} {noun.replace('_', ' ')}" for noun, count in counts.items())
        self.stdout.write(f"Reference data: {words}; {time.monotonic() - began:.1f} s.")
