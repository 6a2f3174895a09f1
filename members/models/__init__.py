"""The nouns of the members app."""

from .codes import (
    BACKUP,
    ENDED,
    GROUP_OF,
    Access,
    AlertLevel,
    Confidence,
    ContractGroup,
    Control,
    Damage,
    Gender,
    HazardSeverity,
    HazardType,
    Operational,
    Overlay,
    Reason,
    SourceType,
    StatusGroup,
    Utility,
)
from .evacuation import ActivationReason, Drill, Leaving, PlanActivation
from .fact import AlertLevelChange, CheckIn, HeadCount, SiteStatus
from .hazard import HazardReport
from .organisation import ApiKey, Invitation, MemberAnalyst, Organisation, RoleGrant, SignInLink, User
from .plan import CommunicationPlan, EvacuationPlan, PlanStatus
from .sharing import DataShare, SharePull, StaffSession
from .site import Site
from .week import WeekStanding

__all__ = [
    "BACKUP", "ENDED", "GROUP_OF", "Access", "ActivationReason", "AlertLevel", "AlertLevelChange", "ApiKey", "CheckIn",
    "CommunicationPlan", "Confidence", "ContractGroup", "Control", "Damage", "DataShare", "Drill", "EvacuationPlan", "Gender",
    "HazardReport", "HazardSeverity", "HazardType", "HeadCount", "Invitation", "Leaving", "MemberAnalyst", "Operational",
    "Organisation", "Overlay", "PlanActivation", "PlanStatus", "Reason", "RoleGrant", "SharePull", "SignInLink", "Site",
    "SiteStatus", "SourceType", "StaffSession", "StatusGroup", "User", "Utility", "WeekStanding",
]  # fmt: skip
