"""Filters of actions, partners and contributions."""

from datetime import timedelta

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.web.filters import FilterSet
from humanitarian.models import Contribution, PartnerOrganisation, SafetyAction
from humanitarian.models.action import HELPED, UNVERIFIED
from members.models import Organisation, Site


class SafetyActionFilterSet(FilterSet):
    q = django_filters.CharFilter(label=_("Words or number"), method="search", max_length=100)
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[
            ("open", _("Open")), ("overdue", _("Overdue")), ("week", _("Due within a week")), ("blocked", _("Blocked")),
            ("done", _("Done")), ("verified", _("Done and verified")), ("unverified", _("Done, not verified")),
            ("helped", _("Done, and it helped")), ("unjudged", _("Done, effect not known")),
        ],
    )  # fmt: skip
    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=lambda request: _own_sites())
    country = django_filters.ChoiceFilter(label=_("Country"), field_name="site__country", choices=COUNTRY_CHOICES)
    organisation = django_filters.ModelChoiceFilter(label=_("Member"), queryset=Organisation.objects.filter(kind="MEMBER"))
    type = django_filters.ChoiceFilter(label=_("Kind"), choices=SafetyAction.Type.choices)
    owner = django_filters.CharFilter(label=_("Who"), method="by_owner", max_length=80)
    origin = django_filters.ChoiceFilter(label=_("From"), choices=SafetyAction.Origin.choices[1:])

    class Meta:
        model = SafetyAction
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Titles may name places, so outside the own organisation only the number is searched."""
        number = value.strip().removeprefix("A-").strip()
        found = Q(number=int(number)) if number.isdecimal() and len(number) < 9 else Q(pk__in=[])
        own = Q(organisation_id=current_actor().organisation_id) & (Q(title__icontains=value) | Q(owner_role__icontains=value))
        return queryset.filter(found | own)

    def by_owner(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(owner_role__icontains=value.strip())

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        if value == "overdue":
            return queryset.overdue(today)
        if value == "week":
            return queryset.open().filter(due_on__range=(today, today + timedelta(days=7)))
        done = queryset.filter(status=SafetyAction.Status.DONE)
        if value == "unverified":
            return queryset.unverified()
        if value == "verified":
            return done.exclude(UNVERIFIED)
        if value == "helped":
            return done.filter(HELPED)
        if value == "unjudged":
            return done.filter(effect=SafetyAction.Effect.NOT_YET)
        if value == "open":
            return queryset.open()
        return queryset.filter(status=value.upper())


def _own_sites() -> QuerySet:
    return Site.objects.filter(organisation_id=current_actor().organisation_id)


class PartnerFilterSet(FilterSet):
    q = django_filters.CharFilter(label=_("Name"), method="search", max_length=100)
    type = django_filters.ChoiceFilter(label=_("Type"), choices=PartnerOrganisation.Type.choices)

    class Meta:
        model = PartnerOrganisation
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(name__icontains=value) | Q(short_name__icontains=value))


class ContributionFilterSet(FilterSet):
    partner = django_filters.ModelChoiceFilter(label=_("Partner"), queryset=PartnerOrganisation.objects.all())
    currency = django_filters.CharFilter(label=_("Currency"), max_length=3, lookup_expr="iexact")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Contribution.Kind.choices)
    committed_after = django_filters.DateFilter(label=_("Committed from"), field_name="committed_on", lookup_expr="gte")
    committed_before = django_filters.DateFilter(label=_("Committed until"), field_name="committed_on", lookup_expr="lte")

    class Meta:
        model = Contribution
        fields: list[str] = []
