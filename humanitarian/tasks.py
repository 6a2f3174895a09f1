"""What runs by the clock in this app."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from aimprogress.jobs.timetable import timetabled
from humanitarian.models import SafetyAction

LEFT_OVERDUE = timedelta(days=10)


def pulse_of_the_demo() -> None:
    """The demo breathes: an action that is late for long is done, or put off for some weeks (decisions 6.2)."""
    today = timezone.localdate()
    late = SafetyAction.objects.open().filter(due_on__lt=today - LEFT_OVERDUE)
    for action in late.select_for_update(of=("self",)).order_by("pk"):
        if action.number % 3:
            action.due_on, action.escalated = today + timedelta(days=action.number % 25), 0
        else:
            action.status, action.done_on, action.evidence = SafetyAction.Status.DONE, today, "Inspected on site"
        action.save()


if settings.DEMO:
    timetabled("humanitarian.pulse_of_the_demo", every=timedelta(days=1))(pulse_of_the_demo)
