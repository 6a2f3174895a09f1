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
from .device import Device
from .duty import DutyTurn, HelpCall
from .evacuation import ActivationReason, Drill, Leaving, PlanActivation
from .fact import AlertLevelChange, CheckIn, HeadCount, OtherAnswers, SiteStatus
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
    "Device",
    "Drill",
    "DutyTurn",
    "EvacuationPlan",
    "GuidanceMark",
    "HeadCount",
    "HelpCall",
    "Invitation",
    "Leaving",
    "MemberAnalyst",
    "Operational",
    "Organisation",
    "OtherAnswers",
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
]
