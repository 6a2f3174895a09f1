"""The form of a filter: what is not asked reads alike everywhere, and days come from the browser's calendar."""

import re
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import django_filters
import pytest
from django.http import QueryDict
from django.utils import timezone, translation

from aimprogress.places.models import AdminArea
from aimprogress.web.filters import FilterSet


class AskedFilterSet(FilterSet):
    listed = django_filters.BooleanFilter(label="Listed")
    on = django_filters.DateFilter(label="On")
    between = django_filters.DateFromToRangeFilter(label="Between")
    after = django_filters.IsoDateTimeFilter(label="After")

    class Meta:
        model = AdminArea
        fields = ("listed", "on", "between", "after")


def test_a_question_of_yes_and_no_that_is_not_asked_is_never_unknown() -> None:
    with translation.override("en"):
        asked = AskedFilterSet({"listed": ""})
        html = str(asked.form["listed"])
    assert "Unknown" not in html and re.findall(r">\s*(All|yes|no)</option>", html) == ["All", "yes", "no"]
    assert asked.form.is_valid() and asked.form.cleaned_data["listed"] is None
    answered = AskedFilterSet({"listed": "false"})
    assert answered.form.is_valid() and answered.form.cleaned_data["listed"] is False
    assert re.search(r'value="false"\s+selected', str(answered.form["listed"]))


def test_days_are_chosen_from_the_calendar_and_kept_as_it_reads_them() -> None:
    for language in ("en", "uk"):
        with translation.override(language):
            form = AskedFilterSet({"on": "2026-11-07", "between_after": "2026-11-01"}).form
            assert form.is_valid()
            assert 'type="date"' in str(form["on"]) and 'value="2026-11-07"' in str(form["on"])
            assert str(form["between"]).count('type="date"') == 2 and 'value="2026-11-01"' in str(form["between"])


def test_the_chip_of_a_day_says_it_as_people_do() -> None:
    with translation.override("en"):
        filters = AskedFilterSet(QueryDict("on=2026-11-07&between_after=2026-11-01"))
        assert filters.form.is_valid()
        assert {chip.value for chip in filters.chips(filters.data)} == {"7 November 2026", "1 November 2026 – …"}


@pytest.mark.parametrize("sent", ["2026-11-07T14:30", "2026-11-07T12:30:15.250000+00:00"])
def test_a_moment_is_chosen_with_its_clock_and_kept_in_the_time_of_the_reader(sent: str) -> None:
    """Also one that a link of the portal names with its zone: a browser shows none that has one, and sends nothing back."""
    with translation.override("en"), timezone.override(ZoneInfo("Europe/Kyiv")):
        filters = AskedFilterSet(QueryDict(urlencode({"after": sent})))
        assert filters.form.is_valid()
        html = str(filters.form["after"])
        assert 'type="datetime-local"' in html and 'value="2026-11-07T14:30"' in html
        (chip,) = filters.chips(filters.data)
        assert chip.value == "7 November 2026, 14:30"


def test_what_is_no_moment_is_an_error_beside_its_field() -> None:
    with translation.override("en"):
        for wrong in ("yesterday", "2026-13-40T00:00"):
            form = AskedFilterSet({"after": wrong}).form
            assert not form.is_valid() and form.errors.keys() == {"after"} and str(form["after"])
