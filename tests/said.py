"""What a page or an answer says, for tests that look for a number in it and must not find it."""

import re

_CHANCE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # an id
    r"|\d{4}-\d\d-\d\dT[\d:.]+Z"  # an instant: its microseconds
    r"|\b[0-9a-f]{32}\b"  # a key
)


def without_chance(text: str) -> str:
    """The text without ids, instants and keys: now and then one of them holds any three digits."""
    return _CHANCE.sub("", text)
