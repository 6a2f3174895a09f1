"""Drafts of forms, behind row security."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import aimprogress.core.fields
import aimprogress.core.ids
from aimprogress.core.rls import EnableRowSecurity


class Migration(migrations.Migration):
    initial = True
    dependencies = [("members", "0002_row_security"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="FormDraft",
            fields=[
                ("id", models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("url", models.CharField(max_length=300)),
                ("content", aimprogress.core.fields.EncryptedJSONField()),
                ("kept_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.organisation"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "user", "url"), name="draft_one_per_form")
                ],
            },
        ),
        EnableRowSecurity("web_formdraft", "SAFETY"),
    ]
