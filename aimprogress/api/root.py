"""The way in: what the API offers, and its description in OpenAPI 3.1."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from aimprogress.api.renderers import Negotiation
from aimprogress.api.viewsets import PortalView
from aimprogress.web.guarded import Access


class PortalRouter(SimpleRouter):
    """Slashes at the end, and a list of what was registered."""

    include_root_view = False

    def lists(self) -> list[tuple[str, str]]:
        """(path, name of its url) of every list."""
        return [(prefix, f"api:{basename}-list") for prefix, _viewset, basename in self.registry]


class ApiRoot(PortalView):
    """What there is: a link to each list."""

    permission = Access.SIGNED_IN

    def get(self, request: Request) -> Response:
        """The lists of the API by name, and its description."""
        from aimprogress.api.urls import router  # late: the urls name this view

        found: dict[str, Any] = {}
        for prefix, name in router.lists():
            try:
                found[prefix] = request.build_absolute_uri(reverse(name))
            except NoReverseMatch:
                continue
        return Response({"lists": dict(sorted(found.items())), "schema": request.build_absolute_uri(reverse("api:schema"))})


class SchemaView(SpectacularAPIView, PortalView):
    """The description of the API (OpenAPI 3.1), the same that is committed as docs/openapi.yaml."""

    permission = Access.SIGNED_IN
    permission_classes = PortalView.permission_classes
    authentication_classes = PortalView.authentication_classes
    renderer_classes = [OpenApiYamlRenderer, OpenApiJsonRenderer]
    content_negotiation_class = Negotiation
