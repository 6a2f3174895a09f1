"""What is done for people: safety actions, partner organisations, contributions."""

from humanitarian.models.action import ActionBatch, SafetyAction
from humanitarian.models.aid import Contribution, PartnerOrganisation

__all__ = ["ActionBatch", "Contribution", "PartnerOrganisation", "SafetyAction"]
