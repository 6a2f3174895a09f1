"""Pages and their style sheets leave compressed: a page fits into 60 KB, the check-in into 20 KB."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = {"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"}


class CompressPages(GZipMiddleware):
    """Django's gzip for pages, styles, scripts and drawings.

    Against BREACH - guessing a secret of a page from its compressed length while echoing text into it - stand three
    things: Django adds up to a hundred random bytes to each answer, the CSRF token is masked anew in each page, and a
    key or a recovery code is shown once, on a page that echoes nothing. Answers of the API stay as they are: their
    ETags are strong, and compression would weaken them; files are compressed already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        return super().process_response(request, response) if kind in TEXTS else response
