"""Pages of the ground. Namespace `web`."""

from django.urls import path

from aimprogress.web.saved_pages import DeleteView, RenameView, SavedViews, SaveView
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
    path("views/", SavedViews.as_view(), name="saved_views"),
    path("views/save/", SaveView.as_view(), name="view_save"),
    path("views/<uuid:pk>/rename/", RenameView.as_view(), name="view_rename"),
    path("views/<uuid:pk>/delete/", DeleteView.as_view(), name="view_delete"),
    path("switch-organisation/", SwitchOrganisation.as_view(), name="switch_organisation"),
]
