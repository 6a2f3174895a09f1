"""Saved views and unfinished forms are seen by their person and by SYSTEM, by name; where nobody says who asks, by nobody."""

from django.db import migrations

from aimprogress.core.rls import MakeRowSecurityPersonal


class Migration(migrations.Migration):
    dependencies = [("web", "0002_save_views")]
    operations = [
        MakeRowSecurityPersonal("web_savedview", "SAFETY"),
        MakeRowSecurityPersonal("web_formdraft", "SAFETY"),
    ]
