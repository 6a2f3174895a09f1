"""The Django app of the checklists and questionnaires."""

from django.apps import AppConfig
from django.core import checks


class InstrumentsConfig(AppConfig):
    """Has `manage.py check` read every file of the library, so that a broken one never reaches a reader."""

    name = "aimprogress.instruments"
    label = "instruments"

    def ready(self) -> None:
        from .checks import check_library

        checks.register(check_library)
