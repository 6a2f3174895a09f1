"""`manage.py rotate_field_keys`: close every encrypted value with the first of FIELD_KEYS, so that older keys can go.

Put the new key in front, restart, run this, take a new backup, and only then drop the old key: older backups need it.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections, models

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import record
from aimprogress.core.fields import EncryptedTextField, keyring
from aimprogress.core.rls import with_scope

OWNER = "owner"


class Command(BaseCommand):
    help = "Encrypt every encrypted field anew with the first key of FIELD_KEYS."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.FIELD_KEYS:
            raise CommandError("FIELD_KEYS is empty.")
        # As the owner: the application may not change rows of append-only tables, not even to close them anew.
        with connections[OWNER].schema_editor() as editor, with_scope(editor):
            count = sum(rotate(field) for field in encrypted_fields()) + rotate_second_factors()
        with acting_as(SYSTEM):
            record("core.rotate_field_keys", values=count)
        self.stdout.write(f"{count} values are closed with the first of {len(settings.FIELD_KEYS)} keys.")


def encrypted_fields() -> list[models.Field]:
    return [
        field
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedTextField)
    ]


def rotate(field: models.Field) -> int:
    """Encrypt one column anew; the values inside, bound to their rows, stay as they are. Raises where no key opens one."""
    quote = connections[OWNER].ops.quote_name
    table, column, key = (quote(name) for name in (field.model._meta.db_table, field.column, field.model._meta.pk.column))
    with connections[OWNER].cursor() as cursor:
        cursor.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL FOR UPDATE")  # noqa: S608 - names of ours
        rows = [(keyring().rotate(token.encode()).decode(), pk) for pk, token in cursor.fetchall()]
        cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", rows)  # noqa: S608 - names of ours
    return len(rows)


def rotate_second_factors() -> int:
    """The same for secrets of authenticator apps and recovery codes, which allauth keeps in a JSON column of its own."""
    count = 0
    for factor in Authenticator.objects.using(OWNER).select_for_update().exclude(type=Authenticator.Type.WEBAUTHN):
        secrets = {name: token for name, token in factor.data.items() if name in ("secret", "seed")}
        factor.data |= {name: keyring().rotate(token.encode()).decode() for name, token in secrets.items()}
        factor.save(using=OWNER, update_fields=["data"])
        count += len(secrets)
    return count
