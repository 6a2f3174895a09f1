"""The same list as most projects would write it: a plain ModelSerializer behind the same middleware."""

from django.urls import include, path
from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.viewsets import ReadOnlyModelViewSet

from members.models import Site
from members.rows import SITE_ROWS

PLAIN = {column.name: column.source for column in SITE_ROWS.shown if not callable(column.source)}
FIELDS = {
    name: serializers.ReadOnlyField(source=source.replace("__", ".")) if source != name else serializers.ReadOnlyField()
    for name, source in PLAIN.items()
}
PeerSerializer = type(
    "PeerSerializer",
    (serializers.ModelSerializer,),
    {**FIELDS, "Meta": type("Meta", (), {"model": Site, "fields": list(FIELDS)})},
)


class PeerSites(ReadOnlyModelViewSet):
    """Without the columns that the portal computes (freshness, group), without precision, without ETags."""

    queryset = Site.objects.select_related("organisation", "admin1", "area").order_by("id")
    serializer_class = PeerSerializer
    pagination_class = LimitOffsetPagination
    renderer_classes = [JSONRenderer]
    permission_classes: list = []
    throttle_classes: list = []


urlpatterns = [
    path("peer/sites/", PeerSites.as_view({"get": "list"})),
    path("", include("aimprogress.urls")),
]
