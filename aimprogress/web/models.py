"""What the pages themselves remember: forms that are not finished."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from aimprogress.core.fields import EncryptedJSONField
from aimprogress.core.scoping import DataClass, ScopedModel


class FormDraft(ScopedModel):
    """What somebody typed into a form and has not sent. It is outside the facts and counts for nothing.

    One for each person and page. The content is encrypted: an unbalanced head count is a draft (decisions 4.6).
    """

    data_class = DataClass.SAFETY

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    url = models.CharField(max_length=300)
    content = EncryptedJSONField()
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "user", "url"], name="draft_one_per_form")]

    def __str__(self) -> str:
        return self.url
