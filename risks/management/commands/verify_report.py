"""`manage.py verify_report FILE [--as EMAIL]`: is this report as it was made, and do the records still say so?"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, connection

from aimprogress.core.actor import SYSTEM, Actor
from members.access import actor_for_user
from members.models import User
from risks.reports.evidence import Evidence
from risks.reports.recompute import NotOurs, recompute
from risks.reports.since import Outcome, Recomputed
from risks.reports.verify import OUT_OF_SHAPE, Verdict, verify

MOST_DIFFERENCES = 20
WIDEST = 80


class Command(BaseCommand):
    help = (
        "Re-hash the files inside a report and compare them with the fingerprint on its pages. Where the portal's database is "
        "at hand, make its figures again as of its cut-off and list what differs."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="recompute with this person's own rights")

    def handle(self, *, file: Path, email: str | None, **options: Any) -> None:
        try:
            pdf = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        verdict = verify(pdf)
        self.stdout.write(f"pdf       sha256 {verdict.pdf_sha256}, {verdict.pages} pages")
        if verdict.evidence_sha256:
            self.stdout.write(f"snapshot  sha256 {verdict.evidence_sha256}, {len(verdict.files)} files inside")
        if verdict.number:
            self.stdout.write(f"printed   {verdict.number} · {verdict.printed}")
        if verdict.holds:
            self.stdout.write(self.style.SUCCESS("The pages, the snapshot and the attached tables belong together."))
        problems = [*verdict.problems, *self._against_the_records(verdict, email)]
        if problems:
            raise CommandError("\n".join(problems))

    def _against_the_records(self, verdict: Verdict, email: str | None) -> list[str]:
        """Print what came of each figure; what is wrong with them, in words."""
        if verdict.evidence is None:
            return []
        try:
            connection.ensure_connection()
        except (OperationalError, InterfaceError):
            self.stdout.write("records   the database is not at hand: no figure was recomputed")
            return []
        return self._recomputed(verdict, verdict.evidence, email)

    def _recomputed(self, verdict: Verdict, evidence: Evidence, email: str | None) -> list[str]:
        try:
            actor = _actor(email, UUID(evidence["meta"]["organisation"]["id"]))
            found = recompute(evidence, actor, pdf_sha256=verdict.pdf_sha256, evidence_sha256=verdict.evidence_sha256)
        except NotOurs:
            self.stdout.write("records   this portal does not know the member, or shows not all of it: no figure was recomputed")
            return []
        except OUT_OF_SHAPE as error:
            return [f"The snapshot is not of the shape of a report: {error!r}."]
        self.stdout.write(f"records   as they were known at {evidence['meta']['as_of']}")
        for figure in found.figures:
            self._say(figure)
        counts = {outcome: sum(figure.outcome is outcome for figure in found.figures) for outcome in Outcome}
        self.stdout.write(f"figures   {', '.join(f'{count} {outcome.value}' for outcome, count in counts.items())}")
        return [
            *found.problems,
            *(f"{figure.reference} differs from the records." for figure in found.figures if figure.outcome is Outcome.DIFFERS),
        ]

    def _say(self, figure: Recomputed) -> None:
        self.stdout.write(f"{figure.reference:<9} {figure.outcome.value}{': ' if figure.why else ''}{figure.why}")
        for one in figure.differences[:MOST_DIFFERENCES]:
            self.stdout.write(f"            {one.path}: {_short(one.report)} in the report, {_short(one.records)} in the records")
        if (more := len(figure.differences) - MOST_DIFFERENCES) > 0:
            self.stdout.write(f"            and {more} more places")


def _actor(email: str | None, member: UUID) -> Actor:
    if not email:
        return SYSTEM
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise CommandError(f"Nobody with the address {email} can sign in here.")
    return actor_for_user(user, member)


def _short(value: Any) -> str:
    said = value if value == "absent" else json.dumps(value, ensure_ascii=False, default=str)
    return said if len(said) <= WIDEST else f"{said[: WIDEST - 1]}…"
