"""Saved views: a name for the filters of a list. The state of a list is its url, so a view is a page and a query string."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.web.filters import FilterSet
from aimprogress.web.models import SavedView

KEPT_BESIDE = ("ordering", "view")
"""What of a list's address is kept beside its filters: the order, and whether it is a map."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A saved view as a link above its list."""

    name: str
    query: str
    is_current: bool


def views_of(request: HttpRequest) -> list[Shown] | None:
    """The reader's own views of this list, by name; None for who is no person, and for a page without an address."""
    if request.actor.kind != "person" or request.resolver_match is None:
        return None
    own = SavedView.objects.filter(user_id=request.actor.user_id, page=request.resolver_match.view_name)
    here = _state(request.GET)
    return [Shown(name, query, _state(QueryDict(query)) == here) for name, query in own.values_list("name", "query")]


def query_of(query: str, filterset: type[FilterSet]) -> str:
    """The filters in a query string, without what the list does not know and without a place in it.

    Raises ValidationError for a value that the list's own FilterSet refuses, and where no filter is left.
    """
    given, kept = QueryDict(query), QueryDict(mutable=True)
    known = (*KEPT_BESIDE, *filterset.base_filters)
    for key, values in _state(given).items():
        if key in known or any(key.startswith(f"{name}_") for name in filterset.base_filters):
            kept.setlist(key, values)
    if not kept.keys() - set(KEPT_BESIDE):
        raise ValidationError({"query": _("Choose at least one filter, then save the view.")})
    if not filterset(kept, queryset=filterset._meta.model._default_manager.none()).is_valid():
        raise ValidationError({"query": _("One of these filters is not valid. Correct it, then save the view.")})
    return kept.urlencode()


def address_of(view: SavedView) -> str:
    """Where a view leads; "" where its list is not there any more."""
    return address(view.page, view.query)


def address(page: str, query: str) -> str:
    """The same of a view that was read as a row."""
    try:
        return f"{reverse(page)}?{query}"
    except NoReverseMatch:
        return ""


def _state(query: QueryDict) -> dict[str, list[str]]:
    """What a query string asks of a list, whatever the order in which it says so, and wherever in the list."""
    asked = {key: sorted(filter(None, query.getlist(key))) for key in query if key not in ("after", "before")}
    return {key: values for key, values in asked.items() if values}
