"""An import that finds its list unchanged does not seal and write the rows again: it tells them what was written of each.

A keyed hash says whether they are unchanged. Pages keep room for that one update, so that no index has to hear of it; the
index on the batch alone is the beginning of another one.
"""

import django.db.models.deletion
from django.db import migrations, models

from aimprogress.core.scoping import ScopedForeignKey


class Migration(migrations.Migration):
    dependencies = [("exchange", "0004_seal_examples")]
    operations = [
        migrations.AddField("importbatch", "rows_hash", models.CharField(blank=True, default="", max_length=16)),
        migrations.AlterField(
            "importrow",
            "batch",
            ScopedForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="exchange.importbatch"
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE exchange_importrow SET (fillfactor = 50)", "ALTER TABLE exchange_importrow RESET (fillfactor)"
        ),
    ]
