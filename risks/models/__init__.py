"""The nouns of the risks app."""

from .issue import RightsIssue
from .report import Report

__all__ = ["Report", "RightsIssue"]
