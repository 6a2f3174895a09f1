"""A person closes the own account; some days later what names them goes, as it does for who stays away."""

from django.db import migrations, models

from aimprogress.core.retention import RetentionFunction

CLOSED = """
SELECT array_agg(id) INTO gone FROM (SELECT u.id FROM members_user u
    WHERE u.closed_at < cut_off AND NOT u.is_active AND u.email NOT LIKE 'gone-%'
    AND NOT EXISTS (SELECT FROM members_rolegrant g WHERE g.user_id = u.id AND retention_is_held(g.organisation_id))
    LIMIT most FOR NO KEY UPDATE OF u SKIP LOCKED) found;
done := retention_make_anonymous(gone);
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0043_take_levels_and_hazards_back")]
    operations = [
        migrations.AddField("user", "closed_at", models.DateTimeField(blank=True, null=True)),
        RetentionFunction("people_closed", 7, CLOSED),
    ]
