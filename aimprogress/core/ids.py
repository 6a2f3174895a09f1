"""Identifiers: UUIDs everywhere; the server makes version 7."""

import os
import time
import uuid
from datetime import UTC, datetime

NO_ORGANISATION = uuid.UUID(int=0)  # the owner of events that belong to the portal itself


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, version 7). Order of facts never comes from it, only index locality does."""
    value = int.from_bytes((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10), "big")
    value = value & ~(0xF000 << 64) | (7 << 76)
    value = value & ~(0xC000 << 48) | (0x8000 << 48)
    return uuid.UUID(int=value)


def made_at(pk: uuid.UUID) -> datetime | None:
    """When an id of version 7 was made; None for another one, which does not say."""
    return datetime.fromtimestamp((pk.int >> 80) / 1000, UTC) if pk.version == 7 else None
