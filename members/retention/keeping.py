"""The daily Job that keeps to the rules: one organisation a transaction, and what is more than it may take as another Job."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from aimprogress.core.actor import SYSTEM, Actor, acting_as, current_actor
from aimprogress.core.audit import Act, append, hold_chain
from aimprogress.core.ids import NO_ORGANISATION
from aimprogress.jobs.kinds import Progress, job_kind
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import enqueue
from aimprogress.jobs.timetable import timetabled
from members.models import Departure, Organisation, RetentionTally

from .rules import RULES, Rule

BATCH = 2000
"""Rows of one rule and organisation in one Job: what one transaction holds."""
ACTION = "members.keep_to_rule"
KIND = "retention"


@timetabled("members.keep_to_rules", every=timedelta(days=1), offset=timedelta(hours=1))
def ask_for_retention() -> None:
    """Queue the day's work. Where no AIM-Progress team exists yet there is nothing to keep either."""
    ask(part=1)


def ask(*, part: int) -> Job | None:
    """A Job of the AIM-Progress team's organisation, once a day and part."""
    team = Organisation.objects.filter(kind=Organisation.Kind.SECRETARIAT).first()
    if team is None:
        return None
    with acting_as(replace(current_actor(), organisation_id=team.pk)):
        return enqueue(KIND, {"part": part}, idempotency_key=f"retention:{timezone.now():%Y-%m-%d}:{part}")


@job_kind(KIND, title=_("Deleting what is no longer kept"), max_runtime=timedelta(minutes=30), of_the_portal=True, in_parts=True)
def keep_to_rules(job: Job, progress: Progress, actor: Actor) -> None:
    """Keep to every rule for every organisation, at most `BATCH` rows each. Running it again is safe. Only for the portal itself.

    A worker that is killed leaves whole organisations: the Job is claimed again and does the others. Where a rule found as much
    as it may take, the rest is another Job.
    """
    if actor.kind != "system":
        raise PermissionDenied
    if keep(timezone.now(), progress):
        with acting_as(SYSTEM):
            ask(part=job.params["part"] + 1)


def keep(now: datetime, progress: Progress) -> bool:
    """Keep to the rules as of `now`, in one transaction for each organisation; says whether more is left."""
    with acting_as(SYSTEM):
        erased = Departure.objects.filter(erased_at__isnull=False)
        remaining = Organisation.objects.exclude(pk__in=erased.values("organisation"))
        every = list(remaining.order_by("pk").values_list("pk", "kind"))
    more = False
    for place, (organisation_id, kind) in enumerate(every):
        with acting_as(SYSTEM):
            found = _keep_all(organisation_id, now, is_team=kind == Organisation.Kind.SECRETARIAT)
            progress(place + 1, len(every), gettext_noop("Looking at every organisation"))
        more = more or any(rows >= BATCH for rows in found.values())
    return more


def _keep_all(organisation_id: UUID, now: datetime, *, is_team: bool) -> dict[str, int]:
    """Every rule for one organisation: how many rows each took.

    The only wait is the first one, for the chain, while nothing is held: so a service that holds rows and wants the chain goes on
    when this is over, and one that holds the chain and wants rows was let through before (core/retention.py).
    """
    hold_chain(organisation_id)
    found = {rule.name: _keep_one(rule, organisation_id, now, is_team) for rule in RULES if is_team or not rule.of_the_portal}
    _count(organisation_id, found, now)
    if body := {name: rows for name, rows in found.items() if rows}:
        append([Act(ACTION, organisation_id, body=body)])
    return found


def _keep_one(rule: Rule, organisation_id: UUID, now: datetime, is_team: bool) -> int:
    rows = rule.keep(organisation_id, now, BATCH)
    if rule.name == "audit_bodies" and is_team:  # the portal's own chain belongs to nobody
        rows += rule.keep(NO_ORGANISATION, now, BATCH)
    return rows


def _count(organisation_id: UUID, found: dict[str, int], now: datetime) -> None:
    fresh = [RetentionTally(organisation_id=organisation_id, rule=name, ran_at=now) for name in found]
    RetentionTally.objects.bulk_create(fresh, ignore_conflicts=True)
    tallies = RetentionTally.objects.filter(organisation=organisation_id)
    tallies.filter(rule__in=[name for name, rows in found.items() if not rows]).update(ran_at=now)
    for name, rows in found.items():
        if rows:
            tallies.filter(rule=name).update(ran_at=now, changed_at=now, last_rows=rows, all_rows=F("all_rows") + rows)
