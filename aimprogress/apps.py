from django.apps import AppConfig


class GroundConfig(AppConfig):
    """Management commands and templates of the ground."""

    name = "aimprogress"
    label = "aimprogress"
