"""A call with several members may be called off before it is held."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0039_keep_every_check_in")]
    operations = [migrations.AddField("meeting", "called_off_at", models.DateTimeField(editable=False, null=True))]
