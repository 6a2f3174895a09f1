"""Days and numbers as the readers of each language write them: the day first, weeks from Monday, never the American way."""

from datetime import date, datetime

import pytest
from django import forms
from django.conf import settings
from django.utils import formats, timezone, translation

from aimprogress.web.templatetags.portal import day, local_time

DAY = date(2026, 11, 7)


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_a_week_begins_on_monday(language: str) -> None:
    with translation.override(language):
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1


@pytest.mark.parametrize(
    ("language", "written", "people"),
    [("en", "7 November 2026", "186,420"), ("uk", "07 листопада 2026 р.", "186\xa0420")],
)
def test_days_and_numbers_are_written_as_their_readers_do(language: str, written: str, people: str) -> None:
    with translation.override(language):
        assert formats.date_format(DAY) == written
        assert formats.number_format(186420) == people
        assert formats.date_format(datetime(2026, 11, 7, 14, 5), "SHORT_DATETIME_FORMAT").startswith(("07/11/2026", "07.11.2026"))


@pytest.mark.parametrize("language", ["en", "uk"])
@pytest.mark.parametrize("typed", ["2026-11-07", "07.11.2026"])
def test_a_typed_day_is_read_with_the_day_first(language: str, typed: str) -> None:
    with translation.override(language):
        assert forms.DateField().clean(typed) == DAY


def test_what_an_american_means_is_not_guessed() -> None:
    with translation.override("en"):
        assert forms.DateField().clean("07/11/2026") == DAY
        with pytest.raises(forms.ValidationError):
            forms.DateField().clean("11/27/2026")


@pytest.mark.parametrize(("language", "written"), [("en", "Saturday 7 November 2026"), ("uk", "сб 7 листопада 2026")])
def test_a_weekday_has_a_capital_only_where_its_language_writes_one(language: str, written: str) -> None:
    moment = timezone.make_aware(datetime(2026, 11, 7, 14, 5))
    with translation.override(language):
        assert f">{written}, 14:05" in local_time(moment)
        assert f">{written[:1]}" in day(DAY)
