"""`python -m tests.embedded.reading`: open every encrypted value of the database that DATABASE_URL names, and say them as JSON.

A process of its own, because a restored copy has another address and other keys than the test that made it.
"""

import json
import sys
from typing import Any

import django


def all_values() -> dict[str, dict[str, Any]]:
    """Field -> row -> value, read as the application role through the ORM; the secrets of second factors too."""
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    from aimprogress.management.commands.rotate_field_keys import encrypted_fields

    found: dict[str, dict[str, Any]] = {}
    for field in encrypted_fields():
        rows = field.model._default_manager.filter(**{f"{field.attname}__isnull": False})
        found[str(field)] = {str(row.pk): getattr(row, field.attname) for row in rows}
    found["second factors"] = {str(row.pk): get_adapter().decrypt(row.data["secret"]) for row in Authenticator.objects.all()}
    return found


if __name__ == "__main__":
    django.setup()
    from aimprogress.core.actor import SYSTEM, acting_as
    from aimprogress.core.audit import AuditEvent, verify_chains

    with acting_as(SYSTEM):
        answer = {
            "values": all_values(),
            "events": AuditEvent.objects.count(),
            "broken": [f"{link.organisation_id} {link.seq}: {link.why}" for link in verify_chains()],
        }
    sys.stdout.write(json.dumps(answer))
