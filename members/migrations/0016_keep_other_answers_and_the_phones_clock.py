"""When a check-in was said, by which clock and on which way; and what a second sending said differently."""

import aimprogress.core.ids
import aimprogress.core.scoping
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from aimprogress.core.rls import AppendOnly, EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0015_devices'),
    ]

    operations = [
        migrations.AddField(
            model_name='checkin',
            name='channel',
            field=models.CharField(choices=[('FORM', 'Sent by the page'), ('QUEUE', 'Kept on the phone, sent later'), ('LINE', 'Text line, second-hand')], default='FORM', max_length=5),
        ),
        migrations.AddField(
            model_name='checkin',
            name='clock',
            field=models.CharField(blank=True, choices=[('', 'The clock fits'), ('CORRECTED', 'The clock was wrong; corrected'), ('AHEAD', 'The clock was ahead; the time is unknown'), ('LONG_AGO', 'Said more than 60 days ago, or by a wrong clock')], default='', max_length=10),
        ),
        migrations.AddField(
            model_name='checkin',
            name='corrected_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='checkin',
            name='follow_up',
            field=models.CharField(blank=True, choices=[('', 'Nothing to do'), ('REASON', 'Suspended: ask for the reason'), ('JUDGED_AGAIN', 'The answer no longer fitted the last head count'), ('NOT_REACHED', 'People not reached'), ('HELP', 'Someone needs help'), ('CLOCK', 'Said long ago, or by a wrong clock: ask when')], default='', max_length=14),
        ),
        migrations.CreateModel(
            name='OtherAnswers',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('device', models.UUIDField(blank=True, null=True)),
                ('claimed_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('body_hash', models.CharField(max_length=64)),
                ('answers', models.JSONField(default=dict)),
                ('settled', models.CharField(blank=True, choices=[('', 'Not looked at yet'), ('FIRST', 'The first counts'), ('SECOND', 'The second counts')], default='', max_length=6)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('check_in', aimprogress.core.scoping.ScopedForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='other_answers', to='members.checkin')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', aimprogress.core.scoping.ScopedForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.site')),
            ],
            options={
                'ordering': ['-received_at', '-id'],
                'indexes': [models.Index(fields=['organisation', '-received_at', '-id'], name='members_oth_organis_50b69a_idx')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'check_in', 'body_hash'), name='other_answers_kept_once')],
            },
        ),
        EnableRowSecurity("members_otheranswers", "SAFETY"),
        ScopedKeys("members_otheranswers", {"site_id": "members_site", "check_in_id": "members_checkin"}),
        AppendOnly("members_otheranswers", ("settled", "settled_at", "settled_by_id")),
    ]
