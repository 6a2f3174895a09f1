"""Reports behind the second wall: they hold commercial facts."""

from django.db import migrations

from aimprogress.core.rls import EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):
    dependencies = [("risks", "0003_reports"), ("jobs", "0002_job_rules"), ("core", "0003_row_security")]
    operations = [
        EnableRowSecurity("risks_report", "COMMERCIAL"),
        ScopedKeys("risks_report", {"job_id": "jobs_job", "evidence_id": "core_storedfile", "pdf_id": "core_storedfile"}),
    ]
