"""The numbers of this app, a module for each noun."""

from humanitarian.figures import actions, pay, support

__all__ = ["actions", "pay", "support"]
