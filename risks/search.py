"""What the search page finds in this app."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.web.search import LIMIT, Hit, searchable
from risks.filters import RightsIssueFilterSet
from risks.models import RightsIssue
from risks.rows import shown_title


@searchable("issue", _("Risks"), permission=Permission.ISSUE_READ, order=40)
def find_issues(actor: Actor, q: str) -> Iterable[Hit]:
    for issue in RightsIssueFilterSet({"q": q}, queryset=RightsIssue.objects.order_by("-score", "id")).qs[:LIMIT]:
        yield Hit(shown_title(issue), reverse("risks:issue", args=[issue.pk]), f"R-{issue.number}")
