"""What happened, said at the top of the next page, with an undo where the service has one."""

from django.contrib import messages
from django.http import HttpRequest

UNDO = "undo="


def notice(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    """Tell the reader on the next page. `undo_url` is posted to by the Undo button beside the text."""
    messages.success(request, text, extra_tags=f"{UNDO}{undo_url}" if undo_url else "")


def undo_url_of(message: object) -> str:
    """The address of the Undo button of a message, or an empty text."""
    tags = getattr(message, "extra_tags", "") or ""
    return tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""
