"""What a check-in left open is more than one thing; and what the rules refuse is kept and asked about."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0038_know_since_when_a_site_is_protected'),
    ]

    operations = [
        migrations.AddField(
            model_name='checkin',
            name='also_open',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('', 'Nothing to do'), ('REASON', 'Suspended: ask for the reason'), ('JUDGED_AGAIN', 'The answer does not fit what stands: ask how it is now'), ('NOT_REACHED', 'People not reached'), ('HELP', 'Someone needs help'), ('CLOCK', 'Said long ago, or by a wrong clock: ask when'), ('HELD_BACK', 'The note gave a position away, which was not kept: ask for it')], max_length=14), blank=True, default=list, size=None),
        ),
        migrations.AlterField(
            model_name='checkin',
            name='follow_up',
            field=models.CharField(blank=True, choices=[('', 'Nothing to do'), ('REASON', 'Suspended: ask for the reason'), ('JUDGED_AGAIN', 'The answer does not fit what stands: ask how it is now'), ('NOT_REACHED', 'People not reached'), ('HELP', 'Someone needs help'), ('CLOCK', 'Said long ago, or by a wrong clock: ask when'), ('HELD_BACK', 'The note gave a position away, which was not kept: ask for it')], default='', max_length=14),
        ),
    ]
