"""The nouns of the risks app in the API."""

from rest_framework.routers import SimpleRouter

from risks.issues_api import RightsIssueViewSet
from risks.report_api import register_reports


def register(router: SimpleRouter) -> None:
    """The nouns of this app."""
    router.register("rights-issues", RightsIssueViewSet, basename="rightsissue")
    register_reports(router)
