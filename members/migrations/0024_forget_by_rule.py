"""The functions behind the rules of members/retention/rules.py: each empties or deletes what its rule names, and nothing else."""

from django.db import migrations

from aimprogress.core.retention import SAFE, RetentionFunction

COUNT = "GET DIAGNOSTICS done = ROW_COUNT;"

# A site's exact place, and the places and numbers of all its plans. Region and district stay: protection follows from them.
PLACES = (
    """
SELECT array_agg(id) INTO gone FROM (
    SELECT s.id FROM members_site s WHERE s.organisation_id = whose AND {which} AND (
        s.exact_location IS NOT NULL OR s.address <> '' OR s.settlement_id IS NOT NULL
        OR EXISTS (SELECT FROM members_evacuationplan p WHERE p.site_id = s.id AND (p.routes IS NOT NULL
            OR p.shelters IS NOT NULL OR p.assembly_points IS NOT NULL OR p.destination <> ''))
        OR EXISTS (SELECT FROM members_communicationplan p WHERE p.site_id = s.id AND p.call_tree IS NOT NULL)
    ) LIMIT most) found;
UPDATE members_site SET exact_location = NULL, address = '', settlement_id = NULL, version = version + 1, updated_at = now()
    WHERE id = ANY (gone);
"""
    + COUNT
    + """
UPDATE members_evacuationplan SET routes = NULL, shelters = NULL, assembly_points = NULL, destination = '', version = version + 1
    WHERE site_id = ANY (gone);
UPDATE members_communicationplan SET call_tree = NULL, version = version + 1 WHERE site_id = ANY (gone);
"""
)
CLOSED = "s.current_operational IN ('CLOSED', 'DIVESTED') AND s.current_status_since < cut_off"
# Out of control without a break since before the moment, or on occupied territory and left as it is since then.
LOST = """(
    (s.current_control = 'LOST' AND EXISTS (
        SELECT FROM members_sitestatus l WHERE l.site_id = s.id AND l.retracted_at IS NULL AND l.control = 'LOST'
            AND l.observed_at < cut_off AND NOT EXISTS (
                SELECT FROM members_sitestatus o WHERE o.site_id = s.id AND o.retracted_at IS NULL AND o.control <> 'LOST'
                    AND o.observed_at > l.observed_at
                    AND NOT EXISTS (SELECT FROM members_sitestatus c WHERE c.supersedes_id = o.id AND c.retracted_at IS NULL))))
    OR (s.safety_profile AND s.country = 'UA' AND s.updated_at < cut_off))"""

STRICT = (
    """
UPDATE members_headcount SET strict = NULL WHERE organisation_id = whose AND observed_at < cut_off AND strict IS NOT NULL;
"""
    + COUNT
)

REPLACED = """p.organisation_id = whose AND p.status = 'RETIRED' AND EXISTS (
    SELECT FROM {table} n WHERE n.site_id = p.site_id AND n.revision > p.revision AND n.approved_at < cut_off)"""
EVACUATION = REPLACED.format(table="members_evacuationplan")
COMMUNICATION = REPLACED.format(table="members_communicationplan")

PLAN_PLACES = f"""
WITH evacuation AS (
    UPDATE members_evacuationplan SET routes = NULL, shelters = NULL, assembly_points = NULL, version = version + 1 WHERE id IN (
        SELECT p.id FROM members_evacuationplan p WHERE {EVACUATION}
            AND (p.routes IS NOT NULL OR p.shelters IS NOT NULL OR p.assembly_points IS NOT NULL) LIMIT most)
    RETURNING 1
), communication AS (
    UPDATE members_communicationplan SET call_tree = NULL, version = version + 1 WHERE id IN (
        SELECT p.id FROM members_communicationplan p WHERE {COMMUNICATION} AND p.call_tree IS NOT NULL LIMIT most)
    RETURNING 1
) SELECT (SELECT count(*) FROM evacuation) + (SELECT count(*) FROM communication) INTO done;
"""

PLAN_VERSIONS = f"""
SELECT array_agg(id) INTO gone FROM (
    (SELECT p.id FROM members_evacuationplan p WHERE {EVACUATION}
        AND NOT EXISTS (SELECT FROM members_planactivation a WHERE a.plan_id = p.id) LIMIT most)
    UNION ALL (SELECT p.id FROM members_communicationplan p WHERE {COMMUNICATION} LIMIT most)) found;
DELETE FROM members_evacuationplan WHERE id = ANY (gone);
DELETE FROM members_communicationplan WHERE id = ANY (gone);
DELETE FROM instruments_answer WHERE organisation_id = whose AND assessment_id IN (
    SELECT id FROM instruments_assessment WHERE organisation_id = whose AND subject_id = ANY (gone));
DELETE FROM instruments_assessment WHERE organisation_id = whose AND subject_id = ANY (gone);
done := coalesce(cardinality(gone), 0);
"""

CASES = (
    """
SELECT array_agg(id) INTO gone FROM (SELECT id FROM members_supportcase WHERE organisation_id = whose
    AND status IN ('RESOLVED', 'CLOSED') AND resolved_at < cut_off LIMIT most) found;
DELETE FROM members_meetingfollowup WHERE meeting_id IN (SELECT id FROM members_meeting WHERE case_id = ANY (gone));
DELETE FROM members_meeting WHERE case_id = ANY (gone);
DELETE FROM members_casemessage WHERE case_id = ANY (gone);
DELETE FROM members_supportcase WHERE id = ANY (gone);
"""
    + COUNT
)

# The words are emptied; what they said stands in the facts. Another answer that was settled has said all it can.
ANSWERS = (
    """
UPDATE members_checkin SET answers = '{"same": false, "operational": "", "people": "", "not_reached": null, "note": ""}'
    WHERE id IN (SELECT id FROM members_checkin WHERE organisation_id = whose AND received_at < cut_off
        AND (follow_up = '' OR followed_up_at IS NOT NULL)
        AND answers <> '{"same": false, "operational": "", "people": "", "not_reached": null, "note": ""}' LIMIT most);
"""
    + COUNT
    + """
DELETE FROM members_otheranswers WHERE organisation_id = whose AND settled <> '' AND received_at < cut_off;
"""
)

DRAFTS = "DELETE FROM web_formdraft WHERE organisation_id = whose AND kept_at < cut_off;" + COUNT

IMPORTS = (
    """
SELECT array_agg(b.id) INTO gone FROM exchange_importbatch b
    WHERE b.organisation_id = whose AND b.created_at < cut_off AND b.content IS NULL;
DELETE FROM exchange_importrow WHERE id IN (
    SELECT id FROM exchange_importrow WHERE organisation_id = whose AND batch_id = ANY (gone) LIMIT most);
"""
    + COUNT
    + """
DELETE FROM exchange_importbatch b WHERE b.id = ANY (gone)
    AND NOT EXISTS (SELECT FROM exchange_importrow r WHERE r.batch_id = b.id);
"""
)

UNDO = "DELETE FROM humanitarian_actionbatch WHERE organisation_id = whose AND changed_at < cut_off;" + COUNT

DOWNLOADS = (
    """
SELECT array_agg(id) INTO gone FROM (
    SELECT f.id FROM jobs_job j JOIN core_storedfile f ON f.id = j.result_file_id
    WHERE j.organisation_id = whose AND f.kind IN ('export', 'archive') AND j.finished_at < cut_off LIMIT most) found;
UPDATE jobs_job SET result_file_id = NULL WHERE organisation_id = whose AND result_file_id = ANY (gone);
DELETE FROM core_storedfile WHERE organisation_id = whose AND id = ANY (gone);
"""
    + COUNT
)

JOBS = (
    """
SELECT array_agg(id) INTO gone FROM (
    SELECT j.id FROM jobs_job j WHERE j.organisation_id = whose AND j.finished_at < cut_off
        AND NOT EXISTS (SELECT FROM jobs_job r WHERE r.retry_of_id = j.id)
        AND NOT EXISTS (SELECT FROM exchange_importbatch b WHERE b.job_id = j.id)
        AND NOT EXISTS (SELECT FROM risks_report p WHERE p.job_id = j.id) LIMIT most) found;
DELETE FROM jobs_jobtransition WHERE organisation_id = whose AND job_id = ANY (gone);
DELETE FROM jobs_job WHERE id = ANY (gone);
"""
    + COUNT
)

PULLS = (
    """
DELETE FROM members_sharepull WHERE id IN (
    SELECT id FROM members_sharepull WHERE organisation_id = whose AND at < cut_off LIMIT most);
"""
    + COUNT
)

NOTICES = (
    """
DELETE FROM members_notification WHERE id IN (
    SELECT id FROM members_notification WHERE organisation_id = whose AND told_at < cut_off LIMIT most);
"""
    + COUNT
)

INVITATIONS = "DELETE FROM members_invitation WHERE organisation_id = whose AND expires_at < cut_off;" + COUNT

AUDIT = (
    """
UPDATE core_auditevent SET body = '{}' WHERE id IN (
    SELECT id FROM core_auditevent WHERE organisation_id = whose AND at < cut_off AND body <> '{}' LIMIT most);
"""
    + COUNT
)

SIGN_INS = """
DELETE FROM axes_accessattemptexpiration WHERE access_attempt_id IN (SELECT id FROM axes_accessattempt WHERE attempt_time < cut_off);
WITH tried AS (DELETE FROM axes_accessattempt WHERE attempt_time < cut_off RETURNING 1),
failed AS (DELETE FROM axes_accessfailurelog WHERE attempt_time < cut_off RETURNING 1),
entered AS (DELETE FROM axes_accesslog WHERE attempt_time < cut_off RETURNING 1)
SELECT (SELECT count(*) FROM tried) + (SELECT count(*) FROM failed) + (SELECT count(*) FROM entered) INTO done;
"""

# Somebody was last here when they signed in, or when their phone did. Nobody is taken from an organisation under a hold, and
# one administrator always remains.
SEEN = """greatest(u.joined_at, u.last_visit_at, (SELECT max(d.last_seen_at) FROM members_device d WHERE d.holder_id = u.id))"""
ABSENT = f"""
{SEEN} < cut_off AND NOT EXISTS (SELECT FROM members_rolegrant g WHERE g.user_id = u.id AND retention_is_held(g.organisation_id))
"""
DISABLE = f"""
UPDATE members_user SET is_active = false WHERE id IN (
    SELECT u.id FROM members_user u WHERE u.is_active AND {ABSENT}
    AND (NOT EXISTS (SELECT FROM members_rolegrant a WHERE a.user_id = u.id AND a.role = 'AIM_ADMIN' AND a.revoked_at IS NULL)
        OR EXISTS (SELECT FROM members_rolegrant a JOIN members_user o ON o.id = a.user_id WHERE a.role = 'AIM_ADMIN'
            AND a.revoked_at IS NULL AND o.is_active AND o.id <> u.id AND greatest(o.joined_at, o.last_visit_at) >= cut_off))
    LIMIT most);
{COUNT}
"""
ANONYMISE = f"""
SELECT array_agg(id) INTO gone FROM (SELECT u.id FROM members_user u
    WHERE NOT u.is_active AND u.email NOT LIKE 'gone-%' AND {ABSENT} LIMIT most) found;
done := retention_make_anonymous(gone);
"""

# What stays of a person is the id that facts and the audit trail point at. Called by the functions of the owner only.
MAKE_ANONYMOUS = f"""
CREATE FUNCTION retention_make_anonymous(people uuid[]) RETURNS integer LANGUAGE plpgsql {SAFE} AS $$
DECLARE
    done integer;
    addresses text[] := (SELECT array_agg(email) FROM members_user WHERE id = ANY (people));
BEGIN
    DELETE FROM account_emailconfirmation WHERE email_address_id IN (
        SELECT id FROM account_emailaddress WHERE user_id = ANY (people));
    DELETE FROM account_emailaddress WHERE user_id = ANY (people);
    DELETE FROM mfa_authenticator WHERE user_id = ANY (people);
    DELETE FROM members_signinlink WHERE user_id = ANY (people);
    DELETE FROM members_notification WHERE user_id = ANY (people);
    DELETE FROM members_noticesetting WHERE user_id = ANY (people);
    DELETE FROM web_formdraft WHERE user_id = ANY (people);
    DELETE FROM members_invitation WHERE lower(email) = ANY (addresses);
    DELETE FROM axes_accessattemptexpiration WHERE access_attempt_id IN (
        SELECT id FROM axes_accessattempt WHERE lower(username) = ANY (addresses));
    DELETE FROM axes_accessattempt WHERE lower(username) = ANY (addresses);
    DELETE FROM axes_accessfailurelog WHERE lower(username) = ANY (addresses);
    DELETE FROM axes_accesslog WHERE lower(username) = ANY (addresses);
    UPDATE members_rolegrant SET revoked_at = now() WHERE user_id = ANY (people) AND revoked_at IS NULL;
    UPDATE members_device SET revoked_at = now(), ended = 'LEFT', link_hash = '' WHERE holder_id = ANY (people) AND revoked_at IS NULL;
    UPDATE members_user SET email = 'gone-' || id || '@anonymous.invalid', display_name = '', password = '!', is_active = false
        WHERE id = ANY (people);
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END $$;
REVOKE ALL ON FUNCTION retention_make_anonymous(uuid[]) FROM PUBLIC;
"""

# The log has policies for reading and adding only: the owner needs one to empty bodies.
MAY_EMPTY = """
CREATE POLICY retention ON core_auditevent FOR UPDATE TO CURRENT_USER
    USING (organisation_id = ANY ((SELECT string_to_array(nullif(current_setting('portal.writes', true), ''), ',')::uuid[])::uuid[]));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0023_keep_to_retention_rules"),
        ("core", "0003_row_security"),
        ("jobs", "0003_let_retention_take_files"),
        ("web", "0001_drafts"),
        ("exchange", "0003_large_lists"),
        ("instruments", "0004_sign_assessments"),
    ]
    operations = [
        migrations.RunSQL(MAY_EMPTY, "DROP POLICY retention ON core_auditevent"),
        migrations.RunSQL(MAKE_ANONYMOUS, "DROP FUNCTION retention_make_anonymous(uuid[])"),
        RetentionFunction("places_closed", 7, PLACES.format(which=CLOSED)),
        RetentionFunction("places_lost", 3, PLACES.format(which=LOST)),
        RetentionFunction("strict", 140, STRICT),
        RetentionFunction("plan_places", 30, PLAN_PLACES),
        RetentionFunction("plan_versions", 365, PLAN_VERSIONS),
        RetentionFunction("cases", 365, CASES),
        RetentionFunction("answers", 30, ANSWERS),
        RetentionFunction("drafts", 7, DRAFTS),
        RetentionFunction("imports", 2, IMPORTS),
        RetentionFunction("undo", 1, UNDO),
        RetentionFunction("downloads", 1, DOWNLOADS),
        RetentionFunction("jobs", 90, JOBS),
        RetentionFunction("pulls", 180, PULLS),
        RetentionFunction("notices", 30, NOTICES),
        RetentionFunction("invitations", 7, INVITATIONS),
        RetentionFunction("audit_bodies", 365, AUDIT),
        RetentionFunction("sign_ins", 90, SIGN_INS),
        RetentionFunction("people_absent", 180, DISABLE),
        RetentionFunction("people_gone", 365, ANONYMISE),
    ]
