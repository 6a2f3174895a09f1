"""What came from a phone that somebody else held is told from what its own people took back."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0046_withdraw_sites'),
    ]

    operations = [
        migrations.AddField(
            model_name='checkin',
            name='put_aside_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
