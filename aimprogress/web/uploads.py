"""Pages that take a file: one that is announced as too large is refused before its body is read."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from aimprogress.web.pages import ServicePage

FORM_AROUND_IT = 64 * 1024
TOO_LARGE = 413


@method_decorator(csrf_exempt, name="dispatch")
class UploadPage(ServicePage):
    """A ServicePage whose form holds a file. `largest`: bytes; `too_large`: the words for more.

    The token is checked as everywhere, but only after the size: checking it first would read the whole body.
    """

    largest: int
    too_large: str | Promise

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and _announced(request) > self.largest + FORM_AROUND_IT:
            return self._refuse_unread(request)

        @csrf_protect
        def checked(request: HttpRequest) -> HttpResponse:
            return super(UploadPage, self).dispatch(request, *args, **kwargs)

        return checked(request)

    def _refuse_unread(self, request: HttpRequest) -> HttpResponse:
        if refusal := self.refuse(request):
            return refusal
        form = self.form_class(data={}, files={})
        form._errors = ErrorDict()
        form.cleaned_data = {}
        form.add_error(None, ValidationError(self.too_large, code="too_large"))
        response = self.render_to_response(self.get_context_data(form=form), status=TOO_LARGE)
        response["Connection"] = "close"
        return response


def _announced(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdigit() else 0
