"""What does not go into the log."""

import logging


class NotAboutReadiness(logging.Filter):
    """Lets everything through but the 503 of `/readyz`: somebody waits for the portal, and nothing is wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(getattr(record, "request", None), "path", "") != "/readyz"
