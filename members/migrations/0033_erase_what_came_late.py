"""What a request that was under way wrote while its member was erased: the owner takes that, too, in the hours after."""

from importlib import import_module

from django.db import migrations

from aimprogress.core.retention import SAFE

FIRST = import_module("members.migrations.0027_let_members_leave")

# Called by the functions of the owner only. Every table with rows of an organisation, as the catalogue knows them: one that is
# added later is not forgotten.
ROWS = f"""
CREATE FUNCTION retention_delete_rows(whose uuid) RETURNS jsonb LANGUAGE plpgsql {SAFE} AS $$
DECLARE
    name text;
    done bigint;
    taken jsonb := '{{}}';
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id'
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> ALL (ARRAY{list(FIRST.STAYS)}) ORDER BY 1
    LOOP
        EXECUTE format('DELETE FROM %I WHERE organisation_id = $1', name) USING whose;
        GET DIAGNOSTICS done = ROW_COUNT;
        IF done > 0 THEN taken := taken || jsonb_build_object(name, done); END IF;
    END LOOP;
    RETURN taken;
END $$;
REVOKE ALL ON FUNCTION retention_delete_rows(uuid) FROM PUBLIC;
"""

# As before, but for the loop, which is the function above.
ERASE = f"""
CREATE OR REPLACE FUNCTION retention_erase(leaving uuid) RETURNS jsonb LANGUAGE plpgsql {SAFE} AS $$
DECLARE
    whose uuid;
    done bigint;
    taken jsonb;
    people uuid[];
BEGIN
    SELECT d.organisation_id INTO whose FROM members_departure d JOIN members_organisation o ON o.id = d.organisation_id
    WHERE d.id = leaving AND o.kind = 'MEMBER' AND d.agreed_by_id <> d.asked_by_id AND d.due_at <= clock_timestamp()
        AND d.stopped_at IS NULL AND d.erased_at IS NULL FOR UPDATE OF d;
    IF whose IS NULL THEN
        RAISE EXCEPTION 'nobody leaves by this decision now' USING ERRCODE = 'check_violation';
    END IF;
    IF retention_is_held(whose) THEN
        RAISE EXCEPTION 'a legal hold is in force' USING ERRCODE = 'check_violation';
    END IF;
    SELECT array_agg(DISTINCT g.user_id) INTO people FROM members_rolegrant g WHERE g.organisation_id = whose AND NOT EXISTS (
        SELECT FROM members_rolegrant o WHERE o.user_id = g.user_id AND o.organisation_id <> whose AND o.revoked_at IS NULL);
    PERFORM retention_make_anonymous(people);
    taken := retention_delete_rows(whose);
    UPDATE core_auditevent SET body = '{{}}' WHERE organisation_id = whose AND body <> '{{}}';
    GET DIAGNOSTICS done = ROW_COUNT;
    UPDATE members_organisation SET status = 'LEFT' WHERE id = whose;
    RETURN jsonb_build_object('rows', taken, 'audit_bodies', done, 'people', coalesce(cardinality(people), 0));
END $$;
"""

LATE = f"""
CREATE FUNCTION retention_erase_late(left_before uuid) RETURNS jsonb LANGUAGE plpgsql {SAFE} AS $$
DECLARE
    whose uuid := (SELECT organisation_id FROM members_departure WHERE id = left_before AND erased_at IS NOT NULL);
BEGIN
    IF whose IS NULL THEN
        RAISE EXCEPTION 'nobody was erased by this decision' USING ERRCODE = 'check_violation';
    END IF;
    IF retention_is_held(whose) THEN RETURN '{{}}'; END IF;
    UPDATE core_auditevent SET body = '{{}}' WHERE organisation_id = whose AND body <> '{{}}';
    RETURN retention_delete_rows(whose);
END $$;
REVOKE ALL ON FUNCTION retention_erase_late(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION retention_erase_late(uuid) TO portal_app;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0032_convene_calls")]
    operations = [
        migrations.RunSQL(ROWS, "DROP FUNCTION retention_delete_rows(uuid)"),
        migrations.RunSQL(ERASE, FIRST.ERASE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
        migrations.RunSQL(LATE, "DROP FUNCTION retention_erase_late(uuid)"),
    ]
