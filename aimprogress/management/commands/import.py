"""`manage.py import sites|head_counts|pay|suppliers FILE --as EMAIL [--apply] [--json OUT]`: the import of the page, now."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from aimprogress.core.actor import acting_as
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.safety import receive
from aimprogress.exchange.services import apply_import, stage_import
from aimprogress.exchange.staging import as_record
from aimprogress.exchange.targets import targets

ACTOR_FOR_USER = "members.access.actor_for_user"  # by name: the ground imports nothing from above


class Command(BaseCommand):
    help = "Read a list of sites, head counts, pay or suppliers as the import page does; --apply writes its rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", choices=sorted(targets()), help="what the rows are")
        parser.add_argument("file", type=Path, help=".xlsx, .xls, .ods, .csv or .tsv, at most 10 MB")
        parser.add_argument(
            "--as", dest="email", required=True, metavar="EMAIL", help="in whose name; the person's own rights apply"
        )
        parser.add_argument("--organisation", metavar="SLUG", help="of which organisation, where the person belongs to several")
        parser.add_argument("--apply", action="store_true", help="write the rows: all of them, or none where one has a problem")
        parser.add_argument("--only-good", action="store_true", help="with --apply: leave out the rows with a problem")
        parser.add_argument("--json", dest="out", type=Path, metavar="OUT", help="write one record per source row to this file")

    def handle(
        self, *, target: str, file: Path, email: str, apply: bool, only_good: bool, out: Path | None, **options: Any
    ) -> None:
        try:
            with file.open("rb") as handle:
                upload = receive(handle, name=file.name, size=file.stat().st_size)
            with acting_as(self._actor(email, options.get("organisation"))) as actor:
                organisation = self._organisation(actor.organisation_id)
                batch = stage_import(organisation=organisation, target=target, upload=upload, now=True)
                if out:
                    self._write(out, batch)
                self._say(batch.counts)
                if apply:
                    batch = apply_import(batch=batch, only_good=only_good, now=True)
                    self.stdout.write(f"imported: {batch.counts['new']} new, {batch.counts['changed']} changed")
        except FileNotFoundError as error:
            raise CommandError(f"{file}: there is no such file.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except PermissionDenied as error:
            raise CommandError(f"{email} may not import {target}.") from error

    def _actor(self, email: str, slug: str | None) -> Any:
        users = get_user_model().objects.filter(email__iexact=email, is_active=True)
        if (user := users.first()) is None:
            raise CommandError(f"Nobody with the address {email} can sign in here.")
        organisation = None
        if slug:
            from django.apps import apps

            organisation = (
                apps.get_model("members", "Organisation").objects.filter(slug=slug).values_list("pk", flat=True).first()
            )
        return import_string(ACTOR_FOR_USER)(user, organisation)

    def _organisation(self, organisation_id: Any) -> Any:
        from django.apps import apps

        return apps.get_model("members", "Organisation").objects.get(pk=organisation_id)

    def _write(self, out: Path, batch: Any) -> None:
        records = [as_record(row) for row in ImportRow.objects.filter(batch=batch).order_by("number")]
        out.write_text(json.dumps(records, ensure_ascii=False, indent=1), encoding="utf-8")

    def _say(self, counts: dict[str, int]) -> None:
        said = ", ".join(f"{counts[outcome]} {outcome}" for outcome in ImportRow.Outcome.values)
        self.stdout.write(f"{counts['rows']} rows: {said}")
