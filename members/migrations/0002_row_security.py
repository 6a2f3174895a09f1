"""The second wall around everything a member reports, and keys that cannot point into another organisation."""

from django.db import migrations

from aimprogress.core.rls import AppendOnly, EnableRowSecurity, EnableTwoSidedRowSecurity, ScopedKeys

SAFETY = ("site", "checkin", "sitestatus", "headcount", "alertlevelchange", "evacuationplan", "communicationplan", "planactivation", "drill")
TWO_SIDED = ("datashare", "sharepull", "staffsession")


class Migration(migrations.Migration):
    dependencies = [("members", "0001_organisations_sites_and_plans"), ("core", "0003_row_security")]
    operations = [
        *[EnableRowSecurity(f"members_{table}", "SAFETY") for table in SAFETY],
        *[EnableTwoSidedRowSecurity(f"members_{table}", "COMMERCIAL") for table in TWO_SIDED],
        ScopedKeys("members_checkin", {"site_id": "members_site"}),
        ScopedKeys(
            "members_sitestatus",
            {"site_id": "members_site", "supersedes_id": "members_sitestatus", "check_in_id": "members_checkin"},
        ),
        ScopedKeys(
            "members_headcount",
            {"site_id": "members_site", "supersedes_id": "members_headcount", "check_in_id": "members_checkin"},
        ),
        ScopedKeys("members_alertlevelchange", {"site_id": "members_site"}),
        ScopedKeys("members_evacuationplan", {"site_id": "members_site"}),
        ScopedKeys("members_communicationplan", {"site_id": "members_site"}),
        ScopedKeys("members_planactivation", {"site_id": "members_site", "plan_id": "members_evacuationplan"}),
        ScopedKeys("members_drill", {"site_id": "members_site"}),
        ScopedKeys("members_sharepull", {"share_id": "members_datashare"}),
        AppendOnly("members_sitestatus", ("retracted_at",)),
        AppendOnly("members_headcount", ("retracted_at",)),
        AppendOnly("members_alertlevelchange"),
        AppendOnly("members_sharepull"),
    ]
