"""What is done for people: safety actions, pay, support for own people, partner organisations, contributions."""

from humanitarian.models.action import ActionBatch, SafetyAction
from humanitarian.models.aid import Contribution, PartnerOrganisation
from humanitarian.models.pay import STRICT_POLICIES, ChannelRisk, ContractGroup, MoneyBand, WagePolicy, WageSupportReport
from humanitarian.models.support import PsychosocialLayer, SupportMeasure, SupportType

__all__ = [
    "STRICT_POLICIES",
    "ActionBatch",
    "ChannelRisk",
    "ContractGroup",
    "Contribution",
    "MoneyBand",
    "PartnerOrganisation",
    "PsychosocialLayer",
    "SafetyAction",
    "SupportMeasure",
    "SupportType",
    "WagePolicy",
    "WageSupportReport",
]
