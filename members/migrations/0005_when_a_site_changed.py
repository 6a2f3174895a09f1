from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0004_headcount_confidence'),
        ('places', '0001_areas_settlements_and_status'),
    ]

    operations = [
        migrations.AddField(
            model_name='site',
            name='current_changed_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='site',
            name='current_previous',
            field=models.CharField(blank=True, choices=[('OPERATING', 'Operating normally'), ('REDUCED', 'Operating at reduced level'), ('ESSENTIAL_ONLY', 'Only essential goods'), ('SUSPENDED', 'Suspended'), ('EVACUATED', 'Evacuated, nobody on site'), ('RELOCATED', 'Activity moved elsewhere'), ('CLOSED', 'Closed for good'), ('DIVESTED', 'Sold or transferred'), ('UNKNOWN', 'No contact')], editable=False, max_length=15),
        ),
        migrations.AddIndex(
            model_name='alertlevelchange',
            index=models.Index(fields=['-recorded_at'], name='alert_last_recorded'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['organisation', 'current_changed_at'], name='members_sit_organis_84a9c2_idx'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['current_changed_at'], name='members_sit_current_c7114b_idx'),
        ),
    ]
