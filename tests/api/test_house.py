"""The rules of the API that hold for every noun, also those that are added later."""

from inspect import signature

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework import serializers

from aimprogress.api.urls import router
from aimprogress.api.viewsets import PortalView, ServiceViewSet
from aimprogress.core.permissions import Permission
from aimprogress.web.guarded import Access

pytestmark = pytest.mark.house


def test_every_viewset_names_a_permission_and_hands_over_to_services():
    for prefix, viewset, _basename in router.registry:
        assert issubclass(viewset, PortalView), prefix
        assert isinstance(viewset.permission, Permission | Access), prefix
        for name in ("create_service", "change_service", "remove_service"):
            verb = getattr(viewset, name, None)
            assert verb is None or isinstance(verb.permission, Permission), (prefix, name)


def test_a_viewset_without_a_permission_cannot_be_written():
    with pytest.raises(ImproperlyConfigured, match="must name its permission"):
        type("Nameless", (ServiceViewSet,), {"__module__": "here"})


def test_a_viewset_cannot_call_what_is_no_service():
    with pytest.raises(ImproperlyConfigured, match="not a service"):
        type("Bare", (ServiceViewSet,), {"permission": Permission.SITE_READ, "create_service": print})


def test_a_body_must_say_what_its_service_cannot_do_without():
    """A model's default makes a field optional in a body, but not the argument of a service: that would be a 500."""
    for prefix, viewset, _basename in router.registry:
        if getattr(viewset, "create_service", None) is None:
            continue
        arguments = signature(viewset.create_service).parameters.values()
        needed = {one.name for one in arguments if one.default is one.empty and one.kind is not one.VAR_KEYWORD}
        fields = viewset.serializer_class().get_fields().items()
        said = {name for name, field in fields if field.required or field.default is not serializers.empty}
        assert needed - said <= {"organisation", "organisation_id"}, prefix  # which the viewset takes from who asks


def test_every_list_has_a_unique_last_column_in_its_order():
    for prefix, viewset, _basename in router.registry:
        if issubclass(viewset, ServiceViewSet):
            assert viewset.ordering[-1].lstrip("-") == "id", prefix


def test_the_columns_of_every_noun_are_described_as_they_are_answered():
    for prefix, viewset, _basename in router.registry:
        if issubclass(viewset, ServiceViewSet):
            schema = viewset.rows.schema()
            assert list(schema["properties"])[: len(viewset.rows.shown)] == [column.name for column in viewset.rows.shown], prefix
