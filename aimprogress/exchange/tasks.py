"""What the exchange does by the clock."""

from datetime import timedelta

from django.utils import timezone

from aimprogress.exchange.models import UNDO_WITHIN, ImportBatch, ImportRow
from aimprogress.jobs.timetable import timetabled


@timetabled("exchange.forget_uploads", every=timedelta(hours=1), offset=timedelta(minutes=17))
def forget_uploads() -> None:
    """Empty the files and rows of lists that can no longer be imported or taken back. The counts stay."""
    before = timezone.now() - UNDO_WITHIN
    for batch in ImportBatch.objects.filter(created_at__lt=before).exclude(content__isnull=True).exclude(applied_at__gt=before):
        ImportRow.objects.filter(batch=batch).update(body=None, before=None)
        batch.content = batch.corrections = None
        batch.save()
