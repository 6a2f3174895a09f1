"""Filters of the support desk's nouns."""

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.web.filters import FilterSet
from members.models import (
    Bulletin,
    BulletinReceipt,
    CaseMessage,
    GuidanceMark,
    Meeting,
    NoticeTopic,
    Notification,
    Organisation,
    ReusableAnswer,
    Site,
    SupportCase,
    Topic,
)


def own_sites(request: object) -> QuerySet:
    return Site.objects.filter(organisation_id=current_actor().organisation_id)


class GuidanceMarkFilterSet(FilterSet):
    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=own_sites)
    item = django_filters.CharFilter(label=_("Item"), max_length=60)
    mark = django_filters.ChoiceFilter(label=_("Mark"), choices=GuidanceMark.Mark.choices)

    class Meta:
        model = GuidanceMark
        fields: list[str] = []


class BulletinFilterSet(FilterSet):
    q = django_filters.CharFilter(label=_("Words"), method="search", max_length=100)
    level = django_filters.ChoiceFilter(label=_("Level"), choices=Bulletin.Level.choices)
    topic = django_filters.ChoiceFilter(label=_("Topic"), choices=Topic.choices)
    country = django_filters.ChoiceFilter(label=_("Country"), choices=COUNTRY_CHOICES, method="by_country")

    class Meta:
        model = Bulletin
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(title__icontains=value) | Q(text__icontains=value))

    def by_country(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """A bulletin that names no country is for all of them."""
        return queryset.filter(Q(countries=[]) | Q(countries__contains=[value]))


class BulletinReceiptFilterSet(FilterSet):
    bulletin = django_filters.ModelChoiceFilter(label=_("Bulletin"), queryset=Bulletin.objects.all())

    class Meta:
        model = BulletinReceipt
        fields: list[str] = []


class CaseFilterSet(FilterSet):
    q = django_filters.CharFilter(label=_("Words or number"), method="search", max_length=100)
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("open", _("Open")), ("late", _("Overdue")), ("mine", _("Mine")), ("ended", _("Ended"))],
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=SupportCase.Status.choices)
    urgency = django_filters.ChoiceFilter(label=_("How urgent"), choices=SupportCase.Urgency.choices)
    category = django_filters.ChoiceFilter(label=_("About"), choices=SupportCase.Category.choices)
    organisation = django_filters.ModelChoiceFilter(label=_("Member"), queryset=Organisation.objects.filter(kind="MEMBER"))

    class Meta:
        model = SupportCase
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        number = value.strip().removeprefix("C-")
        found = Q(number=int(number)) if number.isdecimal() and len(number) < 9 else Q(pk__in=[])
        return queryset.filter(found | Q(summary__icontains=value))

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "late":
            return queryset.overdue(timezone.now())
        if value == "ended":
            return queryset.exclude(status__in=SupportCase.OPEN)
        if value == "mine":
            user_id = current_actor().user_id
            return queryset.open().filter(Q(handler_id=user_id) | Q(opened_by_id=user_id))
        return queryset.open()


class CaseMessageFilterSet(FilterSet):
    case = django_filters.ModelChoiceFilter(label=_("Case"), queryset=lambda request: SupportCase.objects.all())

    class Meta:
        model = CaseMessage
        fields: list[str] = []


class ReusableAnswerFilterSet(FilterSet):
    q = django_filters.CharFilter(label=_("Words"), method="search", max_length=100)
    category = django_filters.ChoiceFilter(label=_("About"), choices=SupportCase.Category.choices)

    class Meta:
        model = ReusableAnswer
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(title__icontains=value) | Q(text__icontains=value))


class MeetingFilterSet(FilterSet):
    q = django_filters.CharFilter(label=_("Words"), method="search", max_length=100)
    organisation = django_filters.ModelChoiceFilter(label=_("Member"), queryset=Organisation.objects.filter(kind="MEMBER"))
    held_after = django_filters.DateFilter(label=_("From"), field_name="held_on", lookup_expr="gte")
    held_before = django_filters.DateFilter(label=_("Until"), field_name="held_on", lookup_expr="lte")
    call = django_filters.UUIDFilter(label=_("Call with several members"), widget=forms.HiddenInput)

    class Meta:
        model = Meeting
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Minutes that the reader may not read yet are not searched either."""
        read = Q() if current_actor().is_secretariat else Q(call=None) | Q(accepted_at__isnull=False)
        return queryset.filter(Q(topic__icontains=value) | (read & Q(notes__icontains=value)))


class NotificationFilterSet(FilterSet):
    topic = django_filters.ChoiceFilter(label=_("Topic"), choices=NoticeTopic.choices)
    unread = django_filters.BooleanFilter(label=_("Unread"), field_name="read_at", lookup_expr="isnull")

    class Meta:
        model = Notification
        fields: list[str] = []
