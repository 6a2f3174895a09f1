"""A site's last count keeps the protected states to the last day: while it stands, totals are made of it."""

from importlib import import_module

from django.db import migrations

from aimprogress.core.retention import RetentionFunction

OLD = RetentionFunction("strict", 140, import_module("members.migrations.0024_forget_by_rule").STRICT)

FORGET = """
UPDATE members_headcount h SET strict = NULL WHERE h.organisation_id = whose AND h.observed_at < cut_off AND h.strict IS NOT NULL
    AND {which} (SELECT FROM members_site s WHERE s.id = h.site_id AND s.current_headcount_id = h.id);
GET DIAGNOSTICS done = ROW_COUNT;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0027_let_members_leave")]
    operations = [
        migrations.RunSQL(OLD.reverse_sql, OLD.sql),
        RetentionFunction("strict", 140, FORGET.format(which="NOT EXISTS")),
        RetentionFunction("strict_standing", 170, FORGET.format(which="EXISTS")),
    ]
