"""What happened, said at the top of the next page, with an undo where the service has one."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from aimprogress.places.warned import warned_word

UNDO = "undo="


def notice(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    """Tell the reader on the next page. `undo_url` is posted to by the Undo button beside the text."""
    messages.success(request, text, extra_tags=f"{UNDO}{undo_url}" if undo_url else "")


def warn_of_words(request: HttpRequest, said: Iterable[object]) -> None:
    """Remind the reader on the next page where a text that was stored speaks of units, air defence or a strike."""
    if word := next(filter(None, (warned_word(text) for text in said if isinstance(text, str))), ""):
        told = _("“%(word)s” is stored. Leave units, air defence and where something struck out of what outsiders read.")
        messages.warning(request, told % {"word": word})


def undo_url_of(message: object) -> str:
    """The address of the Undo button of a message, or an empty text."""
    tags = getattr(message, "extra_tags", "") or ""
    return tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""
