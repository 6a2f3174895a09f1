"""The nouns of the members app."""

from .bulletin import Bulletin, BulletinReceipt
from .case import CaseMessage, Meeting, MeetingFollowUp, ReusableAnswer, SupportCase
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
from .notification import ALWAYS_AT_ONCE, NoticeSetting, NoticeTopic, Notification
from .organisation import ApiKey, Invitation, MemberAnalyst, Organisation, RoleGrant, SignInLink, User
from .plan import CommunicationPlan, EvacuationPlan, PlanStatus
from .sharing import DataShare, SharePull, StaffSession
from .site import Site
from .support import GuidanceMark, Topic
from .week import WeekStanding

__all__ = [
    "ALWAYS_AT_ONCE",
    "ENDED",
    "GROUP_OF",
    "Access",
    "ActivationReason",
    "AlertLevel",
    "AlertLevelChange",
    "ApiKey",
    "Bulletin",
    "BulletinReceipt",
    "CaseMessage",
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
    "Meeting",
    "MeetingFollowUp",
    "MemberAnalyst",
    "NoticeSetting",
    "NoticeTopic",
    "Notification",
    "Operational",
    "Organisation",
    "OtherAnswers",
    "PlanActivation",
    "PlanStatus",
    "Reason",
    "ReusableAnswer",
    "RoleGrant",
    "SharePull",
    "SignInLink",
    "Site",
    "SiteStatus",
    "SourceType",
    "StaffSession",
    "StatusGroup",
    "SupportCase",
    "Topic",
    "User",
    "WeekStanding",
]
