"""Filters of suppliers, for the page, the API and the export."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.web.filters import FilterSet
from suppliers.models import ASSESSED, EXPOSED, AssessmentState, Exposure, Supplier, SupplyLink


class SupplierFilterSet(FilterSet):
    q = django_filters.CharFilter(label=_("Name, place or number"), method="search", max_length=100)
    country = django_filters.ChoiceFilter(label=_("Country"), choices=COUNTRY_CHOICES)
    exposure = django_filters.ChoiceFilter(label=_("Touched by the war"), choices=Exposure.choices)
    exposed = django_filters.BooleanFilter(label=_("Touched in any way"), method="by_exposed")
    assessment_state = django_filters.ChoiceFilter(label=_("Assessment"), choices=AssessmentState.choices)
    assessed = django_filters.BooleanFilter(label=_("Assessed or recognised"), method="by_assessed")
    tier = django_filters.ChoiceFilter(label=_("Tier"), field_name="links__tier", choices=SupplyLink.Tier.choices, distinct=True)

    class Meta:
        model = Supplier
        fields: list[str] = []

    def by_exposed(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(EXPOSED if value else ~EXPOSED)

    def by_assessed(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(ASSESSED if value else ~ASSESSED)

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        words = Q(name__icontains=value) | Q(name_local__icontains=value) | Q(city__icontains=value) | Q(identifier=value)
        return queryset.filter(words)


class SupplyLinkFilterSet(FilterSet):
    supplier = django_filters.ModelChoiceFilter(label=_("Supplier"), queryset=lambda request: Supplier.objects.all())
    tier = django_filters.ChoiceFilter(label=_("Tier"), choices=SupplyLink.Tier.choices)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=SupplyLink.Status.choices)

    class Meta:
        model = SupplyLink
        fields: list[str] = []
