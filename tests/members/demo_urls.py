"""The urls of a portal with demo data: those of every portal, and the single-use sign-in links."""

from django.urls import include, path

from aimprogress.urls import handler400, handler403, handler404, handler500
from aimprogress.urls import urlpatterns as usual
from members import urls as members
from members.views.sign_in import DemoSignIn

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

demo = ([path("demo-sign-in/<str:secret>/", DemoSignIn.as_view(), name="demo_sign_in"), *members.urlpatterns], "members")
urlpatterns = [path("", include(demo)), *usual]
