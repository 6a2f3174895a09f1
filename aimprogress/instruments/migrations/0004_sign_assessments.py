"""Answers are signed, with the workers' side, and what a signature allows is used once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('instruments', '0003_assessment_site'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='assessment',
            name='no_worker_rep_because',
            field=models.CharField(blank=True, max_length=200, verbose_name="why nobody of the workers' side signs"),
        ),
        migrations.AddField(
            model_name='assessment',
            name='signed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='signed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='assessment',
            name='used_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='worker_rep',
            field=models.CharField(blank=True, max_length=80, verbose_name="signed with (a role of the workers' side, no name)"),
        ),
    ]
