"""The nouns of the risks app in the API."""

from rest_framework.routers import SimpleRouter

from risks.report_api import register_reports


def register(router: SimpleRouter) -> None:
    """The nouns of this app."""
    register_reports(router)
