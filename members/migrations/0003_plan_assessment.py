import aimprogress.core.scoping
import django.db.models.deletion
from django.db import migrations

from aimprogress.core.rls import ScopedKeys


class Migration(migrations.Migration):

    dependencies = [
        ('instruments', '0002_row_security'),
        ('members', '0002_row_security'),
    ]

    operations = [
        migrations.AddField(
            model_name='communicationplan',
            name='assessment',
            field=aimprogress.core.scoping.ScopedForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='instruments.assessment'),
        ),
        migrations.AddField(
            model_name='evacuationplan',
            name='assessment',
            field=aimprogress.core.scoping.ScopedForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='instruments.assessment'),
        ),
        ScopedKeys("members_evacuationplan", {"assessment_id": "instruments_assessment"}),
        ScopedKeys("members_communicationplan", {"assessment_id": "instruments_assessment"}),
    ]
