"""The nouns of the risks app."""

from .issue import RightsIssue

__all__ = ["RightsIssue"]
