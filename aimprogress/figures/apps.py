"""The Django app of the ground that holds the figures."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FiguresConfig(AppConfig):
    """Collects every app's `figures` module when Django is ready."""

    name = "aimprogress.figures"
    label = "figures"

    def ready(self) -> None:
        autodiscover_modules("figures")
