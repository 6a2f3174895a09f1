"""The numbers of this app, a module for each noun."""

from humanitarian.figures import actions, checks, pay, support

__all__ = ["actions", "checks", "pay", "support"]
