import aimprogress.core.ids
import django.db.models.deletion
from django.db import migrations, models

from aimprogress.core.rls import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0005_when_a_site_changed'),
    ]

    operations = [
        migrations.CreateModel(
            name='WeekStanding',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('week_end', models.DateTimeField()),
                ('country', models.CharField(max_length=2)),
                ('group', models.CharField(choices=[('ok', 'Operating'), ('reduced', 'Reduced'), ('moved', 'Moved'), ('paused', 'Paused'), ('evac', 'Evacuated'), ('lost', 'No contact'), ('closed', 'Closed')], max_length=8)),
                ('sites', models.PositiveIntegerField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
            ],
            options={
                'ordering': ['-week_end', 'organisation', 'country', 'group'],
                'indexes': [models.Index(fields=['week_end', 'country'], name='members_wee_week_en_47376d_idx')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'week_end', 'country', 'group'), name='week_standing_counted_once')],
            },
        ),
        EnableRowSecurity("members_weekstanding", "SAFETY"),
    ]
