"""How numbers, moments and shares are printed, in the language that is active. Pure: no clock, no settings of the user."""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils import dateformat
from django.utils.translation import get_language, pgettext

THIN = "\N{NARROW NO-BREAK SPACE}"
NO_BREAK = "\N{NO-BREAK SPACE}"


def _marks() -> tuple[str, str]:
    """Thousands and decimal marks; Ukrainian groups with a space and writes a decimal comma."""
    return (NO_BREAK, ",") if _is_ukrainian() else (",", ".")


def _is_ukrainian() -> bool:
    return (get_language() or "en").startswith("uk")


def whole(count: int) -> str:
    """A count: 9,206 or 9 206."""
    return f"{count:,}".replace(",", _marks()[0])


def decimal(text: str | Decimal, places: int | None = None) -> str:
    """A decimal given as text, with its own or the given number of places: 4,500,000.00 or 4 500 000,00."""
    value = Decimal(text)
    shown = f"{value:,.{places}f}" if places is not None else f"{value:,f}"
    group, point = _marks()
    return shown.replace(",", "\0").replace(".", point).replace("\0", group)


def percent(text: str | Decimal) -> str:
    """A share with its sign: 99.3 % (narrow no-break space)."""
    return f"{decimal(text, 1)}{THIN}%"


def moment_of(text: str) -> datetime:
    """The moment that the snapshot writes as 2026-11-22T06:40:00Z, or with microseconds."""
    return datetime.fromisoformat(text).astimezone(UTC)


def instant(text: str) -> str:
    """A moment in UTC: 22 Nov 2026, 06:40."""
    return dateformat.format(moment_of(text), pgettext("date format, see Django's date filter", "j M Y, H:i"))


def day(text: str) -> str:
    """A day: 22 Nov 2026."""
    return dateformat.format(date.fromisoformat(text[:10]), pgettext("date format, see Django's date filter", "j M Y"))


def short_day(text: str) -> str:
    """A day without its year: 22 Nov."""
    return dateformat.format(date.fromisoformat(text[:10]), pgettext("date format, see Django's date filter", "j M"))


def month(text: str) -> str:
    """The month of a day, in full: October 2026; as Ukrainian writes it within a sentence: жовтень 2026."""
    said = dateformat.format(date.fromisoformat(text[:10]), pgettext("date format, see Django's date filter", "F Y"))
    return said.lower() if _is_ukrainian() else said


def period(first: str, last: str) -> str:
    """A whole month by its name, any other period by its two days."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    next_month = date(begin.year + begin.month // 12, begin.month % 12 + 1, 1)
    if begin.day == 1 and (next_month - end).days == 1:
        return month(first)
    return pgettext("a period from one day to another", "%(first)s to %(last)s") % {"first": day(first), "last": day(last)}


def hours(text: str) -> str:
    """A span given in hours: 3 d 2 h, or 7 h."""
    total = int(Decimal(text))
    if total < 24:
        return pgettext("a span of hours", "%(hours)s h") % {"hours": total}
    return pgettext("a span of days and hours", "%(days)s d %(hours)s h") % {"days": total // 24, "hours": total % 24}
