"""Legal holds, what retention did, and the monthly totals that stay of the protected states."""

import aimprogress.core.fields
import aimprogress.core.ids
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from aimprogress.core.retention import SAFE
from aimprogress.core.rls import AppendOnly, EnableRowSecurity

HELD = f"""
CREATE FUNCTION retention_is_held(whose uuid) RETURNS boolean LANGUAGE sql STABLE {SAFE} AS $$
    SELECT EXISTS (SELECT FROM members_legalhold WHERE organisation_id = whose AND lifted_at IS NULL)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0022_escalate_silence"),
    ]

    operations = [
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="legal_holds", to="members.organisation"
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-set_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)), fields=("organisation",), name="one_legal_hold_at_a_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionTally",
            fields=[
                ("id", models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("rule", models.CharField(max_length=30)),
                ("ran_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(null=True)),
                ("last_rows", models.PositiveIntegerField(default=0)),
                ("all_rows", models.PositiveBigIntegerField(default=0)),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.organisation"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organisation", "rule"), name="one_tally_of_a_rule")],
            },
        ),
        migrations.CreateModel(
            name="StrictMonth",
            fields=[
                ("id", models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("country", models.CharField(max_length=2)),
                ("month", models.DateField()),
                ("sites", models.PositiveIntegerField()),
                ("counts", aimprogress.core.fields.EncryptedJSONField()),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.organisation"),
                ),
            ],
            options={
                "ordering": ["-month", "country"],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "country", "month"), name="strict_month_once_in_a_country")
                ],
            },
        ),
        EnableRowSecurity("members_retentiontally", "SAFETY"),
        EnableRowSecurity("members_strictmonth", "SAFETY"),
        AppendOnly("members_strictmonth"),
        migrations.RunSQL(
            "REVOKE DELETE, TRUNCATE ON members_legalhold FROM portal_app", "GRANT DELETE ON members_legalhold TO portal_app"
        ),
        migrations.RunSQL(HELD, "DROP FUNCTION retention_is_held(uuid)"),
    ]
