"""A phone of its own: the link that makes it one, and the copy of the page that it keeps for when there is no signal."""

import hashlib
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition
from django.views.generic import View

from aimprogress.core.exceptions import Conflict
from aimprogress.web.pages import Access, Guarded
from members.access import keep_device_cookie
from members.services.devices import enrol_device, find_offer, is_taken
from members.views.checkin import statuses_to_offer

CONFLICT, GONE = 409, 410
MADE_OF = {
    "style.css": ("text/css", ("css/tokens.css", "css/checkin.css")),
    "app.js": ("text/javascript", ("js/checkin.js",)),
    "sw.js": ("text/javascript", ()),
}
"""The files of the phone and what each is put together from: few requests count more on 2G than tidy folders."""

SHELL = ("checkin_base.html", "members/checkin.html", "members/_checkin_queue.html", "members/_checkin_icons.html")


@cache
def file_of_phone(name: str) -> str:
    """The text of a file of the phone. The service worker carries a fingerprint of what it keeps: a change renews it."""
    if name == "sw.js":
        kept = [file_of_phone(other) for other in ("style.css", "app.js")]
        kept += [get_template(template).template.source for template in SHELL]
        version = hashlib.sha256("".join(kept).encode()).hexdigest()[:12]
        return render_to_string("members/checkin_sw.js", {"version": version})
    return without_remarks("\n".join(Path(finders.find(part)).read_text(encoding="utf-8") for part in MADE_OF[name][1]))


def without_remarks(text: str) -> str:
    """A style or script as a phone gets it: what is written for its reader, a quarter of it, is no use on 2G.

    Remarks are `/* */`, and `//` on lines of their own; no text of a file of the phone may have these signs in it.
    """
    return re.sub(r"(?m)^[ \t]*(//.*\n|\n)?", "", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def _tag(request: HttpRequest, name: str) -> str | None:
    return f'"{hashlib.sha256(file_of_phone(name).encode()).hexdigest()[:16]}"' if name in MADE_OF else None


@method_decorator([gzip_page, condition(etag_func=_tag)], name="dispatch")
class PhoneFile(Guarded, View):
    """Style, script and service worker of the phone, below /c/ so that the service worker may look after its pages."""

    permission = Access.PUBLIC

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        if name not in MADE_OF:
            raise Http404
        return HttpResponse(
            file_of_phone(name), content_type=MADE_OF[name][0] + "; charset=utf-8", headers={"Cache-Control": "no-cache"}
        )


@method_decorator(gzip_page, name="dispatch")
class Shell(Guarded, View):
    """The form without anything in it: no site, no name, no token. A phone keeps it for when there is no signal."""

    permission = Access.PUBLIC
    neutral = _("Check-in")

    def get(self, request: HttpRequest) -> HttpResponse:
        response = render(request, "members/checkin.html", {"shell": True, "statuses": statuses_to_offer()})
        response["Cache-Control"] = "no-cache"
        return response


class EnrolPhone(Guarded, View):
    """What the code on the coordinator's screen opens. Looking at it uses nothing up; pressing the button does, once."""

    permission = Access.PUBLIC
    sensitive = True
    neutral = _("Check-in")

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        device = find_offer(secret)
        language = device.language if device is not None and not request.GET.get("lang") else translation.get_language()
        taken = device is not None and is_taken(request.device, device.site_id)
        context = {"device": device, "so_far": request.device if taken else None}
        with translation.override(language):
            return render(request, "members/checkin_enrol.html", context, status=CONFLICT if taken else 200 if device else GONE)

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        try:
            enrolled = enrol_device(text=secret, on=request.device)
        except Conflict:
            return self.get(request, secret)
        device = enrolled.row
        response = HttpResponseRedirect(reverse("members:check_in", args=[device.site.checkin_code]))
        keep_device_cookie(response, enrolled.text)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, device.language, max_age=365 * 86400, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE, httponly=True,
        )  # fmt: skip
        return response
