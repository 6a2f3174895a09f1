"""Erase a member that left: every row, every file, every account of it alone; a receipt stays."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from aimprogress.core.actor import acting_as, current_actor
from aimprogress.core.audit import Act, AuditChain, append
from aimprogress.core.files import StoredFile
from aimprogress.core.orphans import remove_files
from aimprogress.jobs.kinds import PermanentFailure, Progress, job_kind
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import enqueue
from aimprogress.jobs.timetable import timetabled
from members.models import Departure, LegalHold, Organisation, RoleGrant
from members.services.leavers import end_sessions

KIND, ACTION = "erase", "members.erase_organisation"
LATE = timedelta(days=2)
HELD = gettext_noop("A legal hold is in force, so nothing was erased. It is tried again tomorrow.")
NOT_NOW = gettext_noop("This organisation does not leave, or not yet.")


@timetabled("members.erase_who_left", every=timedelta(hours=1), offset=timedelta(minutes=40))
def erase_who_left() -> None:
    """Queue the erasure of members whose waiting time is over; while a hold stops it, once a day.

    A request that was under way while a member was erased may have written a row afterwards: it goes with the next look.
    """
    now = timezone.now()
    for departure in Departure.objects.filter(erased_at__gt=now - LATE):
        if late := _ask("retention_erase_late", departure):
            append([Act(ACTION, None, body={"departure": str(departure.pk), "late": late})])
    team = Organisation.objects.filter(kind=Organisation.Kind.SECRETARIAT).first()
    for departure in Departure.objects.filter(due_at__lte=now, stopped_at=None, erased_at=None):
        if team is not None:
            with acting_as(replace(current_actor(), organisation_id=team.pk)):
                enqueue(KIND, {"departure": str(departure.pk)}, idempotency_key=f"erase:{departure.pk}:{now:%Y-%m-%d}")


@job_kind(KIND, title=_("Erasing a member that left"), max_runtime=timedelta(minutes=60), of_the_portal=True)
def erase(job: Job, progress: Progress) -> None:
    """All of it in the Job's one transaction: a worker that is killed has erased nothing, and another does it once."""
    departure = Departure.objects.select_for_update(of=("self",)).filter(pk=job.params["departure"]).first()
    if departure is None or not departure.is_open or departure.due_at is None or departure.due_at > timezone.now():
        raise PermanentFailure(NOT_NOW)
    if LegalHold.objects.in_force().filter(organisation=departure.organisation_id).exists():
        raise PermanentFailure(HELD)
    progress(0, 1, gettext_noop("Erasing rows and files"))
    hashes = sorted(set(StoredFile.objects.filter(organisation=departure.organisation_id).values_list("sha256", flat=True)))
    end_sessions(_people_of(departure))
    departure.receipt = {**_ask("retention_erase", departure), "files": len(hashes), "last_audit_entry": _head_of(departure)}
    departure.receipt_sha256 = fingerprint(departure.receipt)
    departure.erased_at = timezone.now()
    departure.save(update_fields=["receipt", "receipt_sha256", "erased_at"])
    append([Act(ACTION, None, body={"departure": str(departure.pk), "receipt": departure.receipt_sha256})])
    transaction.on_commit(partial(remove_files, hashes), robust=True)


def fingerprint(receipt: dict[str, Any]) -> str:
    """The sha256 of a receipt; the portal's own audit chain holds it, too."""
    return hashlib.sha256(json.dumps(receipt, sort_keys=True).encode()).hexdigest()


def _people_of(departure: Departure) -> set[UUID]:
    return set(RoleGrant.objects.filter(organisation=departure.organisation_id).values_list("user_id", flat=True))


def _ask(function: str, departure: Departure) -> dict[str, Any]:
    """What a function of the owner took, by table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [departure.pk])
        found = cursor.fetchone()[0]
    return json.loads(found) if isinstance(found, str) else found


def _head_of(departure: Departure) -> dict[str, Any]:
    head = AuditChain.objects.filter(pk=departure.organisation_id).first()
    return {"seq": head.seq, "hash": head.hash} if head else {}
