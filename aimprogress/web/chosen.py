"""Rows chosen in a list (templates/components/chosen.html): those ticked, or all that its filters show, on every page."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from aimprogress.web.filters import FilterSet

MOST_CHOSEN = 400  # the next form names each twice, with the version that was looked at; Django takes 1,000 fields


def chosen_of(queryset: QuerySet, said: QueryDict, *, filterset_class: type[FilterSet], request: HttpRequest) -> QuerySet:
    """What of `queryset` the form over a list chose; text that is no id chooses nothing.

    Raises ValidationError where that is more than can be looked at together.
    """
    if "all" in said:
        filterset = filterset_class(QueryDict(said.get("query", "")), queryset=queryset, request=request)
        found = filterset.qs if filterset.is_valid() else queryset.none()
    else:
        found = queryset.filter(pk__in=ids_of(said.getlist("row")))
    if found.order_by()[: MOST_CHOSEN + 1].count() > MOST_CHOSEN:
        raise ValidationError(
            _("These are more than %(n)s. Choose fewer: a filter makes the list shorter."), params={"n": MOST_CHOSEN}
        )
    return found


def ids_of(texts: list[str]) -> list[UUID]:
    """The ids among these texts, in their order."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
