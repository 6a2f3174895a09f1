"""A saved view has a version, so that a program changes the one that it read."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("web", "0003_keep_personal_rows_to_their_person")]
    operations = [
        migrations.AddField("savedview", "version", models.PositiveIntegerField(default=1, editable=False)),
        migrations.AddField("savedview", "updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
    ]
