"""Filters of actions, partners and contributions."""

from datetime import date, timedelta

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.figures.moment import as_of
from aimprogress.instruments.models import Assessment
from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.web.filters import FilterSet
from humanitarian.models import (
    ContractGroup,
    Contribution,
    PartnerOrganisation,
    SafetyAction,
    SupportMeasure,
    SupportType,
    WagePolicy,
    WageSupportReport,
)
from humanitarian.models.action import HELPED, UNVERIFIED
from humanitarian.models.pay import full_wage
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


class WageReportFilterSet(FilterSet):
    month = django_filters.DateFilter(label=_("Month (any day of it)"), method="in_month")
    group = django_filters.ChoiceFilter(label=_("Contract group"), choices=ContractGroup.choices)
    policy = django_filters.ChoiceFilter(label=_("Paid by the rule"), method="by_policy", choices=WagePolicy.choices)
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("unpaid", _("Somebody was not paid in full")), ("late", _("Wages are late"))],
    )
    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=lambda request: _own_sites())
    country = django_filters.ChoiceFilter(label=_("Country"), field_name="site__country", choices=COUNTRY_CHOICES)
    organisation = django_filters.ModelChoiceFilter(label=_("Member"), queryset=Organisation.objects.filter(kind="MEMBER"))
    for_work = django_filters.BooleanFilter(
        label=_("Wages for work only, without those who serve and families"), method="of_workers", widget=forms.CheckboxInput
    )
    corrected = django_filters.BooleanFilter(
        label=_("With corrected reports"), method="with_corrected", widget=forms.CheckboxInput
    )

    class Meta:
        model = WageSupportReport
        fields: list[str] = []

    @property
    def qs(self) -> QuerySet:
        """What holds at the moment spoken of, unless the corrected rows are asked for as well."""
        found = super().qs
        with_corrected = self.is_bound and self.form.is_valid() and self.form.cleaned_data.get("corrected")
        return found.kept(as_of()) if with_corrected else found.standing(as_of())

    def in_month(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(month=value.replace(day=1))

    def by_policy(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Outside the own organisation the rule is not read, so it is not searched either."""
        return queryset.filter(policy=value, organisation_id=current_actor().organisation_id)

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        mine = queryset.filter(organisation_id=current_actor().organisation_id)
        return (
            mine.filter(arrears_days__gt=0) if value == "late" else mine.annotate(full=full_wage()).filter(entitled__gt=F("full"))
        )

    def of_workers(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        """What the figures of pay are made of."""
        return queryset.of_workers() if value else queryset

    def with_corrected(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset


class SupportMeasureFilterSet(FilterSet):
    type = django_filters.ChoiceFilter(label=_("What"), choices=SupportType.choices)
    country = django_filters.ChoiceFilter(label=_("Country"), choices=COUNTRY_CHOICES)
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("running", _("Running")), ("excluding", _("Somebody is left out")), ("unjudged", _("Effect not known"))],
    )
    organisation = django_filters.ModelChoiceFilter(label=_("Member"), queryset=Organisation.objects.filter(kind="MEMBER"))

    class Meta:
        model = SupportMeasure
        fields: list[str] = []

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        if value == "running":
            return queryset.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)
        if value == "excluding":
            return queryset.exclude(for_own=True, for_agency=True, for_contractors=True)
        return queryset.filter(effect=SafetyAction.Effect.NOT_YET)


class AskedSiteFilterSet(FilterSet):
    """Sites that are asked for a checklist, by how it stands there. To be used on `asked.rows_of(instrument)`."""

    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("due", _("Due now")), ("current", _("In date")), ("old", _("Out of date or never answered"))],
    )
    country = django_filters.ChoiceFilter(label=_("Country"), choices=COUNTRY_CHOICES)
    organisation = django_filters.ModelChoiceFilter(label=_("Member"), queryset=Organisation.objects.filter(kind="MEMBER"))

    class Meta:
        model = Site
        fields: list[str] = []

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "due":
            return queryset.filter(check_due=True)
        return queryset.filter(check_current=value == "current")


class AssessmentFilterSet(FilterSet):
    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=lambda request: _own_sites())
    instrument = django_filters.CharFilter(label=_("Checklist"), max_length=40)
    country = django_filters.ChoiceFilter(label=_("Country"), field_name="site__country", choices=COUNTRY_CHOICES)
    signed = django_filters.BooleanFilter(label=_("Signed"), field_name="signed_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Assessment
        fields: list[str] = []
