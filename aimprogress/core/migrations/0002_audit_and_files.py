import aimprogress.core.ids
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0001_privileges'),
        ('members', '0001_organisations_sites_and_plans'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditChain',
            fields=[
                ('organisation_id', models.UUIDField(primary_key=True, serialize=False)),
                ('seq', models.PositiveBigIntegerField(default=0)),
                ('hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveBigIntegerField()),
                ('name', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=100)),
                ('kind', models.CharField(max_length=40)),
                ('stored_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', '-stored_at', 'id'], name='core_stored_organis_1991e7_idx')],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('organisation_id', models.UUIDField()),
                ('seq', models.PositiveBigIntegerField()),
                ('data_class', models.CharField(choices=[('SAFETY', 'Safety'), ('COMMERCIAL', 'Commercial')], max_length=10)),
                ('at', models.DateTimeField()),
                ('action', models.CharField(max_length=100)),
                ('actor_kind', models.CharField(max_length=12)),
                ('actor_id', models.UUIDField(null=True)),
                ('actor_label', models.CharField(max_length=200)),
                ('object_type', models.CharField(blank=True, max_length=60)),
                ('object_id', models.UUIDField(null=True)),
                ('body', models.JSONField(default=dict)),
                ('body_hash', models.CharField(max_length=64)),
                ('previous', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['organisation_id', '-at'], name='core_audite_organis_da973c_idx'), models.Index(fields=['object_type', 'object_id'], name='core_audite_object__bbabc4_idx')],
                'constraints': [models.UniqueConstraint(fields=('organisation_id', 'seq'), name='audit_one_event_per_number')],
            },
        ),
    ]
