from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0045_take_areas_from_towns")]
    operations = [migrations.AddField("site", "withdrawn_at", models.DateTimeField(editable=False, null=True))]
