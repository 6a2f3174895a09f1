"""Filters of this app's nouns: the same for the page, the API and the export."""

from datetime import date, datetime
from functools import reduce
from operator import or_

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.freshness import Band, Fact, in_bands
from aimprogress.figures.moment import as_of, moment
from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.places.names import search_key
from aimprogress.web.filters import FilterSet
from members.desk import followed_up_by
from members.models import (
    AlertLevel,
    AlertLevelChange,
    CommunicationPlan,
    DataShare,
    Drill,
    Escalation,
    EvacuationPlan,
    HazardReport,
    HazardSeverity,
    HazardType,
    HeadCount,
    Operational,
    Organisation,
    PlanActivation,
    PlanStatus,
    RollCall,
    RollCallAnswer,
    Site,
    SiteStatus,
    StatusGroup,
)
from members.planning import (
    drill_overdue,
    review_known,
    status_known,
    waiting_for_approval,
    with_adequate_plan,
    without_adequate_plan,
    without_communication_plan,
    without_drill,
)
from members.projection import seen, under_way
from members.returning import waiting_for_return
from members.roll_call_known import is_late, is_open
from members.standing import in_group, in_totals

CALM = "calm"
"""Every display group but evacuated and no contact: what one mark of the map may hold together."""
URGENT = (StatusGroup.EVACUATED, StatusGroup.NO_CONTACT)
"""The groups that keep a mark of their own on the map."""


class SiteFilterSet(FilterSet):
    """Sites by place, member, status group, age, alert level and plan. What it finds by words is what the reader may read."""

    q = django_filters.CharFilter(label=_("Name or place"), method="search", max_length=100)
    country = django_filters.ChoiceFilter(label=_("Country"), choices=COUNTRY_CHOICES)
    admin1 = django_filters.CharFilter(label=_("Oblast or region (codes)"), method="by_region", max_length=600)
    organisation = django_filters.ModelChoiceFilter(label=_("Member"), queryset=Organisation.objects.filter(kind="MEMBER"))
    group = django_filters.MultipleChoiceFilter(
        label=_("Status"), choices=[*StatusGroup.choices, (CALM, _("All but evacuated and no contact"))], method="by_group"
    )
    operational = django_filters.ChoiceFilter(
        label=_("Status code"), field_name="current_operational", choices=Operational.choices
    )
    freshness = django_filters.MultipleChoiceFilter(label=_("Last report"), choices=Band.choices, method="by_freshness")
    head_count = django_filters.MultipleChoiceFilter(label=_("Last head count"), choices=Band.choices, method="by_head_count")
    counted = django_filters.BooleanFilter(label=_("In the totals of people"), method="by_counted")
    alert_level = django_filters.ChoiceFilter(label=_("Alert level"), choices=AlertLevel.choices)
    hazard = django_filters.ChoiceFilter(label=_("Worst hazard"), field_name="current_hazard", choices=HazardSeverity.choices)
    changed_after = django_filters.IsoDateTimeFilter(
        label=_("Status changed after"), field_name="current_changed_at", lookup_expr="gt"
    )
    unchanged_since = django_filters.IsoDateTimeFilter(label=_("Reported again, unchanged, after"), method="by_unchanged")
    evacuating = django_filters.BooleanFilter(label=_("Evacuating now"), field_name="evacuating_since", method="by_being_set")
    awaiting_return = django_filters.BooleanFilter(label=_("People left, not cleared to return"), method="by_return")
    help = django_filters.BooleanFilter(label=_("Someone needs help"), field_name="help_needed_since", method="by_being_set")
    plan = django_filters.ChoiceFilter(
        label=_("Evacuation plan"),
        method="by_plan",
        choices=[("adequate", _("Adequate and in date")), ("gaps", _("With gaps")), ("none", _("None")),
                 ("overdue", _("Review overdue")), ("missing", _("Not adequate, or out of date")),
                 ("waiting", _("Waiting for approval"))],
    )  # fmt: skip
    communication_plan = django_filters.ChoiceFilter(
        label=_("Communication plan"), method="by_communication_plan", choices=[("missing", _("None, or out of date"))]
    )
    drill = django_filters.ChoiceFilter(
        label=_("Drill"), method="by_drill", choices=[("overdue", _("Overdue")), ("none", _("Never held"))]
    )

    care = django_filters.ChoiceFilter(
        label=_("Followed up by"), method="by_care",
        choices=[("me", _("You")), ("other", _("Another coordinator")), ("all", _("Every coordinator"))],
    )  # fmt: skip

    of_now = {"help": (), "care": (), "plan": ("waiting",)}

    class Meta:
        model = Site
        fields: list[str] = []

    def by_care(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(followed_up_by(value, current_actor()))

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """What the reader may not read is not searched: outside the own organisation no names and codes, and settlements only
        for who sees the exact place. An answer would give them away."""
        actor = current_actor()
        own = Q(organisation_id=actor.organisation_id)
        place = Q(admin1__name_en__icontains=value) | Q(admin1__name_local__icontains=value)
        word = Q(name__icontains=value) | Q(code__icontains=value)
        if actor.may(Permission.SITE_EXACT):
            town = Q(settlement__search_key__contains=search_key(value))
            word |= town if actor.reports_at is None else town & Q(pk__in=actor.reports_at)
        return queryset.filter((own & word) | place | Q(organisation__short_name__icontains=value))

    def by_region(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """One code, or several with commas between them."""
        return queryset.filter(admin1_id__in=[code.strip() for code in value.split(",")])

    def by_group(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        wanted = {group for group in StatusGroup if group in value or (CALM in value and group not in URGENT)}
        now = moment()
        return queryset.filter(reduce(or_, [in_group(group, now=now) for group in wanted])) if wanted else queryset

    def by_freshness(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return queryset.open().filter(in_bands(value, Fact.STATUS, now=moment())) if value else queryset

    def by_head_count(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        found = in_bands(value, Fact.HEAD_COUNT, now=moment(), observed="current_headcount_at")
        return queryset.open().filter(found) if value else queryset

    def by_counted(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        inside = Site.objects.filter(in_totals(now=moment())).values("pk")
        return queryset.filter(pk__in=inside) if value else queryset.open().exclude(pk__in=inside)

    def by_unchanged(self, queryset: QuerySet, name: str, value: datetime) -> QuerySet:
        return queryset.filter(current_status_at__gt=value, current_changed_at__lte=value)

    def by_being_set(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(**{f"{name}__isnull": not value})

    def by_return(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        waiting = waiting_for_return(Site.objects.all(), moment()).values("pk")
        return queryset.filter(pk__in=waiting) if value else queryset.open().exclude(pk__in=waiting)

    def by_plan(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate(moment())
        found = {
            "adequate": with_adequate_plan(today),
            "gaps": Q(current_plan_adequate=False),
            "none": Q(current_plan_adequate=None),
            "overdue": Q(current_plan_review_on__lt=today),
            "missing": without_adequate_plan(today),
            "waiting": waiting_for_approval(),
        }
        return queryset.open().filter(found[value])

    def by_communication_plan(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.open().filter(without_communication_plan(timezone.localdate(moment())))

    def by_drill(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        found = {"overdue": drill_overdue(timezone.localdate(moment())), "none": without_drill()}
        return queryset.open().filter(found[value])


class FactFilterSet(FilterSet):
    """Facts about a site: whose, where, from when to when."""

    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=lambda request: Site.objects.all())
    country = django_filters.ChoiceFilter(label=_("Country"), field_name="site__country", choices=COUNTRY_CHOICES)
    observed_after = django_filters.IsoDateTimeFilter(label=_("From"), field_name="observed_at", lookup_expr="gte")
    observed_before = django_filters.IsoDateTimeFilter(label=_("Until"), field_name="observed_at", lookup_expr="lt")


class SiteStatusFilterSet(FactFilterSet):
    operational = django_filters.ChoiceFilter(label=_("Status"), choices=Operational.choices)

    class Meta:
        model = SiteStatus
        fields: list[str] = []


class HeadCountFilterSet(FactFilterSet):
    class Meta:
        model = HeadCount
        fields: list[str] = []


class HazardFilterSet(FactFilterSet):
    hazard = django_filters.ChoiceFilter(label=_("Hazard"), choices=HazardType.choices)
    severity = django_filters.ChoiceFilter(label=_("How bad"), choices=HazardSeverity.choices)

    class Meta:
        model = HazardReport
        fields: list[str] = []


class AlertLevelFilterSet(FactFilterSet):
    level = django_filters.ChoiceFilter(label=_("Alert level"), choices=AlertLevel.choices)

    class Meta:
        model = AlertLevelChange
        fields: list[str] = []


class PlanFilterSet(FilterSet):
    """Plans of a site or country, by status, and those whose review is due by a day."""

    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=lambda request: Site.objects.all())
    country = django_filters.ChoiceFilter(label=_("Country"), field_name="site__country", choices=COUNTRY_CHOICES)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=PlanStatus.choices, method="by_status")
    review_before = django_filters.DateFilter(label=_("Review due before"), method="by_review")

    def by_status(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.alias(known=status_known(queryset.model)).filter(known=value)

    def by_review(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.alias(known=review_known(queryset.model)).filter(known__lt=value)


class ActivationFilterSet(FilterSet):
    """Evacuations of a site or country: those under way, or from day to day."""

    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=lambda request: Site.objects.all())
    country = django_filters.ChoiceFilter(label=_("Country"), field_name="site__country", choices=COUNTRY_CHOICES)
    under_way = django_filters.BooleanFilter(label=_("Under way"), method="by_under_way")
    activated_after = django_filters.IsoDateTimeFilter(label=_("From"), field_name="activated_at", lookup_expr="gte")
    activated_before = django_filters.IsoDateTimeFilter(label=_("Until"), field_name="activated_at", lookup_expr="lt")

    class Meta:
        model = PlanActivation
        fields: list[str] = []

    def by_under_way(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        still = under_way(PlanActivation.objects.all(), as_of()).order_by().values("pk")
        return queryset.filter(pk__in=still) if value else queryset.exclude(pk__in=still)


class DrillFilterSet(FilterSet):
    """Drills of a site or country, by kind and result, from day to day."""

    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=lambda request: Site.objects.all())
    country = django_filters.ChoiceFilter(label=_("Country"), field_name="site__country", choices=COUNTRY_CHOICES)
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Drill.Kind.choices)
    result = django_filters.ChoiceFilter(label=pgettext_lazy("of a drill", "Result"), choices=Drill.Result.choices)
    held_after = django_filters.DateFilter(label=_("From"), field_name="held_on", lookup_expr="gte")
    held_before = django_filters.DateFilter(label=_("Until"), field_name="held_on", lookup_expr="lt")

    class Meta:
        model = Drill
        fields: list[str] = []


class RollCallFilterSet(FilterSet):
    """Roll calls of a site or country: those that are open, those with a round that is late, or from day to day."""

    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=lambda request: Site.objects.all())
    country = django_filters.ChoiceFilter(label=_("Country"), field_name="site__country", choices=COUNTRY_CHOICES)
    open = django_filters.BooleanFilter(label=_("Open"), method="by_open")
    late = django_filters.BooleanFilter(label=_("A round is late"), method="by_late")
    opened_after = django_filters.IsoDateTimeFilter(label=_("From"), field_name="opened_at", lookup_expr="gte")
    opened_before = django_filters.IsoDateTimeFilter(label=_("Until"), field_name="opened_at", lookup_expr="lt")

    class Meta:
        model = RollCall
        fields: list[str] = []

    def by_open(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(is_open()) if value else queryset.exclude(is_open())

    def by_late(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        late = is_late(moment())
        return queryset.filter(late) if value else queryset.exclude(late)


class CallFilterSet(FilterSet):
    """Calls to make, of a country."""

    country = django_filters.ChoiceFilter(label=_("Country"), field_name="site__country", choices=COUNTRY_CHOICES)

    class Meta:
        model = Escalation
        fields: list[str] = []


class RollCallAnswerFilterSet(FactFilterSet):
    roll_call = django_filters.ModelChoiceFilter(label=_("Roll call"), queryset=lambda request: RollCall.objects.all())
    standing = django_filters.BooleanFilter(label=_("Not corrected by a later one"), method="by_standing")

    class Meta:
        model = RollCallAnswer
        fields: list[str] = []

    def by_standing(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        corrected = Exists(seen(RollCallAnswer.objects.filter(supersedes=OuterRef("pk")), as_of()))
        return queryset.filter(~corrected if value else corrected)


class EvacuationPlanFilterSet(PlanFilterSet):
    class Meta:
        model = EvacuationPlan
        fields: list[str] = []


class CommunicationPlanFilterSet(PlanFilterSet):
    class Meta:
        model = CommunicationPlan
        fields: list[str] = []


class ShareFilterSet(FilterSet):
    """Shares given or received, by dataset."""

    dataset = django_filters.ChoiceFilter(label=_("Dataset"), choices=DataShare.Dataset.choices)

    class Meta:
        model = DataShare
        fields: list[str] = []
