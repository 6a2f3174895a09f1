"""Answers about what a member intends with a site are commercial (domain 7.4): the second wall keeps them as the first does."""

from django.db import migrations, models

from aimprogress.core.rls import listed

KEPT = f"NOT commercial OR organisation_id = ANY ({listed('portal.sees_commercial')})"


class Migration(migrations.Migration):
    dependencies = [("instruments", "0004_sign_assessments")]
    operations = [
        migrations.AddField("assessment", "commercial", models.BooleanField(default=False, editable=False)),
        migrations.RunSQL(
            f"""
            CREATE POLICY commercial ON instruments_assessment AS RESTRICTIVE FOR SELECT USING ({KEPT});
            CREATE POLICY of_assessment ON instruments_answer AS RESTRICTIVE FOR SELECT
                USING (EXISTS (SELECT FROM instruments_assessment a WHERE a.id = assessment_id));
            """,
            "DROP POLICY of_assessment ON instruments_answer; DROP POLICY commercial ON instruments_assessment;",
        ),
    ]
