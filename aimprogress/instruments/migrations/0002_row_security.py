"""Answers are safety rows of the organisation that gave them."""

from django.db import migrations

from aimprogress.core.rls import EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):
    dependencies = [("instruments", "0001_assessments_and_answers")]
    operations = [
        EnableRowSecurity("instruments_assessment", "SAFETY"),
        EnableRowSecurity("instruments_answer", "SAFETY"),
        ScopedKeys("instruments_answer", {"assessment_id": "instruments_assessment"}),
    ]
