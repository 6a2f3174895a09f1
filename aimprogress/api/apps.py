"""The Django app of the ground that holds the API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Tables: answers kept for repeated requests, and how often somebody asked."""

    name = "aimprogress.api"
    label = "api"
