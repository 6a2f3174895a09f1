"""The urls of the portal. Apps above the ground are named by string only."""

from django.urls import include, path

from aimprogress.web.health import livez, readyz

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("", include("aimprogress.web.urls")),
    path("accounts/", include("members.sign_in_urls")),
    path("import/", include("aimprogress.exchange.urls")),
    path("export/", include("aimprogress.exchange.export_urls")),
    path("jobs/", include("aimprogress.jobs.urls")),
    path("", include("members.urls")),
    path("", include("suppliers.urls")),
    path("", include("humanitarian.urls")),
    path("", include("risks.urls")),
    path("api/v1/", include("aimprogress.api.urls")),
]

handler400 = "aimprogress.web.errors.bad_request"
handler403 = "aimprogress.web.errors.permission_denied"
handler404 = "aimprogress.web.errors.not_found"
handler500 = "aimprogress.web.errors.server_error"
