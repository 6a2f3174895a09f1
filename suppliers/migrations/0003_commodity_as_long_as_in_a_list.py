"""What a link says is bought may be as long as a list says it: it was cut after sixty signs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("suppliers", "0002_row_security")]
    operations = [
        migrations.AlterField(
            "supplylink", "commodity", models.CharField(blank=True, max_length=120, verbose_name="commodity")
        ),
    ]
