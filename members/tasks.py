"""What runs by the clock in this app."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from aimprogress.jobs.timetable import timetabled
from members import late  # noqa: F401 - its line of the timetable is registered by being read
from members.pulse import pulse_of_the_demo
from members.retention import archive, erasing, keeping  # noqa: F401 - the same, and their kinds of Job
from members.safety import taken_since
from members.services.sites import take_under_the_profile
from members.weeks import count_next_week


@timetabled("members.count_weeks", every=timedelta(hours=1))
def count_weeks() -> None:
    """Count the week that ended, or one of those that were missed."""
    count_next_week(now=timezone.now())


@timetabled("members.follow_the_list", every=timedelta(hours=1))
def follow_the_list() -> None:
    """A newer list, or the day on which one begins to hold, takes sites under the safety profile; the clock lets none out."""
    for site in taken_since():
        take_under_the_profile(site=site)


if settings.DEMO:
    timetabled("members.pulse_of_the_demo", every=timedelta(hours=1))(pulse_of_the_demo)
