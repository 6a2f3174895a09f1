import aimprogress.core.fields
import aimprogress.core.ids
import aimprogress.core.scoping
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0003_row_security'),
        ('members', '0002_row_security'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('instrument', models.CharField(max_length=40, verbose_name='instrument')),
                ('version', models.PositiveSmallIntegerField(verbose_name='version of the instrument')),
                ('subject_type', models.CharField(max_length=60)),
                ('subject_id', models.UUIDField()),
                ('result', models.JSONField(blank=True, default=dict)),
                ('formula_version', models.PositiveSmallIntegerField(default=0)),
                ('started_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('completed_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('recorded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('item', models.CharField(max_length=80)),
                ('value', models.CharField(max_length=20)),
                ('note', aimprogress.core.fields.EncryptedTextField(blank=True, null=True, verbose_name='note')),
                ('evidence', aimprogress.core.fields.EncryptedTextField(blank=True, null=True, verbose_name='evidence')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('assessment', aimprogress.core.scoping.ScopedForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='instruments.assessment')),
            ],
        ),
        migrations.AddIndex(
            model_name='assessment',
            index=models.Index(fields=['organisation', 'subject_type', 'subject_id'], name='assessment_of_subject'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('organisation', 'assessment', 'item'), name='answer_once_for_each_item'),
        ),
    ]
