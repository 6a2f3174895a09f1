"""The nouns of the members app."""

from .bulk import BulkCheckIn
from .bulletin import Bulletin, BulletinReceipt
from .case import CaseMessage, ReusableAnswer, SupportCase
from .chase import REMIND_AGAIN_AFTER, Reminder, SiteCall, SiteCare
from .codes import (
    BACKUP,
    ENDED,
    GROUP_OF,
    STOPPED,
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
from .cut_off import CutOff
from .device import Device
from .duty import DutyTurn, HelpCall
from .escalation import CallContact, Escalation
from .evacuation import ActivationReason, Drill, Leaving, PlanActivation
from .fact import AlertLevelChange, CheckIn, HeadCount, OtherAnswers, SiteStatus
from .hazard import HazardReport
from .leaving import Departure
from .meeting import Meeting, MeetingFollowUp
from .notification import ALWAYS_AT_ONCE, NoticeSetting, NoticeTopic, Notification
from .organisation import ApiKey, Invitation, MemberAnalyst, Organisation, RoleGrant, SignInLink, User
from .plan import CommunicationPlan, EvacuationPlan, PlanStatus
from .quarter import QuarterStanding
from .retention import LegalHold, RetentionTally, StrictMonth
from .roll_call import INCIDENTS, Incident, RollCall, RollCallAnswer
from .sharing import DataShare, SharePull, StaffSession
from .site import Site
from .support import GuidanceMark, Topic
from .week import WeekStanding

__all__ = [
    "ALWAYS_AT_ONCE",
    "BACKUP",
    "ENDED",
    "GROUP_OF",
    "INCIDENTS",
    "REMIND_AGAIN_AFTER",
    "STOPPED",
    "Access",
    "ActivationReason",
    "AlertLevel",
    "AlertLevelChange",
    "ApiKey",
    "BulkCheckIn",
    "Bulletin",
    "BulletinReceipt",
    "CallContact",
    "CaseMessage",
    "CheckIn",
    "CommunicationPlan",
    "Confidence",
    "ContractGroup",
    "Control",
    "CutOff",
    "Damage",
    "DataShare",
    "Departure",
    "Device",
    "Drill",
    "DutyTurn",
    "Escalation",
    "EvacuationPlan",
    "Gender",
    "GuidanceMark",
    "HazardReport",
    "HazardSeverity",
    "HazardType",
    "HeadCount",
    "HelpCall",
    "Incident",
    "Invitation",
    "Leaving",
    "LegalHold",
    "Meeting",
    "MeetingFollowUp",
    "MemberAnalyst",
    "NoticeSetting",
    "NoticeTopic",
    "Notification",
    "Operational",
    "Organisation",
    "OtherAnswers",
    "Overlay",
    "PlanActivation",
    "PlanStatus",
    "QuarterStanding",
    "Reason",
    "Reminder",
    "RetentionTally",
    "ReusableAnswer",
    "RoleGrant",
    "RollCall",
    "RollCallAnswer",
    "SharePull",
    "SignInLink",
    "Site",
    "SiteCall",
    "SiteCare",
    "SiteStatus",
    "SourceType",
    "StaffSession",
    "StatusGroup",
    "StrictMonth",
    "SupportCase",
    "Topic",
    "User",
    "Utility",
    "WeekStanding",
]
