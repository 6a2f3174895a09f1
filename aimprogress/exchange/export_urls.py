"""Pages of exports. Namespace `exports`."""

from django.urls import path

from .export_pages import RequestExport

app_name = "exports"
urlpatterns = [path("<slug:noun>/", RequestExport.as_view(), name="request")]
