"""Mail without content: that somebody should sign in, never why, where or about whom (decisions 5.9)."""

import logging
from collections.abc import Iterable
from typing import Any

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)


def ask_to_sign_in(users: Iterable[Any], *, urgent: bool = False, key: str = "") -> int:
    """Mail each user, in their language, that something waits in the portal. Returns how many mails were handed over.

    `key` makes the Message-ID: a mail that is sent twice after a crash is recognised as one. Never raises: a mail server
    that is down must not undo what was stored.
    """
    sent = 0
    for user in users:
        with translation.override(user.language):
            subject = _("Please sign in now") if urgent else _("Please sign in")
            text = _("Something waits for you in the portal. Sign in to read it. For your safety this mail says no more.")
        sent += mail(user.email, subject, text, key=f"{key}.{user.pk}" if key else "")
    return sent


def mail(address: str, subject: str, text: str, *, key: str = "") -> bool:
    """Hand a mail over; False where the server did not take it. `key` as above. Its text says nothing about people or places."""
    headers = {"Message-ID": f"<{key}@portal>"} if key else {}
    try:
        return bool(EmailMessage(subject, text, to=[address], headers=headers).send())
    except OSError as error:
        log.warning("a mail (%s) was not handed over: %s", key or "without key", type(error).__name__)
        return False
