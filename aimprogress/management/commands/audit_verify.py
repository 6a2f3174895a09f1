"""`manage.py audit_verify [--anchor DIGEST]`: is every chain of the audit trail whole, and what it was on an earlier day?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.anchors import anchor_with, broken_anchors
from aimprogress.core.audit import AuditChain, verify_chains


class Command(BaseCommand):
    help = "Verify every chain of the audit trail; names each altered, removed, added or moved event and ends with status 1."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchor", default="", help="a digest that was mailed: ask whether the trail still says the same")

    def handle(self, *args: Any, anchor: str, **options: Any) -> None:
        with acting_as(SYSTEM):
            broken = [*verify_chains(), *broken_anchors()]
            count = AuditChain.objects.count()
            known = anchor_with(anchor) if anchor else None
        for link in broken:
            self.stdout.write(f"chain {link.organisation_id}, event {link.seq}: {link.why}")
        if anchor:
            self.stdout.write(f"the anchor of {known.at:%Y-%m-%d} is in the trail" if known else "no anchor has this digest")
        self.stdout.write(f"{count} chains, {len(broken)} broken links")
        if broken or (anchor and known is None):
            sys.exit(1)
