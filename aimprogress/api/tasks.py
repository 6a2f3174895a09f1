"""What runs by the clock for the API."""

from datetime import timedelta

from django.utils import timezone

from aimprogress.api.models import IdempotencyKey
from aimprogress.jobs.timetable import timetabled

KEPT = timedelta(hours=24)


@timetabled("api.forget_answers", every=timedelta(hours=1))
def forget_answers() -> int:
    """Delete answers that were kept for repeated requests longer than a day. Returns how many; running it again is safe."""
    count, _models = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return count
