from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """Pages: what every face in the browser is made of. Finds `panels` and `search` in every app."""

    name = "aimprogress.web"
    label = "web"
    verbose_name = _("Pages")

    def ready(self) -> None:
        autodiscover_modules("panels", "search")
