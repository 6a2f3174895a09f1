"""The tables of the ground, gathered for Django."""

from .audit import AuditChain, AuditEvent
from .files import StoredFile

__all__ = ["AuditChain", "AuditEvent", "StoredFile"]
