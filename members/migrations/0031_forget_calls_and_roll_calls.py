"""Calls to sites, reminders and roll calls get an age, too: what was said in them is in the facts that they led to."""

from django.db import migrations

from aimprogress.core.retention import RetentionFunction

CALLS = """
WITH calls AS (
    DELETE FROM members_sitecall WHERE id IN (SELECT id FROM members_sitecall
        WHERE organisation_id = whose AND called_at < cut_off LIMIT most FOR UPDATE SKIP LOCKED) RETURNING 1
), reminders AS (
    DELETE FROM members_reminder WHERE id IN (SELECT id FROM members_reminder
        WHERE organisation_id = whose AND reminded_at < cut_off LIMIT most FOR UPDATE SKIP LOCKED) RETURNING 1
) SELECT (SELECT count(*) FROM calls) + (SELECT count(*) FROM reminders) INTO done;
"""

ROLL_CALLS = """
SELECT array_agg(id) INTO gone FROM (SELECT id FROM members_rollcall
    WHERE organisation_id = whose AND closed_at < cut_off LIMIT most FOR UPDATE SKIP LOCKED) found;
DELETE FROM members_rollcallanswer WHERE organisation_id = whose AND roll_call_id = ANY (gone);
DELETE FROM members_rollcall WHERE id = ANY (gone);
GET DIAGNOSTICS done = ROW_COUNT;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0030_forget_without_waiting")]
    operations = [RetentionFunction("calls", 365, CALLS), RetentionFunction("roll_calls", 730, ROLL_CALLS)]
