"""Sites that came from a list had a town and no area: theirs is that of the town. The nightly look at the list does the rest."""

from django.db import migrations

from aimprogress.core.rls import with_scope

AREAS = """
UPDATE members_site s SET area_id = t.area_id, version = s.version + 1, updated_at = now()
FROM places_settlement t WHERE t.id = s.settlement_id AND s.area_id IS NULL AND t.area_id IS NOT NULL
"""


def take_areas(apps, schema_editor):
    with with_scope(schema_editor):
        schema_editor.execute(AREAS)


class Migration(migrations.Migration):
    dependencies = [("members", "0044_close_own_account")]
    operations = [migrations.RunPython(take_areas, migrations.RunPython.noop)]
