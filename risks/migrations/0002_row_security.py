"""The register of human-rights issues behind the second wall."""

from django.db import migrations

from aimprogress.core.rls import EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):
    dependencies = [("risks", "0001_rights_issues"), ("members", "0002_row_security")]
    operations = [
        EnableRowSecurity("risks_rightsissue", "SAFETY"),
        ScopedKeys("risks_rightsissue", {"site_id": "members_site"}),
    ]
