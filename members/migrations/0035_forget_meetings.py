"""Meetings that belong to no support case get an age, too; those of a case go with it."""

from django.db import migrations

from aimprogress.core.retention import RetentionFunction

MEETINGS = """
SELECT array_agg(id) INTO gone FROM (SELECT id FROM members_meeting
    WHERE organisation_id = whose AND case_id IS NULL AND held_on < cut_off::date LIMIT most FOR UPDATE SKIP LOCKED) found;
DELETE FROM members_meetingfollowup WHERE organisation_id = whose AND meeting_id = ANY (gone);
DELETE FROM members_meeting WHERE id = ANY (gone);
GET DIAGNOSTICS done = ROW_COUNT;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0034_let_programs_remind")]
    operations = [RetentionFunction("meetings", 365, MEETINGS)]
