from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "aimprogress.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        import aimprogress.celery  # noqa: F401 - the app that `shared_task` and the wake-ups belong to
        from aimprogress.core.events import wake_by

        from .wake import wake_workers

        wake_by(wake_workers)
        # Every app offers its job kinds, subscribers and timetable entries in modules of these names.
        autodiscover_modules("tasks", "notifications", "exports")
