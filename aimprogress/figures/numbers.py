"""The numbers a deployment may change (domain.md, appendix B), with their defaults.

`settings.PORTAL_NUMBERS` overrides single entries; what it does not name keeps its default.
"""

from types import MappingProxyType
from typing import Any

from django.conf import settings

DEFAULTS: MappingProxyType[str, Any] = MappingProxyType(
    {
        # hours between two reports, per alert level 0-4 (domain.md 3.2)
        "STATUS_CADENCE_HOURS": (720, 336, 168, 24, 6),
        "HEAD_COUNT_CADENCE_HOURS": (90 * 24, 30 * 24, 7 * 24, 24, 6),
        # days between two reviews of a plan and between two drills; None: no drill at that level
        "PLAN_REVIEW_DAYS": (365, 180, 90, 30, 14),
        "DRILL_DAYS": (365, 180, 90, 60, None),
        # age divided by cadence, as text so that no binary fraction moves a boundary (domain.md 3.3)
        "FRESHNESS_RATIOS": ("0.8", "1.0", "2.0"),
        # days late after which the owner, the coordinator and the AIM-Progress team are told of a safety action (domain.md 3.8)
        "ACTION_ESCALATION_DAYS": (1, 7, 14),
        # how late a report is when the reporter, the coordinator, the analyst and a call are due: age divided by cadence
        "ESCALATION_RATIOS": ("1.0", "1.25", "2.0", "2.0"),
        # hours in which only what is urgent is sent, from and until, Kyiv time
        "QUIET_HOURS": (22, 7),
        # days after the end of a month by which its pay should be reported
        "PAY_REPORT_DUE_DAYS": 10,
        # competition law: members, largest share, two largest shares, in percent (domain.md 7.4)
        "K1_MINIMUM_MEMBERS": 5,
        "K1_LARGEST_PERCENT": 25,
        "K1_TOP_TWO_PERCENT": 40,
        "K1_AGE_DAYS": 90,
        "K2_MINIMUM_MEMBERS": 5,
        "K2_LARGEST_PERCENT": 50,
        # small counts (domain.md 8.3)
        "MINIMUM_CELL": 5,
        "MINIMUM_STRICT_CELL": 10,
        "MINIMUM_RATE_DENOMINATOR": 20,
        "GRID_DEGREES": "0.1",
        # days between two people agreeing that a member leaves and the erasure of its data
        "LEAVE_AFTER_DAYS": 30,
        # suppliers that an auditor reads, out of all (domain 8.2: "R sample")
        "AUDIT_SAMPLE": 25,
        # share of workers in stale sites above which a report may not be issued (check C-22)
        "STALE_BLOCK_PERCENT": 20,
    }
)


def number(name: str) -> Any:
    """The configured value of `name`, or its default. Raises KeyError for a name that does not exist."""
    return getattr(settings, "PORTAL_NUMBERS", {}).get(name, DEFAULTS[name])
