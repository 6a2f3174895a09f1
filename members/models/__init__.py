"""The nouns of the members app."""

from .codes import (
    ENDED,
    GROUP_OF,
    Access,
    AlertLevel,
    Confidence,
    Control,
    Damage,
    Operational,
    Reason,
    SourceType,
    StatusGroup,
)
from .cut_off import CutOff
from .evacuation import ActivationReason, Drill, Leaving, PlanActivation
from .fact import AlertLevelChange, CheckIn, HeadCount, SiteStatus
from .organisation import ApiKey, Invitation, MemberAnalyst, Organisation, RoleGrant, SignInLink, User
from .plan import CommunicationPlan, EvacuationPlan, PlanStatus
from .sharing import DataShare, SharePull, StaffSession
from .site import Site
from .support import GuidanceMark
from .week import WeekStanding

__all__ = [
    "ENDED",
    "GROUP_OF",
    "Access",
    "ActivationReason",
    "AlertLevel",
    "AlertLevelChange",
    "ApiKey",
    "CheckIn",
    "CommunicationPlan",
    "Confidence",
    "Control",
    "CutOff",
    "Damage",
    "DataShare",
    "Drill",
    "EvacuationPlan",
    "GuidanceMark",
    "HeadCount",
    "Invitation",
    "Leaving",
    "MemberAnalyst",
    "Operational",
    "Organisation",
    "PlanActivation",
    "PlanStatus",
    "Reason",
    "RoleGrant",
    "SharePull",
    "SignInLink",
    "Site",
    "SiteStatus",
    "SourceType",
    "StaffSession",
    "StatusGroup",
    "User",
    "WeekStanding",
]  # fmt: skip
