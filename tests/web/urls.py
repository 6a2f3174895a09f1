"""The pages of the ground and the door alone, for tests that ask nothing of the apps above."""

from django.urls import include, path

urlpatterns = [path("", include("aimprogress.web.urls")), path("accounts/", include("allauth.urls"))]

handler400 = "aimprogress.web.errors.bad_request"
handler403 = "aimprogress.web.errors.permission_denied"
handler404 = "aimprogress.web.errors.not_found"
handler500 = "aimprogress.web.errors.server_error"
