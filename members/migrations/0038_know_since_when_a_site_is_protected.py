"""Since when a site follows the safety profile. Retention of exact places had asked when the site was last changed, so that each
report from it began the seven days anew.
"""

from importlib import import_module

from django.db import migrations, models

from aimprogress.core.retention import ReplaceRetentionFunction
from aimprogress.core.rls import with_scope

FIRST = import_module("members.migrations.0024_forget_by_rule")
PLACES = import_module("members.migrations.0030_forget_without_waiting").PLACES

# The services, the import and the demo write the profile; a moment that each had to remember one would forget.
PROFILE = """
CREATE FUNCTION members_site_profile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.safety_profile THEN
        NEW.profile_since := NULL;
    ELSIF TG_OP = 'INSERT' THEN
        NEW.profile_since := coalesce(NEW.profile_since, now());
    ELSE
        NEW.profile_since := CASE WHEN OLD.safety_profile THEN OLD.profile_since ELSE now() END;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER profile BEFORE INSERT OR UPDATE OF safety_profile ON members_site
    FOR EACH ROW EXECUTE FUNCTION members_site_profile();
"""
AWAY = "DROP TRIGGER profile ON members_site; DROP FUNCTION members_site_profile();"

# A report of the loss that was corrected since is none.
LOST = """(
    (s.current_control = 'LOST' AND EXISTS (
        SELECT FROM members_sitestatus l WHERE l.site_id = s.id AND l.retracted_at IS NULL AND l.control = 'LOST'
            AND l.observed_at < cut_off
            AND NOT EXISTS (SELECT FROM members_sitestatus c WHERE c.supersedes_id = l.id AND c.retracted_at IS NULL
                AND c.control <> 'LOST')
            AND NOT EXISTS (
                SELECT FROM members_sitestatus o WHERE o.site_id = s.id AND o.retracted_at IS NULL AND o.control <> 'LOST'
                    AND o.observed_at > l.observed_at
                    AND NOT EXISTS (SELECT FROM members_sitestatus c WHERE c.supersedes_id = o.id AND c.retracted_at IS NULL))))
    OR (s.safety_profile AND s.country = 'UA' AND s.profile_since < cut_off))"""


def begin_where_the_clock_stood(apps, schema_editor):
    """Sites that follow it already keep the moment that was counted from: for them the seven days begin no more anew."""
    with with_scope(schema_editor), schema_editor.connection.cursor() as cursor:
        cursor.execute("UPDATE members_site SET profile_since = updated_at WHERE safety_profile")


class Migration(migrations.Migration):
    dependencies = [("members", "0037_add_up_quarters")]
    operations = [
        migrations.AddField("site", "profile_since", models.DateTimeField(editable=False, null=True)),
        migrations.RunPython(begin_where_the_clock_stood, migrations.RunPython.noop),
        migrations.RunSQL(PROFILE, AWAY),
        ReplaceRetentionFunction("places_lost", 3, PLACES.format(which=LOST), PLACES.format(which=FIRST.LOST)),
    ]
