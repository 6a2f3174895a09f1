"""What of this app can be taken away as a file."""

from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.exchange.exports import Export, columns_of, exportable, rows_of
from humanitarian.asked import FILE_COLUMNS, rows_for_a_file
from humanitarian.filters import (
    ContributionFilterSet,
    PartnerFilterSet,
    SafetyActionFilterSet,
    SupportMeasureFilterSet,
    WageReportFilterSet,
)
from humanitarian.models import Contribution, PartnerOrganisation, SafetyAction, SupportMeasure, WageSupportReport
from humanitarian.rows import ACTION_ROWS, CONTRIBUTION_ROWS, MEASURE_ROWS, PARTNER_ROWS, PAY_ROWS

exportable(
    Export(
        "safety-actions",
        title=_("Safety actions"),
        permission=Permission.ACTION_READ,
        columns=columns_of(ACTION_ROWS),
        rows=rows_of(ACTION_ROWS, SafetyAction, SafetyActionFilterSet, "due_on", "id"),
    )
)
exportable(
    Export(
        "contributions",
        title=_("Contributions"),
        permission=Permission.CONTRIBUTION_READ,
        own_only=True,
        columns=columns_of(CONTRIBUTION_ROWS),
        rows=rows_of(CONTRIBUTION_ROWS, Contribution, ContributionFilterSet, "-committed_on", "id"),
    )
)
exportable(
    Export(
        "partners",
        title=_("Partner organisations"),
        permission=Permission.PARTNER_READ,
        columns=columns_of(PARTNER_ROWS),
        rows=rows_of(PARTNER_ROWS, PartnerOrganisation, PartnerFilterSet, "name", "id"),
    )
)
exportable(
    Export(
        "pay",
        title=_("Pay of workers"),
        permission=Permission.PAY_READ,
        columns=columns_of(PAY_ROWS),
        rows=rows_of(PAY_ROWS, WageSupportReport, WageReportFilterSet, "-month", "-id"),
    )
)
exportable(
    Export(
        "checklists",
        title=_("Checklists of sites"),
        permission=Permission.ASSESSMENT_READ,
        columns=[(name, name) for name in FILE_COLUMNS],
        rows=rows_for_a_file,
    )
)
exportable(
    Export(
        "support-measures",
        title=_("Support for own people"),
        permission=Permission.PAY_READ,
        columns=columns_of(MEASURE_ROWS),
        rows=rows_of(MEASURE_ROWS, SupportMeasure, SupportMeasureFilterSet, "-starts_on", "-id"),
    )
)
