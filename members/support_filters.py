"""Filters of the support desk's nouns."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.web.filters import FilterSet
from members.models import GuidanceMark, Site


def own_sites(request: object) -> QuerySet:
    return Site.objects.filter(organisation_id=current_actor().organisation_id)


class GuidanceMarkFilterSet(FilterSet):
    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=own_sites)
    item = django_filters.CharFilter(label=_("Item"), max_length=60)
    mark = django_filters.ChoiceFilter(label=_("Mark"), choices=GuidanceMark.Mark.choices)

    class Meta:
        model = GuidanceMark
        fields: list[str] = []
