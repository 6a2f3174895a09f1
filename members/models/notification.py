"""What the portal told somebody, and how each person wants to be told. The words are made when they are read."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import DataClass, ScopedModel


class NoticeTopic(models.TextChoices):
    EVACUATION = "EVACUATION", _("Evacuations")
    HELP = "HELP", _("Calls for help")
    DANGER = "DANGER", _("Sites in danger")
    CASE = "CASE", _("Support cases")
    BULLETIN = "BULLETIN", _("Bulletins")
    MEETING = "MEETING", _("Meetings and what was agreed")
    ACCESS = "ACCESS", _("Accounts and staff sessions")
    WORK = "WORK", _("Plans, actions and reports due")


ALWAYS_AT_ONCE = frozenset({NoticeTopic.EVACUATION, NoticeTopic.HELP, NoticeTopic.DANGER})
"""Nobody can turn these down: a life may hang on them."""


class Notification(ScopedModel):
    """One thing that one person was told. `key` keeps it from being told twice, however often its event arrives."""

    data_class = DataClass.SAFETY

    user = models.ForeignKey("members.User", on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=12, choices=NoticeTopic.choices)
    kind = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True, blank=True)
    key = models.CharField(max_length=120)
    told_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-told_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "user", "-told_at", "-id"]),
            models.Index(fields=["user", "read_at"]),
            models.Index(fields=["told_at"], condition=models.Q(mailed_at=None), name="notification_unmailed"),
        ]
        constraints = [models.UniqueConstraint(fields=["organisation", "user", "key"], name="told_once")]

    def __str__(self) -> str:
        return self.key


class NoticeSetting(ScopedModel):
    """How a person wants to be told about a topic. Without one: at once."""

    data_class = DataClass.SAFETY

    class By(models.TextChoices):
        AT_ONCE = "AT_ONCE", _("By mail at once")
        DAILY = "DAILY", _("In one mail a day")
        PORTAL = "PORTAL", _("In the portal only")

    user = models.ForeignKey("members.User", on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=12, choices=NoticeTopic.choices)
    by = models.CharField(max_length=8, choices=By.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "user", "topic"], name="notice_setting_once")]

    def __str__(self) -> str:
        return f"{self.topic}: {self.by}"
