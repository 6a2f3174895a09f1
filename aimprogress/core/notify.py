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
        headers = {"Message-ID": f"<{key}.{user.pk}@portal>"} if key else {}
        try:
            sent += EmailMessage(subject, text, to=[user.email], headers=headers).send()
        except OSError as error:
            log.warning("mail to user %s was not handed over: %s", user.pk, type(error).__name__)
    return sent
