"""Pages of the ground. Namespace `web`."""

from django.urls import path

from aimprogress.web.search import Search
from aimprogress.web.views import Accessibility, Home, Keyboard, Settings, SwitchOrganisation
from aimprogress.web.who_sees import WhoSeesWhat

app_name = "web"
urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("search/", Search.as_view(), name="search"),
    path("who-can-see-what/", WhoSeesWhat.as_view(), name="who_sees"),
    path("accessibility/", Accessibility.as_view(), name="accessibility"),
    path("keyboard/", Keyboard.as_view(), name="keyboard"),
    path("settings/", Settings.as_view(), name="settings"),
    path("switch-organisation/", SwitchOrganisation.as_view(), name="switch_organisation"),
]
