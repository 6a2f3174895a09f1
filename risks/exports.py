"""What of this app can be taken away as a file: an organisation's own issues, never another's."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.exchange.exports import Export, columns_of, exportable, rows_of
from risks.filters import RightsIssueFilterSet
from risks.models import RightsIssue
from risks.rows import ISSUE_ROWS

exportable(
    Export(
        "rights-issues",
        title=_("Salient human-rights issues"),
        permission=Permission.ISSUE_READ,
        own_only=True,
        columns=columns_of(ISSUE_ROWS),
        rows=rows_of(
            ISSUE_ROWS, RightsIssue, RightsIssueFilterSet, "-score", "id",
            only=lambda actor: Q(organisation_id=actor.organisation_id),
        ),
    )
)  # fmt: skip
