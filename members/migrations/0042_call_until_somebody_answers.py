from django.db import migrations, models

TOPICS = [
    ("EVACUATION", "Evacuations"), ("HELP", "Calls for help"), ("DANGER", "Sites in danger"), ("CASE", "Support cases"),
    ("BULLETIN", "Bulletins"), ("MEETING", "Meetings and what was agreed"), ("ACCESS", "Accounts and staff sessions"),
    ("WORK", "Plans, actions and reports due"),
]  # fmt: skip


class Migration(migrations.Migration):
    """A call that nobody answered stays, and is told again when it is overdue; what is told of danger has a topic of its own."""

    dependencies = [("members", "0041_name_stock_that_needs_a_safe_state")]

    operations = [
        migrations.AddField("escalation", "tried_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("escalation", "alerted_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("escalation", "contacts_asked", models.PositiveSmallIntegerField(default=0)),
        migrations.AlterField("notification", "topic", models.CharField(max_length=12, choices=TOPICS)),
        migrations.AlterField("noticesetting", "topic", models.CharField(max_length=12, choices=TOPICS)),
    ]
