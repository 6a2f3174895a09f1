"""Who leaves, and the one function of the owner that erases a member on whose leaving two people agreed."""

import aimprogress.core.ids
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from aimprogress.core.retention import SAFE

STAYS = ("core_auditchain", "core_auditevent", "members_departure", "humanitarian_partnerorganisation")
"""The chain with emptied bodies, the receipt, and a public directory."""

ERASE = f"""
CREATE FUNCTION retention_erase(leaving uuid) RETURNS jsonb LANGUAGE plpgsql {SAFE} AS $$
DECLARE
    whose uuid;
    name text;
    done bigint;
    taken jsonb := '{{}}';
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
    -- Every table with rows of an organisation, as the catalogue knows them: one that is added later is not forgotten.
    FOR name IN
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id'
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> ALL (ARRAY{list(STAYS)}) ORDER BY 1
    LOOP
        EXECUTE format('DELETE FROM %I WHERE organisation_id = $1', name) USING whose;
        GET DIAGNOSTICS done = ROW_COUNT;
        IF done > 0 THEN taken := taken || jsonb_build_object(name, done); END IF;
    END LOOP;
    UPDATE core_auditevent SET body = '{{}}' WHERE organisation_id = whose AND body <> '{{}}';
    GET DIAGNOSTICS done = ROW_COUNT;
    UPDATE members_organisation SET status = 'LEFT' WHERE id = whose;
    RETURN jsonb_build_object('rows', taken, 'audit_bodies', done, 'people', coalesce(cardinality(people), 0));
END $$;
REVOKE ALL ON FUNCTION retention_erase(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION retention_erase(uuid) TO portal_app;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0026_chase_sites'),
    ]

    operations = [
        migrations.CreateModel(
            name='Departure',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
                ('receipt', models.JSONField(blank=True, default=dict)),
                ('receipt_sha256', models.CharField(blank=True, max_length=64)),
                ('agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departures', to='members.organisation')),
                ('stopped_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-asked_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('erased_at', None), ('stopped_at', None)), fields=('organisation',), name='one_departure_at_a_time'), models.CheckConstraint(condition=models.Q(('agreed_by', None), models.Q(('agreed_by', models.F('asked_by')), _negated=True), _connector='OR'), name='two_people_let_leave'), models.CheckConstraint(condition=models.Q(('erased_at', None), models.Q(('agreed_at__isnull', False), ('stopped_at', None)), _connector='OR'), name='erased_only_when_agreed')],
            },
        ),
        migrations.RunSQL(
            "REVOKE DELETE, TRUNCATE ON members_departure FROM portal_app", "GRANT DELETE ON members_departure TO portal_app"
        ),
        migrations.RunSQL(ERASE, "DROP FUNCTION retention_erase(uuid)"),
    ]
