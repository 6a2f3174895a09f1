"""Pages that take `?as_of=`: they show what was known at that moment, say so, and offer nothing that changes anything."""

from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse

from aimprogress.figures.moment import as_of, asked_moment, looking_back
from aimprogress.web.guarded import Guarded


class LooksBack(Guarded):
    """Mix in before the kind of page. The template includes `components/as_of.html`; `then` is the moment, None for now."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not request.GET.get("as_of") or self.refuse(request):
            return super().dispatch(request, *args, **kwargs)
        try:
            moment = asked_moment(request.GET["as_of"])
        except ValidationError as error:
            raise BadRequest(error.messages[0]) from error
        if moment is None:
            return super().dispatch(request, *args, **kwargs)
        with looking_back(moment):
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"then": as_of(), "looks_back": True} | kwargs)
