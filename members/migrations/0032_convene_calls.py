

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0031_forget_calls_and_roll_calls'),
    ]

    operations = [
        migrations.AddField(
            model_name='meeting',
            name='accepted_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='meeting',
            name='agenda',
            field=models.TextField(blank=True, max_length=4000, verbose_name='agenda'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='call',
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='meeting',
            name='stopped_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='meeting',
            name='stopped_because',
            field=models.CharField(blank=True, max_length=200, verbose_name='what was off the agenda'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.UniqueConstraint(condition=models.Q(('call__isnull', False)), fields=('organisation', 'call'), name='member_once_in_a_call'),
        ),
    ]
