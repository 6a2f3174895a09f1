"""An action may follow from a checklist of a site."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('humanitarian', '0005_say_who_told_of_pay'),
    ]

    operations = [
        migrations.AlterField(
            model_name='safetyaction',
            name='origin',
            field=models.CharField(blank=True, choices=[('', 'Entered by hand'), ('PLAN', 'Gap in a plan'), ('CHECK_IN', 'Check-in'), ('ISSUE', 'Human-rights issue'), ('CHECKLIST', 'Checklist of the site')], default='', editable=False, max_length=9),
        ),
    ]
