"""The nouns of the members app."""

from .organisation import ApiKey, Invitation, MemberAnalyst, Organisation, RoleGrant, SignInLink, User
from .plan import ActivationReason, CommunicationPlan, Drill, EvacuationPlan, Leaving, PlanActivation, PlanStatus
from .sharing import DataShare, SharePull, StaffSession
from .site import (
    GROUP_OF,
    Access,
    AlertLevel,
    AlertLevelChange,
    CheckIn,
    Confidence,
    Control,
    Damage,
    HeadCount,
    Operational,
    Reason,
    Site,
    SiteStatus,
    SourceType,
    StatusGroup,
)
from .week import WeekStanding

__all__ = [
    "GROUP_OF", "Access", "ActivationReason", "AlertLevel", "AlertLevelChange", "ApiKey", "CheckIn", "CommunicationPlan",
    "Confidence", "Control", "Damage", "DataShare", "Drill", "EvacuationPlan", "HeadCount", "Invitation", "Leaving",
    "MemberAnalyst", "Operational", "Organisation", "PlanActivation", "PlanStatus", "Reason", "RoleGrant", "SharePull",
    "SignInLink", "Site", "SiteStatus", "SourceType", "StaffSession", "StatusGroup", "User", "WeekStanding",
]  # fmt: skip
