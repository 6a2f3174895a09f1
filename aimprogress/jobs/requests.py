"""Ask for long work, once. Called inside the services that own the permission (`request_report`, `request_export`)."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict

from .kinds import KINDS
from .models import Job
from .wake import wake_workers


class KeyReused(Conflict):
    """The Idempotency-Key was used before for something else."""

    status = 422


def enqueue(kind: str, params: dict[str, Any], *, idempotency_key: str | None = None, retry_of: Job | None = None) -> Job:
    """A queued Job of the Actor's own organisation; workers are woken after commit.

    The same key with the same body gives the same Job again (`job.is_new` is False then). Raises KeyReused where the key
    stands for another body, and KeyError for a kind nobody declared. `params` are references and filters, never content;
    `params["version"]` says how to read them.
    """
    actor = current_actor()
    job = Job(
        organisation_id=actor.organisation_id,
        kind=KINDS[kind].name,
        max_attempts=KINDS[kind].max_attempts,
        params={"version": 1} | params,
        requester_id=actor.user_id,
        api_key_id=actor.key_id,
        api_key_label=actor.label if actor.kind == "api_key" else "",
        language=translation.get_language() or "en",
        idempotency_key=idempotency_key or None,
        retry_of=retry_of,
    )
    job.body_hash = body_hash(job.kind, job.params)
    stored = _insert_once(job)
    stored.is_new = stored.pk == job.pk
    if stored.is_new:
        transaction.on_commit(wake_workers, robust=True)
    return stored


def body_hash(kind: str, params: dict[str, Any]) -> str:
    """The fingerprint of what is asked for: sha256 of the canonical JSON."""
    return hashlib.sha256(json.dumps([kind, params], sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _insert_once(job: Job) -> Job:
    job.full_clean(exclude={"id", "organisation", "requester", "retry_of"}, validate_unique=False, validate_constraints=False)
    # ON CONFLICT DO NOTHING waits for a second request with the same key that is not committed yet.
    Job.unscoped.bulk_create([job], ignore_conflicts=True)
    if job.idempotency_key is None:
        return Job.unscoped.get(pk=job.pk)
    stored = Job.unscoped.get(
        organisation_id=job.organisation_id,
        requester_id=job.requester_id,
        api_key_id=job.api_key_id,
        idempotency_key=job.idempotency_key,
    )
    if stored.body_hash != job.body_hash:
        raise KeyReused(_("This Idempotency-Key was used before for another request."))
    return stored
