"""Retention never waits for somebody who works: each function takes only rows that nobody else holds.

It had locked many rows in no order while a service saved them one after the other, and PostgreSQL ended one of the two.
"""

from importlib import import_module

from django.db import migrations

from aimprogress.core.retention import ReplaceRetentionFunction

FIRST = import_module("members.migrations.0024_forget_by_rule")
STANDING = import_module("members.migrations.0028_keep_the_standing_count")
COUNT = FIRST.COUNT

PLACES = """
SELECT array_agg(id) INTO gone FROM (
    SELECT s.id FROM members_site s WHERE s.organisation_id = whose AND {which} AND (
        s.exact_location IS NOT NULL OR s.address <> '' OR s.settlement_id IS NOT NULL
        OR EXISTS (SELECT FROM members_evacuationplan p WHERE p.site_id = s.id AND (p.routes IS NOT NULL
            OR p.shelters IS NOT NULL OR p.assembly_points IS NOT NULL OR p.destination <> ''))
        OR EXISTS (SELECT FROM members_communicationplan p WHERE p.site_id = s.id AND p.call_tree IS NOT NULL)
    ) ORDER BY s.id LIMIT most FOR NO KEY UPDATE OF s SKIP LOCKED) found;
UPDATE members_site SET exact_location = NULL, address = '', settlement_id = NULL, version = version + 1, updated_at = now()
    WHERE id = ANY (gone);
GET DIAGNOSTICS done = ROW_COUNT;
UPDATE members_evacuationplan SET routes = NULL, shelters = NULL, assembly_points = NULL, destination = '', version = version + 1
    WHERE id IN (SELECT p.id FROM members_evacuationplan p WHERE p.site_id = ANY (gone) FOR NO KEY UPDATE SKIP LOCKED);
UPDATE members_communicationplan SET call_tree = NULL, version = version + 1
    WHERE id IN (SELECT p.id FROM members_communicationplan p WHERE p.site_id = ANY (gone) FOR NO KEY UPDATE SKIP LOCKED);
"""

FORGET = """
UPDATE members_headcount SET strict = NULL WHERE id IN (
    SELECT h.id FROM members_headcount h WHERE h.organisation_id = whose AND h.observed_at < cut_off AND h.strict IS NOT NULL
        AND {which} (SELECT FROM members_site s WHERE s.id = h.site_id AND s.current_headcount_id = h.id)
    FOR NO KEY UPDATE OF h SKIP LOCKED);
GET DIAGNOSTICS done = ROW_COUNT;
"""

PLAN_PLACES = f"""
WITH evacuation AS (
    UPDATE members_evacuationplan SET routes = NULL, shelters = NULL, assembly_points = NULL, version = version + 1 WHERE id IN (
        SELECT p.id FROM members_evacuationplan p WHERE {FIRST.EVACUATION}
            AND (p.routes IS NOT NULL OR p.shelters IS NOT NULL OR p.assembly_points IS NOT NULL)
        LIMIT most FOR NO KEY UPDATE OF p SKIP LOCKED)
    RETURNING 1
), communication AS (
    UPDATE members_communicationplan SET call_tree = NULL, version = version + 1 WHERE id IN (
        SELECT p.id FROM members_communicationplan p WHERE {FIRST.COMMUNICATION} AND p.call_tree IS NOT NULL
        LIMIT most FOR NO KEY UPDATE OF p SKIP LOCKED)
    RETURNING 1
) SELECT (SELECT count(*) FROM evacuation) + (SELECT count(*) FROM communication) INTO done;
"""

PLAN_VERSIONS = f"""
SELECT array_agg(id) INTO gone FROM (
    SELECT id FROM (SELECT p.id FROM members_evacuationplan p WHERE {FIRST.EVACUATION}
        AND NOT EXISTS (SELECT FROM members_planactivation a WHERE a.plan_id = p.id)
        LIMIT most FOR UPDATE OF p SKIP LOCKED) evacuation
    UNION ALL SELECT id FROM (SELECT p.id FROM members_communicationplan p WHERE {FIRST.COMMUNICATION}
        LIMIT most FOR UPDATE OF p SKIP LOCKED) communication) found;
DELETE FROM members_evacuationplan WHERE id = ANY (gone);
DELETE FROM members_communicationplan WHERE id = ANY (gone);
DELETE FROM instruments_answer WHERE organisation_id = whose AND assessment_id IN (
    SELECT id FROM instruments_assessment WHERE organisation_id = whose AND subject_id = ANY (gone));
DELETE FROM instruments_assessment WHERE organisation_id = whose AND subject_id = ANY (gone);
done := coalesce(cardinality(gone), 0);
"""

CASES = """
SELECT array_agg(id) INTO gone FROM (SELECT id FROM members_supportcase WHERE organisation_id = whose
    AND status IN ('RESOLVED', 'CLOSED') AND resolved_at < cut_off LIMIT most FOR UPDATE SKIP LOCKED) found;
DELETE FROM members_meetingfollowup WHERE meeting_id IN (SELECT id FROM members_meeting WHERE case_id = ANY (gone));
DELETE FROM members_meeting WHERE case_id = ANY (gone);
DELETE FROM members_casemessage WHERE case_id = ANY (gone);
DELETE FROM members_supportcase WHERE id = ANY (gone);
GET DIAGNOSTICS done = ROW_COUNT;
"""

ANSWERS = """
UPDATE members_checkin SET answers = '{"same": false, "operational": "", "people": "", "not_reached": null, "note": ""}'
    WHERE id IN (SELECT id FROM members_checkin WHERE organisation_id = whose AND received_at < cut_off
        AND (follow_up = '' OR followed_up_at IS NOT NULL)
        AND answers <> '{"same": false, "operational": "", "people": "", "not_reached": null, "note": ""}'
        LIMIT most FOR NO KEY UPDATE SKIP LOCKED);
GET DIAGNOSTICS done = ROW_COUNT;
DELETE FROM members_otheranswers WHERE id IN (SELECT id FROM members_otheranswers WHERE organisation_id = whose
    AND settled <> '' AND received_at < cut_off FOR UPDATE SKIP LOCKED);
"""

IMPORTS = """
SELECT array_agg(id) INTO gone FROM (SELECT b.id FROM exchange_importbatch b
    WHERE b.organisation_id = whose AND b.created_at < cut_off AND b.content IS NULL FOR UPDATE SKIP LOCKED) found;
DELETE FROM exchange_importrow WHERE id IN (
    SELECT id FROM exchange_importrow WHERE organisation_id = whose AND batch_id = ANY (gone) LIMIT most);
GET DIAGNOSTICS done = ROW_COUNT;
DELETE FROM exchange_importbatch b WHERE b.id = ANY (gone)
    AND NOT EXISTS (SELECT FROM exchange_importrow r WHERE r.batch_id = b.id);
"""

DOWNLOADS = """
SELECT array_agg(id) INTO gone FROM (
    SELECT f.id FROM jobs_job j JOIN core_storedfile f ON f.id = j.result_file_id
    WHERE j.organisation_id = whose AND f.kind IN ('export', 'archive') AND j.finished_at < cut_off
    LIMIT most FOR UPDATE SKIP LOCKED) found;
UPDATE jobs_job SET result_file_id = NULL WHERE organisation_id = whose AND result_file_id = ANY (gone);
DELETE FROM core_storedfile WHERE organisation_id = whose AND id = ANY (gone);
GET DIAGNOSTICS done = ROW_COUNT;
"""

JOBS = """
SELECT array_agg(id) INTO gone FROM (
    SELECT j.id FROM jobs_job j WHERE j.organisation_id = whose AND j.finished_at < cut_off
        AND NOT EXISTS (SELECT FROM jobs_job r WHERE r.retry_of_id = j.id)
        AND NOT EXISTS (SELECT FROM exchange_importbatch b WHERE b.job_id = j.id)
        AND NOT EXISTS (SELECT FROM risks_report p WHERE p.job_id = j.id) LIMIT most FOR UPDATE OF j SKIP LOCKED) found;
DELETE FROM jobs_jobtransition WHERE organisation_id = whose AND job_id = ANY (gone);
DELETE FROM jobs_job WHERE id = ANY (gone);
GET DIAGNOSTICS done = ROW_COUNT;
"""

AUDIT = """
UPDATE core_auditevent SET body = '{}' WHERE id IN (
    SELECT id FROM core_auditevent WHERE organisation_id = whose AND at < cut_off AND body <> '{}'
    LIMIT most FOR NO KEY UPDATE SKIP LOCKED);
GET DIAGNOSTICS done = ROW_COUNT;
"""

SIGN_INS = """
DELETE FROM axes_accessattemptexpiration WHERE access_attempt_id IN (
    SELECT id FROM axes_accessattempt WHERE attempt_time < cut_off);
WITH tried AS (DELETE FROM axes_accessattempt WHERE id IN (
    SELECT id FROM axes_accessattempt WHERE attempt_time < cut_off FOR UPDATE SKIP LOCKED) RETURNING 1),
failed AS (DELETE FROM axes_accessfailurelog WHERE attempt_time < cut_off RETURNING 1),
entered AS (DELETE FROM axes_accesslog WHERE id IN (
    SELECT id FROM axes_accesslog WHERE attempt_time < cut_off FOR UPDATE SKIP LOCKED) RETURNING 1)
SELECT (SELECT count(*) FROM tried) + (SELECT count(*) FROM failed) + (SELECT count(*) FROM entered) INTO done;
"""

# One administrator always remains.
DISABLE = f"""
UPDATE members_user SET is_active = false WHERE id IN (
    SELECT u.id FROM members_user u WHERE u.is_active AND {FIRST.ABSENT}
    AND (NOT EXISTS (SELECT FROM members_rolegrant a WHERE a.user_id = u.id AND a.role = 'AIM_ADMIN' AND a.revoked_at IS NULL)
        OR EXISTS (SELECT FROM members_rolegrant a JOIN members_user o ON o.id = a.user_id WHERE a.role = 'AIM_ADMIN'
            AND a.revoked_at IS NULL AND o.is_active AND o.id <> u.id AND greatest(o.joined_at, o.last_visit_at) >= cut_off))
    LIMIT most FOR NO KEY UPDATE OF u SKIP LOCKED);
GET DIAGNOSTICS done = ROW_COUNT;
"""

ANONYMISE = f"""
SELECT array_agg(id) INTO gone FROM (SELECT u.id FROM members_user u
    WHERE NOT u.is_active AND u.email NOT LIKE 'gone-%' AND {FIRST.ABSENT} LIMIT most FOR NO KEY UPDATE OF u SKIP LOCKED) found;
done := retention_make_anonymous(gone);
"""


# A person's saved views go with the person, as the unfinished forms do.
MAKE_ANONYMOUS = FIRST.MAKE_ANONYMOUS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "    DELETE FROM web_formdraft", "    DELETE FROM web_savedview WHERE user_id = ANY (people);\n    DELETE FROM web_formdraft"
)


def deleting(table: str, moment: str) -> str:
    """The body of a rule that deletes rows of one table when a column of theirs is of age."""
    return f"""
    DELETE FROM {table} WHERE id IN (
        SELECT id FROM {table} WHERE organisation_id = whose AND {moment} < cut_off LIMIT most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS done = ROW_COUNT;
    """


class Migration(migrations.Migration):
    dependencies = [("members", "0029_name_a_share_of_contributions_shortly"), ("web", "0002_save_views")]
    operations = [
        migrations.RunSQL(MAKE_ANONYMOUS, FIRST.MAKE_ANONYMOUS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
        ReplaceRetentionFunction(
            "places_closed", 7, PLACES.format(which=FIRST.CLOSED), FIRST.PLACES.format(which=FIRST.CLOSED)
        ),
        ReplaceRetentionFunction("places_lost", 3, PLACES.format(which=FIRST.LOST), FIRST.PLACES.format(which=FIRST.LOST)),
        ReplaceRetentionFunction(
            "strict", 140, FORGET.format(which="NOT EXISTS"), STANDING.FORGET.format(which="NOT EXISTS")
        ),
        ReplaceRetentionFunction(
            "strict_standing", 170, FORGET.format(which="EXISTS"), STANDING.FORGET.format(which="EXISTS")
        ),
        ReplaceRetentionFunction("plan_places", 30, PLAN_PLACES, FIRST.PLAN_PLACES),
        ReplaceRetentionFunction("plan_versions", 365, PLAN_VERSIONS, FIRST.PLAN_VERSIONS),
        ReplaceRetentionFunction("cases", 365, CASES, FIRST.CASES),
        ReplaceRetentionFunction("answers", 30, ANSWERS, FIRST.ANSWERS),
        ReplaceRetentionFunction("drafts", 7, deleting("web_formdraft", "kept_at"), FIRST.DRAFTS),
        ReplaceRetentionFunction("imports", 2, IMPORTS, FIRST.IMPORTS),
        ReplaceRetentionFunction("undo", 1, deleting("humanitarian_actionbatch", "changed_at"), FIRST.UNDO),
        ReplaceRetentionFunction("downloads", 1, DOWNLOADS, FIRST.DOWNLOADS),
        ReplaceRetentionFunction("jobs", 90, JOBS, FIRST.JOBS),
        ReplaceRetentionFunction("pulls", 180, deleting("members_sharepull", "at"), FIRST.PULLS),
        ReplaceRetentionFunction("notices", 30, deleting("members_notification", "told_at"), FIRST.NOTICES),
        ReplaceRetentionFunction("invitations", 7, deleting("members_invitation", "expires_at"), FIRST.INVITATIONS),
        ReplaceRetentionFunction("audit_bodies", 365, AUDIT, FIRST.AUDIT),
        ReplaceRetentionFunction("sign_ins", 90, SIGN_INS, FIRST.SIGN_INS),
        ReplaceRetentionFunction("people_absent", 180, DISABLE, FIRST.DISABLE),
        ReplaceRetentionFunction("people_gone", 365, ANONYMISE, FIRST.ANONYMISE),
    ]
