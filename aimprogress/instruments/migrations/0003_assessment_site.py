"""The site of an assessment, so that a site reporter sees the assessments of the own sites only."""

import django.db.models.deletion
from django.db import migrations

import aimprogress.core.scoping
from aimprogress.core.rls import ScopedKeys


class Migration(migrations.Migration):
    dependencies = [("instruments", "0002_row_security")]
    operations = [
        migrations.AddField(
            model_name="assessment",
            name="site",
            field=aimprogress.core.scoping.ScopedForeignKey(
                blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name="+", to="members.site",
            ),
        ),
        ScopedKeys("instruments_assessment", {"site_id": "members_site"}),
    ]
