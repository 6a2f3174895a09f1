"""A report that an import brought can be taken back with it; what it corrected stands again, and the month can be reported anew."""

from django.db import migrations, models

from aimprogress.core.rls import AppendOnly, MayAnalyse

TABLE = "humanitarian_wagesupportreport"


class Migration(migrations.Migration):
    dependencies = [("humanitarian", "0007_say_roll_calls_as_origin")]

    operations = [
        migrations.AddField("wagesupportreport", "retracted_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.RemoveConstraint("wagesupportreport", "pay_reported_once"),
        migrations.RemoveConstraint("wagesupportreport", "pay_corrected_once"),
        migrations.AddConstraint(
            "wagesupportreport",
            models.UniqueConstraint(
                fields=["organisation", "site", "month", "group", "policy"],
                condition=models.Q(supersedes=None, retracted_at=None),
                name="pay_reported_once",
                violation_error_message="This is reported already. Correct that report instead.",
            ),
        ),
        migrations.AddConstraint(
            "wagesupportreport",
            models.UniqueConstraint(
                fields=["organisation", "supersedes"],
                condition=models.Q(retracted_at=None),
                name="pay_corrected_once",
                violation_error_message="This report was corrected already. Correct the newer one.",
            ),
        ),
        AppendOnly(TABLE, ("retracted_at",)),
        MayAnalyse(TABLE),
    ]
