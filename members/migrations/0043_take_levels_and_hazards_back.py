"""A change of the alert level and a report of a hazard are corrected and taken back as a status is."""

import django.db.models.deletion
from django.db import migrations, models

import aimprogress.core.scoping
from aimprogress.core.rls import ScopedKeys

MODELS = ("alertlevelchange", "hazardreport")


def _supersedes(model: str) -> models.Field:
    return aimprogress.core.scoping.ScopedForeignKey(
        blank=True,
        db_constraint=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="superseded_by",
        to=f"members.{model}",
    )


def _take_back(model: str) -> list:
    table = f"members_{model}"
    return [
        migrations.AddField(model, "correction_reason", models.CharField(blank=True, max_length=200, verbose_name="what was wrong")),
        migrations.AddField(model, "supersedes", _supersedes(model)),
        migrations.AddField(model, "retracted_at", models.DateTimeField(blank=True, editable=False, null=True)),
        ScopedKeys(table, {"supersedes_id": table}),
        migrations.RunSQL(
            f"GRANT UPDATE (retracted_at) ON {table} TO portal_app", f"REVOKE UPDATE (retracted_at) ON {table} FROM portal_app"
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("members", "0042_call_until_somebody_answers")]
    operations = [operation for model in MODELS for operation in _take_back(model)]
