"""Short messages without content, through a gateway of the operator's choice. Without `SMS_URL` nobody is asked for anything."""

import base64
import json
import logging
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)
SECONDS = 5
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class _NoRedirect(HTTPRedirectHandler):
    """A gateway that sends elsewhere would get the number sent elsewhere."""

    def redirect_request(self, *args: object) -> None:
        return None


def ask_by_sms(phone: str) -> bool:
    """Ask the holder of `phone` to sign in. False where no gateway is set, or it did not take the message. Never raises."""
    return send(phone, _("Please sign in to the portal now."))


def send(phone: str, text: str) -> bool:
    """POST `{"to", "text"}` as JSON to the gateway. The text says nothing about people or places; the number is not logged."""
    if not settings.SMS_URL:
        return False
    parts = urlsplit(settings.SMS_URL)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        log.error("SMS_URL must be https; no message was sent")
        return False
    netloc = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    address = urlunsplit(parts._replace(netloc=f"{netloc}:{parts.port}" if parts.port else netloc))
    headers = {"Content-Type": "application/json"}
    if parts.username:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
    request = Request(address, json.dumps({"to": phone, "text": text}).encode(), headers)  # noqa: S310 - https, checked above
    try:
        with build_opener(_NoRedirect).open(request, timeout=SECONDS) as answer:
            return 200 <= answer.status < 300
    except (OSError, ValueError) as error:
        log.warning("a short message was not handed over: %s", type(error).__name__)
        return False
