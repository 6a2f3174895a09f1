"""The pages of the ground alone, for tests that ask nothing of the apps above."""

from django.urls import include, path

urlpatterns = [path("", include("aimprogress.web.urls"))]
