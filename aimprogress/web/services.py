"""Changes that the pages of the ground make: drafts of forms, and the reader's own settings."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.web.models import FormDraft

THEMES = ("", "light", "dark")
LONGEST_DRAFT = 100_000


@service(Permission.DRAFT_KEEP)
def keep_draft(*, url: str, content: dict[str, list[str]]) -> FormDraft:
    """Keep what the actor typed into the form at `url`, instead of an earlier draft of the same form.

    Raises ValidationError for more than 100,000 characters.
    """
    if sum(len(text) for texts in content.values() for text in texts) > LONGEST_DRAFT:
        raise ValidationError(_("This is too long to be kept as a draft."))
    draft = FormDraft.objects.filter(user_id=current_actor().user_id, url=url).first()
    draft = draft or FormDraft(organisation_id=current_actor().organisation_id, user_id=current_actor().user_id, url=url)
    draft.content, draft.kept_at = content, timezone.now()
    draft.save()
    return draft


@service(Permission.DRAFT_KEEP)
def forget_draft(*, url: str) -> None:
    """Drop the actor's draft of the form at `url`; nothing happens where there is none."""
    FormDraft.objects.filter(user_id=current_actor().user_id, url=url).delete()


@service(Permission.SETTINGS_KEEP)
def keep_settings(*, language: str, theme: str) -> Any:
    """Remember the actor's own language and theme ("" = as the device). Raises ValidationError for others."""
    if language not in dict(settings.LANGUAGES) or theme not in THEMES:
        raise ValidationError(_("This choice is not offered."))
    user = get_user_model().objects.get(pk=current_actor().user_id)
    user.language, user.theme = language, theme
    user.save(update_fields=["language", "theme"])
    return user
