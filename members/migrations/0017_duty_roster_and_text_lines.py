"""Who is asked when somebody needs help, who was asked, and when a text line was confirmed."""

import aimprogress.core.ids
import aimprogress.core.scoping
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from aimprogress.core.rls import AppendOnly, EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0016_keep_other_answers_and_the_phones_clock'),
    ]

    operations = [
        migrations.AddField(
            model_name='checkin',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='checkin',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='DutyTurn',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('label', models.CharField(help_text='A role, such as “regional HSE lead”; no name.', max_length=60, verbose_name='who that is')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('from_on', models.DateField(blank=True, null=True, verbose_name='from')),
                ('until_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'ordering': ['position', 'id'],
                'indexes': [models.Index(fields=['organisation', 'position', 'id'], name='members_dut_organis_59546d_idx')],
            },
        ),
        migrations.CreateModel(
            name='HelpCall',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('label', models.CharField(max_length=60)),
                ('called_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('mailed', models.BooleanField(default=False)),
                ('check_in', aimprogress.core.scoping.ScopedForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='help_calls', to='members.checkin')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['called_at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'check_in', 'user'), name='called_once_for_help')],
            },
        ),
        EnableRowSecurity("members_dutyturn", "SAFETY"),
        EnableRowSecurity("members_helpcall", "SAFETY"),
        ScopedKeys("members_helpcall", {"check_in_id": "members_checkin"}),
        AppendOnly("members_helpcall"),
    ]
