"""The form of a filter: what is not asked reads alike everywhere, and days come from the browser's calendar."""

import re

import django_filters
from django.utils import translation

from aimprogress.places.models import AdminArea
from aimprogress.web.filters import FilterSet


class AskedFilterSet(FilterSet):
    listed = django_filters.BooleanFilter(label="Listed")
    on = django_filters.DateFilter(label="On")
    between = django_filters.DateFromToRangeFilter(label="Between")

    class Meta:
        model = AdminArea
        fields = ("listed", "on", "between")


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
