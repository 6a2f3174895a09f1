"""Where no mail server is set (EMAIL_URL): mail stands in a file of this machine, never on a terminal."""

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends import console


class EmailBackend(console.EmailBackend):
    """Adds each mail to the end of `DATA_DIR/log/mail.log`. Only the portal's user can read it: it may hold a link that opens."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        settings.MAIL_FILE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(settings.MAIL_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as self.stream:
            return super().send_messages(email_messages)
