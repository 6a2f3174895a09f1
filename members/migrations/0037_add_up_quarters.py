"""Status and head counts get an age: quarterly totals, and the function that deletes what is older but for what a site stands on."""

import django.db.models.deletion
from django.db import migrations, models

import aimprogress.core.ids
from aimprogress.core.retention import RetentionFunction
from aimprogress.core.rls import AppendOnly, EnableRowSecurity

# The entries of a log that nothing needs any more. An entry, its corrections and their corrections go together or not at all,
# else what was corrected would stand again; and only when all of them were seen, entered and taken back before the moment.
# `chain` is the id of the first of them; a chain without a row in `past` stays. Nobody knows how many rows a step of such a query
# gives: without the setting PostgreSQL compares each with each.
OLD = """
CREATE FUNCTION retention_old_{name}(whose uuid, cut_off timestamptz, sites uuid[]) RETURNS TABLE (id uuid, site_id uuid, chain uuid)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off AS $$
WITH RECURSIVE facts AS MATERIALIZED (
    SELECT f.*, f.recorded_at < cut_off AND coalesce(f.retracted_at < cut_off, true) AS is_old
    FROM {table} f WHERE f.organisation_id = whose AND f.observed_at < cut_off AND (sites IS NULL OR f.site_id = ANY (sites))
), links AS (
    SELECT f.id, f.id AS chain, f.is_old FROM facts f WHERE f.supersedes_id IS NULL
    UNION ALL SELECT f.id, l.chain, f.is_old FROM links l JOIN facts f ON f.supersedes_id = l.id
), past AS (
    SELECT l.chain FROM links l GROUP BY l.chain HAVING bool_and(l.is_old AND NOT EXISTS (
        SELECT FROM {table} x WHERE x.organisation_id = whose AND x.observed_at >= cut_off
            AND x.supersedes_id IS NOT NULL AND x.supersedes_id = l.id))
), log AS (
    SELECT f.*, p.chain FROM facts f LEFT JOIN (links l JOIN past p USING (chain)) p ON p.id = f.id
), {needed}
SELECT o.id, o.site_id, o.chain FROM log o WHERE o.chain IS NOT NULL AND o.chain NOT IN (SELECT n.chain FROM needed n)
$$;
REVOKE ALL ON FUNCTION retention_old_{name}(uuid, timestamptz, uuid[]) FROM PUBLIC;
"""
STANDS = """
    WHERE {row}.chain IS NOT NULL AND {row}.retracted_at IS NULL
        AND NOT EXISTS (SELECT FROM facts c WHERE c.supersedes_id = {row}.id AND c.retracted_at IS NULL)
"""

# Of counts a site needs its newest.
COUNTS = (
    """needed AS (
    SELECT DISTINCT ON (l.site_id) l.chain FROM log l"""
    + STANDS.format(row="l")
    + """ORDER BY l.site_id, l.observed_at DESC, l.id DESC
)"""
)

# Of statuses: the newest two of each kind (what a site is, what it was before, whether people left it and came back), the
# newest that told of utilities, and of the run that ends with the newest the first that was seen and the first that was entered
# (since when it is so, since when that is known). What stays for another reason - entered late, say - parts a log: these are
# needed of each part, because at some moments of the last years it was not known yet.
STATUSES = (
    """parted AS (
    SELECT l.*, count(*) FILTER (WHERE l.chain IS NULL) OVER (PARTITION BY l.site_id ORDER BY l.observed_at) AS part,
        bool_or(l.chain IS NULL) OVER (PARTITION BY l.site_id, l.observed_at) AS at_a_part
    FROM log l
), ranked AS (
    SELECT p.*, first_value(p.operational) OVER (PARTITION BY p.site_id, p.part ORDER BY p.observed_at DESC, p.id DESC) AS last_code,
        row_number() OVER (
            PARTITION BY p.site_id, p.part, p.operational, p.reason ORDER BY p.observed_at DESC, p.id DESC) AS of_kind,
        row_number() OVER (PARTITION BY p.site_id, p.utilities <> '{}' ORDER BY p.observed_at DESC, p.id DESC) AS of_telling
    FROM parted p"""
    + STANDS.format(row="p")
    + """AND NOT p.at_a_part
), run AS (
    SELECT r.* FROM (
        SELECT r.*, max(r.observed_at) FILTER (WHERE r.operational <> r.last_code) OVER (PARTITION BY r.site_id, r.part) AS other_at
        FROM ranked r) r
    WHERE r.operational = r.last_code AND r.observed_at > coalesce(r.other_at, '-infinity')
), needed AS (
    SELECT p.chain FROM parted p WHERE p.at_a_part AND p.chain IS NOT NULL
    UNION SELECT r.chain FROM ranked r WHERE r.of_kind <= 2 OR (r.of_telling = 1 AND r.utilities <> '{}')
    UNION SELECT s.chain FROM (
        SELECT DISTINCT ON (r.site_id, r.part) r.chain FROM run r ORDER BY r.site_id, r.part, r.observed_at, r.id) s
    UNION SELECT k.chain FROM (
        SELECT DISTINCT ON (r.site_id, r.part) r.chain FROM run r ORDER BY r.site_id, r.part, r.recorded_at, r.id) k
)"""
)

LOGS = {"statuses": ("members_sitestatus", STATUSES), "counts": ("members_headcount", COUNTS)}

# Nothing goes whose quarter has no totals, whatever the application says. A site that somebody reports from waits; of those that
# are held it is asked again what their logs need. Site by site, so that few are held.
DELETE = """
IF NOT EXISTS (SELECT FROM members_quarterstanding WHERE organisation_id = whose
    AND quarter = date_trunc('quarter', cut_off AT TIME ZONE 'UTC')::date) THEN RETURN 0; END IF;
SELECT array_agg(id) INTO gone FROM (SELECT s.id FROM members_site s WHERE s.id IN (
    (SELECT site_id FROM retention_old_statuses(whose, cut_off, NULL) ORDER BY site_id LIMIT most)
    UNION (SELECT site_id FROM retention_old_counts(whose, cut_off, NULL) ORDER BY site_id LIMIT most))
    ORDER BY s.id FOR NO KEY UPDATE OF s SKIP LOCKED) found;
IF gone IS NULL THEN RETURN 0; END IF;
WITH old AS (SELECT * FROM retention_old_statuses(whose, cut_off, gone)), statuses AS (
    DELETE FROM members_sitestatus WHERE id IN (
        SELECT id FROM old WHERE chain IN (SELECT DISTINCT chain FROM old ORDER BY chain LIMIT most)) RETURNING 1
), past AS (SELECT * FROM retention_old_counts(whose, cut_off, gone)), counts AS (
    DELETE FROM members_headcount WHERE id IN (
        SELECT id FROM past WHERE chain IN (SELECT DISTINCT chain FROM past ORDER BY chain LIMIT most)) RETURNING 1
) SELECT (SELECT count(*) FROM statuses) + (SELECT count(*) FROM counts) INTO done;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0036_name_permits_of_returns")]
    operations = [
        migrations.CreateModel(
            name="QuarterStanding",
            fields=[
                ("id", models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("country", models.CharField(max_length=2)),
                ("quarter", models.DateField()),
                ("sites", models.PositiveIntegerField(default=0)),
                ("groups", models.JSONField(blank=True, default=dict)),
                ("counted", models.PositiveIntegerField(default=0)),
                ("people", models.JSONField(blank=True, default=dict)),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.organisation"),
                ),
            ],
            options={
                "ordering": ["-quarter", "country", "id"],
                "indexes": [
                    models.Index(
                        fields=["organisation", "-quarter", "country", "id"], name="members_qua_organis_db1c86_idx"
                    ),
                    models.Index(fields=["-quarter", "country", "id"], name="members_qua_quarter_5e6edc_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "country", "quarter"), name="quarter_standing_once_in_a_country"
                    )
                ],
            },
        ),
        EnableRowSecurity("members_quarterstanding", "SAFETY"),
        AppendOnly("members_quarterstanding"),
        *(
            migrations.RunSQL(
                OLD.format(name=name, table=table, needed=needed), f"DROP FUNCTION retention_old_{name}(uuid, timestamptz, uuid[])"
            )
            for name, (table, needed) in LOGS.items()
        ),
        RetentionFunction("observations", 730, DELETE),
    ]
