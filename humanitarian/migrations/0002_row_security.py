"""Safety actions are safety rows, contributions commercial ones; the directory of partners is public."""

from django.db import migrations

from aimprogress.core.rls import EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):
    dependencies = [("humanitarian", "0001_actions_partners_contributions"), ("members", "0002_row_security")]
    operations = [
        EnableRowSecurity("humanitarian_safetyaction", "SAFETY"),
        EnableRowSecurity("humanitarian_contribution", "COMMERCIAL"),
        ScopedKeys("humanitarian_safetyaction", {"site_id": "members_site"}),
    ]
