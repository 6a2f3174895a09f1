"""Saved views in the API: a person's own, in the session of the browser. A key is no person and has none."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.permissions import Permission
from aimprogress.figures.rows import Column, Kind, RowSpec
from aimprogress.web import services
from aimprogress.web.models import SavedView
from aimprogress.web.saved import address

SAVED_VIEW_ROWS = RowSpec(
    "SavedView",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("page", "page", nullable=False, about="The list's name, such as members:sites"),
        Column("name", "name", nullable=False),
        Column("query", "query", nullable=False, about="The filters, as the list's own query string"),
        Column("address", "page", nullable=False, about="Where the view leads; empty where its list is not there any more"),
        Column("saved_at", "saved_at", Kind.INSTANT, nullable=False),
        Column("version", "version", Kind.INTEGER, nullable=False),
    ),
    finish=lambda row: row | {"address": address(row["page"], row["query"])},
)


class SavedViewSerializer(serializers.ModelSerializer):
    """A name for the filters of a list. What the list does not know is left out of `query`."""

    class Meta:
        model = SavedView
        fields = ["page", "query", "name"]


class RenamedViewSerializer(serializers.ModelSerializer):
    """Another name; the filters stay."""

    class Meta:
        model = SavedView
        fields = ["name"]


class SavedViewViewSet(ServiceViewSet):
    """The asker's own views of lists. For everybody else, and for a key, they are not there."""

    queryset = SavedView.objects.all()
    rows = SAVED_VIEW_ROWS
    serializer_class = SavedViewSerializer
    change_serializer_class = RenamedViewSerializer
    permission = Permission.SETTINGS_KEEP
    noun = "view"
    create_service = services.save_view
    change_service = services.rename_view
    remove_service = services.delete_view
    ordering = ("page", "name", "id")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(user_id=self.request.auth.user_id)

    def change_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        if "name" not in clean:
            raise serializers.ValidationError({"name": [serializers.Field.default_error_messages["required"]]})
        return clean


def register(router: SimpleRouter) -> None:
    """The nouns of the pages."""
    router.register("saved-views", SavedViewViewSet, basename="savedview")
