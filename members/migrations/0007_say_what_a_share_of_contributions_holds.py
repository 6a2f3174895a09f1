"""Words only: what the team reads of contributions is not what the partner reads."""

from django.db import migrations, models

DATASETS = [
    ("SITE_STATUS", "Site status"),
    ("HEAD_COUNTS", "Head counts"),
    ("PLANS", "Plans in place"),
    ("SAFETY_ACTIONS", "Safety actions"),
    ("SUPPLIERS", "Suppliers"),
    ("CONTRIBUTIONS", "Contributions: a partner its own, AIM-Progress all in bands"),
    ("REPORTS", "Reports"),
]


class Migration(migrations.Migration):
    dependencies = [('members', '0006_week_standings')]

    operations = [
        migrations.AlterField("datashare", "dataset", models.CharField(choices=DATASETS, max_length=20)),
    ]
