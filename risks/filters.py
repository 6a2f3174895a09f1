"""Filters of the register of human-rights issues."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.web.filters import FilterSet
from members.models import Organisation
from risks.models import RightsIssue
from risks.saliency import Band
from risks.words import BAND_WORDS

FIVE = [(n, n) for n in range(1, 6)]


class RightsIssueFilterSet(FilterSet):
    q = django_filters.CharFilter(label=_("Words or number"), method="search", max_length=100)
    band = django_filters.ChoiceFilter(label=_("Band"), choices=[(band.value, BAND_WORDS[band]) for band in Band])
    salient = django_filters.BooleanFilter(label=_("Salient"))
    severity = django_filters.TypedChoiceFilter(label=_("Severity"), field_name="severity_level", choices=FIVE, coerce=int)
    likelihood = django_filters.TypedChoiceFilter(
        label=_("Likelihood"), field_name="effective_likelihood", choices=FIVE, coerce=int
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=RightsIssue.Status.choices)
    closed = django_filters.BooleanFilter(label=_("Closed"), method="by_closed")
    involvement = django_filters.ChoiceFilter(label=_("Our involvement"), choices=RightsIssue.Involvement.choices)
    country = django_filters.ChoiceFilter(label=_("Country"), choices=COUNTRY_CHOICES)
    organisation = django_filters.ModelChoiceFilter(label=_("Member"), queryset=Organisation.objects.filter(kind="MEMBER"))

    class Meta:
        model = RightsIssue
        fields: list[str] = []

    def by_closed(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        closed = Q(status=RightsIssue.Status.CLOSED)
        return queryset.filter(closed if value else ~closed)

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        number = value.strip().removeprefix("R-").strip()
        found = Q(number=int(number)) if number.isdecimal() and len(number) < 9 else Q(pk__in=[])
        own = Q(organisation_id=current_actor().organisation_id)
        return queryset.filter(
            found | (own & (Q(title__icontains=value) | Q(narrative__icontains=value))) | Q(catalogue__iexact=value)
        )
