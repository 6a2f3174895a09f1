import aimprogress.core.scoping
import django.db.models.deletion
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('instruments', '0001_initial'),
        ('members', '0002_row_security'),
    ]

    operations = [
        migrations.AddField(
            model_name='communicationplan',
            name='assessment',
            field=aimprogress.core.scoping.ScopedForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='instruments.assessment'),
        ),
        migrations.AddField(
            model_name='evacuationplan',
            name='assessment',
            field=aimprogress.core.scoping.ScopedForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='instruments.assessment'),
        ),
    ]
