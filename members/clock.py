"""When an answer of the support desk is due. Pure: hours in which the desk works, and all hours where life is in danger.

The desk works Monday to Friday, 9 to 17 o'clock in Brussels; public holidays are not taken out.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DESK = ZoneInfo("Europe/Brussels")
OPENS, CLOSES = time(9), time(17)
DAY = timedelta(hours=8)
ROUND_THE_CLOCK = {"P1": timedelta(hours=2)}
IN_DESK_HOURS = {"P2": timedelta(hours=8), "P3": 2 * DAY, "P4": 5 * DAY}


def allowed(urgency: str) -> timedelta:
    """How long the desk may take, on the clock of this urgency."""
    return ROUND_THE_CLOCK.get(urgency) or IN_DESK_HOURS[urgency]


def due(urgency: str, since: datetime, left: timedelta | None = None) -> datetime:
    """When the answer is due; `left` where a part of the time was used before a pause."""
    left = allowed(urgency) if left is None else left
    if urgency in ROUND_THE_CLOCK:
        return since + left
    at = since.astimezone(DESK)
    while True:
        opens, closes = _desk_day(at)
        at = max(at, opens)
        if at < closes and left <= closes - at:
            return (at + left).astimezone(since.tzinfo)
        left -= max(closes - at, timedelta())
        at = datetime.combine(at.date() + timedelta(days=1), time(), DESK)


def left(urgency: str, now: datetime, due_at: datetime) -> timedelta:
    """How much time was left on the clock at `now`; nothing where it was over."""
    if now >= due_at:
        return timedelta()
    if urgency in ROUND_THE_CLOCK:
        return due_at - now
    at, end, found = now.astimezone(DESK), due_at.astimezone(DESK), timedelta()
    while at < end:
        opens, closes = _desk_day(at)
        found += max(min(closes, end) - max(opens, at), timedelta())
        at = datetime.combine(at.date() + timedelta(days=1), time(), DESK)
    return found


def _desk_day(at: datetime) -> tuple[datetime, datetime]:
    """When the desk opens and closes on the day of `at`; the same moment at a weekend."""
    opens = datetime.combine(at.date(), OPENS, DESK)
    return opens, opens if at.weekday() >= 5 else datetime.combine(at.date(), CLOSES, DESK)
