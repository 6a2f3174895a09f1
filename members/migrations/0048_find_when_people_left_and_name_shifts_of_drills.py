from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0047_put_check_ins_aside")]

    operations = [
        migrations.AddIndex(
            model_name="sitestatus",
            index=models.Index(
                fields=["site", "-observed_at", "-id"],
                condition=models.Q(operational__in=("EVACUATED", "SUSPENDED")),
                name="status_of_leaving",
            ),
        ),
        migrations.AddField(
            model_name="drill",
            name="shifts",
            field=models.CharField(blank=True, default="", max_length=80, verbose_name="which shifts"),
            preserve_default=False,
        ),
    ]
