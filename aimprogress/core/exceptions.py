"""Errors of the ground. Faces turn them into pages and problem+json; nobody else does.

NoActor                 code ran outside `acting_as`: a fault of ours, never of the user
Conflict                the object changed, or an identifier is taken: 409
TamperedField           an encrypted value does not belong to the row it stands in
"""


class NoActor(RuntimeError):
    """Scoped data was touched before anybody said in whose name."""


class Conflict(Exception):
    """What was asked collides with what is stored. The message is shown to the user."""


class TamperedField(RuntimeError):
    """An encrypted value was moved to another row or column, or no key opens it."""
