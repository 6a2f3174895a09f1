"""What people do with jobs: stop one, ask for one again."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor, current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service

from .kinds import KINDS
from .models import Job
from .requests import enqueue


def belongs_to(job: Job, actor: Actor) -> bool:
    """True for who asked for the job: in the same organisation, as the same person or with the same key."""
    if actor.kind == "system":
        return True
    if job.organisation_id != actor.organisation_id:
        return False
    if job.api_key_id is not None:
        return job.api_key_id == actor.key_id
    return actor.user_id is not None and job.requester_id == actor.user_id


def may_open(job: Job, actor: Actor) -> bool:
    """True for who may have what the job made: who asked for it and still holds the permissions that it needs."""
    kind = KINDS.get(job.kind)
    return belongs_to(job, actor) and (kind is None or kind.may_open is None or kind.may_open(job, actor))


@service(Permission.JOB_READ)
def cancel_job(*, job: Job) -> Job:
    """Stop a job: one that has not started at once, a running one as soon as its work looks up.

    Raises PermissionDenied for anybody but the requester (and who manages the organisation's people), ValidationError where
    the job is over.
    """
    actor = current_actor()
    if not belongs_to(job, actor) and not (actor.owns(job.organisation_id) and actor.may(Permission.PEOPLE_MANAGE)):
        raise PermissionDenied
    locked = Job.objects.select_for_update(no_key=True).get(pk=job.pk)
    if locked.is_terminal:
        raise ValidationError(_("This job is already over."), code="over")
    changes: dict = {"cancel_requested": True}
    if locked.state != Job.State.RUNNING:
        changes |= {"state": Job.State.CANCELLED, "finished_at": Now(), "error": ""}
    Job.objects.filter(pk=job.pk).update(**changes)
    return Job.objects.get(pk=job.pk)


@service(Permission.JOB_READ)
def retry_job(*, job: Job) -> Job:
    """Ask for the same work again: a new Job that names the old one.

    Raises PermissionDenied for anybody but the requester, ValidationError while the old job is not over or has succeeded.
    """
    if not belongs_to(job, current_actor()):
        raise PermissionDenied
    job = Job.objects.get(pk=job.pk)
    if not job.is_terminal or job.state == Job.State.SUCCEEDED:
        raise ValidationError(_("Only a job that failed or was cancelled can be asked for again."), code="not_over")
    # The key makes two clicks one job: a retry happens once for each job.
    return enqueue(job.kind, job.params, idempotency_key=f"retry:{job.pk}", retry_of=job)
