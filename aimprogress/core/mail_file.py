"""Where no mail server is set (EMAIL_URL): mail stands in a file of this machine, never on a terminal."""

import io
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends import console

from aimprogress.log_files import open_log


class EmailBackend(console.EmailBackend):
    """Adds each mail to the end of `DATA_DIR/log/mail.log`, which is set aside when it is large.

    Only the portal's user can read it: it may hold a link that opens.
    """

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        with io.TextIOWrapper(open_log(settings.MAIL_FILE), encoding="utf-8") as self.stream:
            return super().send_messages(email_messages)
