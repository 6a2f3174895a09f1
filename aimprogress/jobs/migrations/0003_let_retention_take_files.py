"""A finished job never changes, but for one thing: retention, by the owner's hand alone, may take what it made."""

from importlib import import_module

from django.db import migrations

before = import_module("aimprogress.jobs.migrations.0002_job_rules").RULES
RULES = before[before.index("CREATE FUNCTION jobs_job_rules()") : before.index("CREATE FUNCTION jobs_job_log()")].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
OVER = "IF OLD.state IN ('succeeded', 'failed', 'cancelled') AND NEW IS DISTINCT FROM OLD THEN"
MAY_TAKE = """IF current_user <> 'portal_app' AND NEW.result_file_id IS NULL THEN
        kept.result_file_id := OLD.result_file_id;
    END IF;
    IF OLD.state IN ('succeeded', 'failed', 'cancelled') AND kept IS DISTINCT FROM OLD THEN"""
TAKES = RULES.replace("AS $$\nBEGIN", "AS $$\nDECLARE\n    kept jobs_job := NEW;\nBEGIN").replace(OVER, MAY_TAKE)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_job_rules")]
    operations = [migrations.RunSQL(TAKES, RULES)]
