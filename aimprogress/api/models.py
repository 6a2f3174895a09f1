"""What the API remembers: answers to requests that may come twice, and how often somebody asked."""

from django.db import models
from django.utils import timezone

from aimprogress.core.fields import EncryptedTextField
from aimprogress.core.scoping import DataClass, ScopedModel


class IdempotencyKey(ScopedModel):
    """The answer to a POST, kept for the same request sent again. The answer is encrypted: it may hold anything."""

    data_class = DataClass.SAFETY

    requester = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = EncryptedTextField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "requester", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return self.key


class RateWindow(models.Model):
    """How many requests somebody made in the running minute. Unscoped: an id and a number, nothing that was asked."""

    who = models.CharField(max_length=60, primary_key=True)
    window = models.BigIntegerField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.who
