"""Load the demo: invented companies at real places, alive relative to now."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.module_loading import autodiscover_modules

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.web.demo import LOADERS, Demo


class Command(BaseCommand):
    help = "Load demo data (invented members, real settlements). Refuses where there is other data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where organisations exist already")

    def handle(self, *, if_empty: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo data needs DEMO=1: it brings accounts that sign in by link.")
        autodiscover_modules("demo")
        demo = Demo()
        with acting_as(SYSTEM) as actor:
            if len(actor.safety) > 1:
                if if_empty:
                    return
                raise CommandError("There are organisations already. Demo data goes into an empty portal only.")
        with transaction.atomic():  # interrupted, it leaves nothing, and the next start loads it whole
            for _order, name, load in sorted(LOADERS, key=lambda entry: entry[:2]):
                with acting_as(SYSTEM):
                    load(demo)
                self.stdout.write(f"demo: {name}")
            demo.write_first_run()
