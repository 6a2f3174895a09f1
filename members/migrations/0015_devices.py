"""Phones that check in, behind the same walls as what they report."""

import aimprogress.core.fields
import aimprogress.core.ids
import aimprogress.core.scoping
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from aimprogress.core.rls import EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0014_date_activations'),
    ]

    operations = [
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('standing', models.CharField(choices=[('REPORTER', 'Reporter'), ('DEPUTY', 'Deputy'), ('SECOND', 'Second phone')], default='REPORTER', max_length=8, verbose_name='standing')),
                ('alias', models.CharField(max_length=12)),
                ('language', models.CharField(default='en', max_length=5)),
                ('line_key', aimprogress.core.fields.EncryptedTextField()),
                ('link_hash', models.CharField(blank=True, max_length=64)),
                ('link_ends_at', models.DateTimeField()),
                ('token_hash', models.CharField(blank=True, max_length=64)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('enrolled_at', models.DateTimeField(blank=True, null=True)),
                ('last_seen_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('wiped_at', models.DateTimeField(blank=True, null=True)),
                ('ended', models.CharField(blank=True, choices=[('LOST', 'Lost'), ('LEFT', 'Left'), ('HANDED_OVER', 'Handed over'), ('CLOSED', 'Check-in from inside was closed'), ('CUT_OFF', 'Access was cut off')], max_length=12)),
                ('holder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('replaces', aimprogress.core.scoping.ScopedForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='members.device')),
                ('site', aimprogress.core.scoping.ScopedForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='devices', to='members.site')),
            ],
            options={
                'ordering': ['-made_at', '-id'],
                'indexes': [models.Index(fields=['organisation', '-made_at', '-id'], name='members_dev_organis_7eb83c_idx'), models.Index(condition=models.Q(('link_hash', ''), _negated=True), fields=['link_hash'], name='device_by_link'), models.Index(fields=['holder'], name='members_dev_holder__d7b9ad_idx')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'alias'), name='device_alias_once_in_organisation')],
            },
        ),
        EnableRowSecurity("members_device", "SAFETY"),
        ScopedKeys("members_device", {"site_id": "members_site", "replaces_id": "members_device"}),
    ]
