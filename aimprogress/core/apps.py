from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "aimprogress.core"
    label = "core"
