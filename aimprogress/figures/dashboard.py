"""The moments of the dashboard's weekly series. Pure."""

from datetime import UTC, datetime, timedelta

WEEK = timedelta(days=7)


def week_ends(as_of: datetime, *, weeks: int = 12) -> list[datetime]:
    """The moments of a weekly series, oldest first: the last week ends before `as_of`, Mondays 00:00 UTC, then `as_of` itself.

    Fixed moments, so that a week is counted once and reads the same tomorrow.
    """
    midnight = as_of.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    if monday == as_of:
        monday -= WEEK
    return [*(monday - WEEK * back for back in reversed(range(weeks - 1))), as_of]
