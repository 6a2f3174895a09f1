"""The reference data of places: unscoped, loaded from bundled files, the same for everyone."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    """Areas, settlements and the conflict status of areas."""

    name = "aimprogress.places"
    label = "places"
    verbose_name = _("Places")
