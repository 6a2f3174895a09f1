"""After a large import PostgreSQL is told to look at the logs again, so that the projection is planned for what is there."""

from django.db import migrations

from aimprogress.core.rls import MayAnalyse


class Migration(migrations.Migration):
    dependencies = [("members", "0011_mark_guidance")]
    operations = [MayAnalyse("members_headcount"), MayAnalyse("members_sitestatus")]
