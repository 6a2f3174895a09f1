"""The marks of the status codes: css key, icon and word (decisions 4.1, ux.md 5). Colour only repeats the word."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class StatusMark:
    """How a group of status codes is shown. `key` is the css class, `icon` the symbol of static/icons.svg."""

    key: str
    icon: str
    label: str | Promise


OPERATING = StatusMark("ok", "ok", pgettext_lazy("site status", "Operating"))
ESSENTIAL = StatusMark("ok", "ok", pgettext_lazy("site status", "Essential only"))
REDUCED = StatusMark("reduced", "reduced", pgettext_lazy("site status", "Reduced"))
PAUSED = StatusMark("paused", "paused", pgettext_lazy("site status", "Paused"))
EVACUATED = StatusMark("evac", "evac", pgettext_lazy("site status", "Evacuated"))
EVACUATING = StatusMark("evac", "evac", pgettext_lazy("site status", "Evacuating"))
MOVED = StatusMark("reduced", "reduced", pgettext_lazy("site status", "Moved"))
CLOSED = StatusMark("closed", "closed", pgettext_lazy("site status", "Closed"))
DIVESTED = StatusMark("closed", "closed", pgettext_lazy("site status", "Sold or transferred"))
NO_CONTACT = StatusMark("lost", "lost", pgettext_lazy("site status", "No contact"))

MARKS = {
    "OPERATING": OPERATING,
    "ESSENTIAL_ONLY": ESSENTIAL,
    "REDUCED": REDUCED,
    "SUSPENDED": PAUSED,
    "EVACUATED": EVACUATED,
    "EVACUATING": EVACUATING,
    "RELOCATED": MOVED,
    "CLOSED": CLOSED,
    "DIVESTED": DIVESTED,
    "UNKNOWN": NO_CONTACT,
    "ok": OPERATING,
    "reduced": REDUCED,
    "moved": MOVED,
    "paused": PAUSED,
    "evac": EVACUATED,
    "closed": CLOSED,
    "lost": NO_CONTACT,
}
NOT_REPORTED = StatusMark("closed", "ask", _("Not reported"))


def mark_of(code: str) -> StatusMark:
    """The mark of a status code or css key; "Not reported" for none or an unknown one."""
    return MARKS.get(code, NOT_REPORTED)
