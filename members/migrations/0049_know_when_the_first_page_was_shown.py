from django.db import migrations, models


class Migration(migrations.Migration):
    """What changed is told since the first page was shown, not since any page was; grave hazards are found by when they came."""

    dependencies = [("members", "0048_find_when_people_left_and_name_shifts_of_drills")]

    operations = [
        migrations.AddField("user", "overview_shown_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex(
            "hazardreport",
            models.Index(fields=["recorded_at"], condition=models.Q(severity=3), name="hazard_grave_news"),
        ),
    ]
