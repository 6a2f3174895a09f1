"""Who sees and who may change the audit trail and the files."""

from django.db import migrations

from aimprogress.core.rls import AppendOnly, EnableRowSecurity, listed

AUDIT = f"""
ALTER TABLE core_auditevent ENABLE ROW LEVEL SECURITY;
ALTER TABLE core_auditevent FORCE ROW LEVEL SECURITY;
CREATE POLICY read_safety ON core_auditevent FOR SELECT
    USING (data_class = 'SAFETY' AND organisation_id = ANY ({listed("portal.sees_safety")}));
CREATE POLICY read_commercial ON core_auditevent FOR SELECT
    USING (data_class = 'COMMERCIAL' AND organisation_id = ANY ({listed("portal.sees_commercial")}));
CREATE POLICY write ON core_auditevent FOR INSERT WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_and_files")]
    operations = [
        # A viewer, a partner or a failed sign-in logs its own act, which it may not read: hence a policy for each verb.
        migrations.RunSQL(AUDIT, reverse_sql=migrations.RunSQL.noop),
        AppendOnly("core_auditevent"),
        EnableRowSecurity("core_storedfile", "COMMERCIAL"),
    ]
