"""An action has a file that proves it, and what it follows from; a bulk change can be taken back."""

import aimprogress.core.ids
import aimprogress.core.scoping
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from aimprogress.core.rls import EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_row_security'),
        ('humanitarian', '0002_row_security'),
        ('members', '0007_say_what_a_share_of_contributions_holds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='safetyaction',
            name='effect_on',
            field=models.DateField(blank=True, editable=False, null=True, verbose_name='effect judged on'),
        ),
        migrations.AddField(
            model_name='safetyaction',
            name='escalated',
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='safetyaction',
            name='evidence_file',
            field=aimprogress.core.scoping.ScopedForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile'),
        ),
        migrations.CreateModel(
            name='ActionBatch',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('before', models.JSONField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
            ],
            options={
                'abstract': False,
            },
        ),
        EnableRowSecurity("humanitarian_actionbatch", "SAFETY"),
        ScopedKeys("humanitarian_safetyaction", {"evidence_file_id": "core_storedfile"}),
    ]
