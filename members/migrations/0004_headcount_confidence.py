from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0003_plan_assessment'),
    ]

    operations = [
        migrations.AddField(
            model_name='site',
            name='current_headcount_confidence',
            field=models.CharField(blank=True, choices=[('A', 'Confirmed'), ('B', 'Credible, second-hand'), ('C', 'Unverified')], editable=False, max_length=1),
        ),
    ]
