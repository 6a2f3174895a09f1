"""The examples of a list's columns are sealed, as its rows are: a column that nobody named may hold a street or a protected state."""

from django.db import migrations

from aimprogress.core.fields import EncryptedJSONField
from aimprogress.core.rls import with_scope


def seal(apps, schema_editor):
    _copy(apps, schema_editor, "plain_columns", "columns")


def unseal(apps, schema_editor):
    _copy(apps, schema_editor, "columns", "plain_columns")


def _copy(apps, schema_editor, source, target):
    batches = apps.get_model("exchange", "ImportBatch").objects.using(schema_editor.connection.alias)
    with with_scope(schema_editor):
        for batch in batches.only(source, target).iterator(chunk_size=200):
            setattr(batch, target, getattr(batch, source) or [])
            batch.save(update_fields=[target])


class Migration(migrations.Migration):
    dependencies = [("exchange", "0003_large_lists")]
    operations = [
        migrations.RenameField("importbatch", "columns", "plain_columns"),
        migrations.AddField("importbatch", "columns", EncryptedJSONField(blank=True, null=True)),
        migrations.RunPython(seal, unseal),
        migrations.RemoveField("importbatch", "plain_columns"),
        migrations.AlterField("importbatch", "columns", EncryptedJSONField(blank=True, default=list, null=True)),
    ]
