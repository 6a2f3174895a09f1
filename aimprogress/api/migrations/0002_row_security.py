"""Kept answers belong to an organisation like everything else."""

from django.db import migrations

from aimprogress.core.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("api", "0001_idempotency_keys_and_rate_windows")]
    operations = [EnableRowSecurity("api_idempotencykey", "SAFETY")]
