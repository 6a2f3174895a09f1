"""What the exchange does by the clock, and its long work: reading, importing and taking back large lists."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from aimprogress.core.exceptions import Conflict
from aimprogress.exchange.models import UNDO_WITHIN, ImportBatch, ImportRow
from aimprogress.exchange.services import apply_import, read_import, undo_import
from aimprogress.exchange.staging import telling
from aimprogress.jobs.kinds import PermanentFailure, Progress, job_kind
from aimprogress.jobs.models import Job
from aimprogress.jobs.timetable import timetabled

GONE = gettext_noop("The list is no longer there.")
TITLES = {"read": _("Reading a list"), "apply": _("Importing a list"), "undo": _("Taking an import back")}


def title_of_import(job: Job) -> str:
    return TITLES.get(job.params.get("work", ""), _("Import"))


@job_kind("import", title=_("Import"), max_runtime=timedelta(minutes=30), title_of=title_of_import)
def work_on_import(job: Job, progress: Progress) -> None:
    """Do with a large list what its page asked for, as the requester.

    All of it is one transaction with the end of the job. Where it runs again after a crash nothing of the first time is left;
    where somebody asks again for what is done, the list itself says that it was imported or taken back.
    """
    batch = ImportBatch.objects.select_related("organisation").filter(pk=job.params["batch"]).first()
    if batch is None:
        raise PermanentFailure(GONE)
    try:
        with telling(progress):
            match job.params["work"]:
                case "apply":
                    apply_import(batch=batch, only_good=job.params["only_good"], now=True)
                case "undo":
                    undo_import(batch=batch, now=True)
                case _:
                    read_import(batch=batch, now=True)
    except Conflict as error:  # it would be the same the next time
        raise PermanentFailure(str(error)) from error


@timetabled("exchange.forget_uploads", every=timedelta(hours=1), offset=timedelta(minutes=17))
def forget_uploads() -> None:
    """Empty the files and rows of lists that can no longer be imported or taken back. The counts stay."""
    before = timezone.now() - UNDO_WITHIN
    old = ImportBatch.objects.filter(created_at__lt=before).exclude(content__isnull=True).exclude(applied_at__gt=before)
    for pk in list(old.values_list("pk", flat=True)):
        # one at a time, because each holds a file; held, and not waited for: what somebody does with it just now is done first
        batch = old.select_related("job").defer("content").select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        if batch is None or batch.is_being_worked_on:
            continue
        ImportRow.objects.filter(batch=batch).update(body=None, before=None)
        batch.content = batch.corrections = None
        batch.missing, batch.columns = [], [column | {"example": ""} for column in batch.columns]
        batch.save(update_fields=["content", "corrections", "missing", "columns"])
