"""What must hold for jobs even when Python is wrong: one trigger before a change, one that logs it."""

from django.db import migrations

from aimprogress.core.rls import AppendOnly, EnableRowSecurity, ScopedKeys

RULES = """
CREATE FUNCTION jobs_job_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'queued' OR NEW.attempts <> 0 OR NEW.fence <> 0 THEN
            RAISE EXCEPTION 'a job starts queued and unclaimed' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state IN ('succeeded', 'failed', 'cancelled') AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a finished job never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.fence < OLD.fence OR NEW.attempts < OLD.attempts THEN
        RAISE EXCEPTION 'fence and attempts only grow' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.id, NEW.organisation_id, NEW.kind, NEW.params, NEW.created_at, NEW.body_hash, NEW.max_attempts)
        IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.kind, OLD.params, OLD.created_at, OLD.body_hash, OLD.max_attempts)
        OR (NEW.requester_id, NEW.api_key_id, NEW.idempotency_key, NEW.retry_of_id)
        IS DISTINCT FROM (OLD.requester_id, OLD.api_key_id, OLD.idempotency_key, OLD.retry_of_id)
    THEN
        RAISE EXCEPTION 'what was asked for never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.cancel_requested AND NOT NEW.cancel_requested THEN
        RAISE EXCEPTION 'a request to cancel is not taken back' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT (
        (OLD.state IN ('queued', 'waiting') AND NEW.state IN ('queued', 'waiting', 'running', 'failed', 'cancelled'))
        OR (OLD.state = 'running' AND NEW.state IN ('queued', 'waiting', 'succeeded', 'failed', 'cancelled'))
    ) THEN
        RAISE EXCEPTION 'a job does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'running' AND OLD.state <> 'running' AND (NEW.fence <= OLD.fence OR NEW.attempts <= OLD.attempts) THEN
        RAISE EXCEPTION 'a claim takes a new fence and counts as an attempt' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION jobs_job_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO jobs_jobtransition (id, organisation_id, job_id, from_state, to_state, fence, attempts, worker, at)
    VALUES (gen_random_uuid(), NEW.organisation_id, NEW.id, CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.state END,
            NEW.state, NEW.fence, NEW.attempts, NEW.worker, clock_timestamp());
    RETURN NULL;
END $$;

CREATE TRIGGER rules BEFORE INSERT OR UPDATE ON jobs_job FOR EACH ROW EXECUTE FUNCTION jobs_job_rules();
CREATE TRIGGER log_insert AFTER INSERT ON jobs_job FOR EACH ROW EXECUTE FUNCTION jobs_job_log();
CREATE TRIGGER log_change AFTER UPDATE ON jobs_job FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.fence IS DISTINCT FROM NEW.fence) EXECUTE FUNCTION jobs_job_log();
"""

NO_RULES = """
DROP TRIGGER log_change ON jobs_job;
DROP TRIGGER log_insert ON jobs_job;
DROP TRIGGER rules ON jobs_job;
DROP FUNCTION jobs_job_log();
DROP FUNCTION jobs_job_rules();
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_jobs_positions_and_timetable")]
    operations = [
        EnableRowSecurity("jobs_job", "SAFETY"),
        EnableRowSecurity("jobs_jobtransition", "SAFETY"),
        ScopedKeys("jobs_job", {"retry_of_id": "jobs_job", "result_file_id": "core_storedfile"}),
        ScopedKeys("jobs_jobtransition", {"job_id": "jobs_job"}),
        migrations.RunSQL(RULES, NO_RULES),
        AppendOnly("jobs_jobtransition"),
        # Accepted work is never deleted by the application.
        migrations.RunSQL("REVOKE DELETE, TRUNCATE ON jobs_job FROM portal_app", "GRANT DELETE ON jobs_job TO portal_app"),
    ]
