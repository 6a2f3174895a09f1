"""The night, in which only what is urgent is sent."""

from datetime import datetime

from django.utils import timezone

from aimprogress.figures.numbers import number


def is_quiet(now: datetime) -> bool:
    """Whether it is night in Kyiv, when only what is urgent is sent."""
    begins, ends = number("QUIET_HOURS")
    hour = timezone.localtime(now).hour
    return hour >= begins or hour < ends if begins > ends else begins <= hour < ends
