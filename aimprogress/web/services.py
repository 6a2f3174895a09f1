"""Changes that the pages of the ground make: drafts of forms, named views of lists, and the reader's own settings."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.web.filters import FilterSet
from aimprogress.web.lists import ListPage
from aimprogress.web.models import FormDraft, SavedView
from aimprogress.web.saved import query_of

THEMES = ("", "light", "dark")
LONGEST_DRAFT = 100_000
MOST_VIEWS = 20


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


@service(Permission.SETTINGS_KEEP)
def save_view(*, page: str, query: str, name: str) -> SavedView:
    """Give the filters of a list a name of the actor's own. `page`: the name of the list's url; `query`: its query string.

    Raises ValidationError for a list that has no filters or that the actor may not read, for filters that the list refuses,
    for a name that is taken, and for more than 20 views of one list. PermissionDenied for who is no person.
    """
    actor = current_actor()
    if actor.user_id is None:
        raise PermissionDenied
    kept = query_of(query, filterset_of(page))
    get_user_model().objects.select_for_update(no_key=True).get(pk=actor.user_id)  # two tabs save one after the other
    mine = SavedView.objects.filter(user_id=actor.user_id, page=page)
    if mine.count() >= MOST_VIEWS:
        raise ValidationError({"name": _("You have %(most)s views of this list. Delete one first.") % {"most": MOST_VIEWS}})
    view = SavedView(organisation_id=actor.organisation_id, user_id=actor.user_id, page=page, query=kept)
    return _named(view, name)


@service(Permission.SETTINGS_KEEP)
def rename_view(*, view: SavedView, name: str) -> SavedView:
    """Give an own view another name. Raises ValidationError for one that is taken."""
    return _named(_own(view), name)


@service(Permission.SETTINGS_KEEP)
def delete_view(*, view: SavedView) -> None:
    """Forget an own view; the list stays."""
    _own(view).delete()


def filterset_of(page: str) -> type[FilterSet]:
    """The filters of a list that the actor may read. Raises ValidationError where the name is no such list's."""
    try:
        view = getattr(resolve(reverse(page)).func, "view_class", None)
    except (NoReverseMatch, Resolver404):
        view = None
    if view is None or not issubclass(view, ListPage) or view.filterset_class is None:
        raise ValidationError({"page": _("This list has no views to save.")})
    if isinstance(view.permission, Permission) and not current_actor().may(view.permission):
        raise PermissionDenied
    return view.filterset_class


def _own(view: SavedView) -> SavedView:
    if view.user_id != current_actor().user_id:
        raise PermissionDenied
    return view


def _named(view: SavedView, name: str) -> SavedView:
    view.name = name.strip()
    try:
        view.save()
    except ValidationError as error:  # a constraint over several fields names none of them
        raise ValidationError({"name": error.messages}) from error
    return view
