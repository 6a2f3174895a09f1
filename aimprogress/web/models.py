"""What the pages themselves remember: forms that are not finished, and named views of lists."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.fields import EncryptedJSONField
from aimprogress.core.scoping import DataClass, ScopedModel, VersionedModel


class FormDraft(ScopedModel):
    """What somebody typed into a form and has not sent. It is outside the facts and counts for nothing.

    One for each person and page; nobody else sees it: row security asks for the person as well. The content is encrypted: an
    unbalanced head count is a draft (decisions 4.6).
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


class SavedView(VersionedModel, ScopedModel):
    """A name that somebody gave to the filters of a list. Nobody else sees it: row security asks for the person as well."""

    data_class = DataClass.SAFETY

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=80)  # the name of the list's url
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user", "page", "name"], name="saved_view_named_once",
                violation_error_message=_("You have a view of this name already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
