"""`manage.py audit_verify`: is every chain of the audit trail whole?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditChain, verify_chains


class Command(BaseCommand):
    help = "Verify every chain of the audit trail; names each altered, removed, added or moved event and ends with status 1."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as(SYSTEM):
            broken = verify_chains()
            count = AuditChain.objects.count()
        for link in broken:
            self.stdout.write(f"chain {link.organisation_id}, event {link.seq}: {link.why}")
        self.stdout.write(f"{count} chains, {len(broken)} broken links")
        if broken:
            sys.exit(1)
