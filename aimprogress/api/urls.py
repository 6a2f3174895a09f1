"""/api/v1/: every app offers its viewsets in a module `api` with `register(router)`; the rest is 404, as a problem."""

from importlib import import_module

from django.apps import apps
from django.urls import path, re_path
from django.utils.module_loading import module_has_submodule

from aimprogress.api.problems import not_found
from aimprogress.api.root import ApiRoot, PortalRouter, SchemaView

router = PortalRouter()
for config in apps.get_app_configs():
    if module_has_submodule(config.module, "api"):
        register = getattr(import_module(f"{config.name}.api"), "register", None)
        if register is not None:
            register(router)

app_name = "api"
urlpatterns = [
    path("", ApiRoot.as_view(), name="root"),
    path("schema/", SchemaView.as_view(), name="schema"),
    *router.urls,
    re_path(r"^.", not_found),
]
