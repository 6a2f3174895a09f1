"""Lists not yet imported are their owner's alone."""

from django.db import migrations

from aimprogress.core.rls import EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_staging")]
    operations = [
        EnableRowSecurity("exchange_importbatch", "COMMERCIAL"),
        EnableRowSecurity("exchange_importrow", "COMMERCIAL"),
        ScopedKeys("exchange_importrow", {"batch_id": "exchange_importbatch"}),
    ]
