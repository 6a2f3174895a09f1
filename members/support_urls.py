"""Pages of the support section, part of the namespace `members`."""

from django.urls import path

from members.views import guidance

urlpatterns = [
    path("sites/<uuid:pk>/guidance/", guidance.SiteGuidance.as_view(), name="site_guidance"),
    path("sites/<uuid:pk>/guidance/<slug:code>/", guidance.MarkGuidance.as_view(), name="guidance_mark"),
    path("support/", guidance.Support.as_view(), name="support"),
    path("support/guidance/", guidance.Library.as_view(), name="guidance"),
    path("support/guidance/<slug:code>/", guidance.ItemPage.as_view(), name="guidance_item"),
]
