"""What the template tags print."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.web import filters, search
from aimprogress.web.templatetags import portal


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
    ],
)
def test_below_a_day_a_time_is_told_relative_to_now(passed: timedelta, words: str) -> None:
    assert words in portal.age(timezone.now() - passed)


def test_an_older_time_names_its_weekday_and_the_exact_time_stands_in_the_title() -> None:
    html = portal.age(timezone.now() - timedelta(days=3))
    assert "ago" not in html
    assert 'title="' in html
    assert portal.age(None) == "never"


def test_a_local_time_names_its_zone_on_both_sides_of_the_clock_change() -> None:
    assert "12:00 EEST" in portal.local_time(datetime(2026, 10, 24, 9, 0, tzinfo=UTC))
    assert "11:00 EET" in portal.local_time(datetime(2026, 10, 26, 9, 0, tzinfo=UTC))


@pytest.mark.parametrize(("language", "words"), [("en", "October 2026"), ("uk", "жовтень 2026"), ("pl", "październik 2026")])
def test_a_month_stands_within_a_sentence_as_its_language_writes_it(language: str, words: str) -> None:
    with translation.override(language):
        said = Template("{% load portal %}{{ day|month }}").render(Context({"day": date(2026, 10, 31)}))
    assert said == words


def test_a_status_is_a_word_and_an_icon_never_a_colour_alone() -> None:
    html = portal.pill("UNKNOWN")
    assert "No contact" in html and "#lost" in html and 'class="pill lost"' in html
    assert "Not reported" in portal.pill("")
    assert "&lt;b&gt;" in portal.pill("REDUCED", "<b>")


def test_the_query_keeps_what_is_not_changed() -> None:
    request = RequestFactory().get("/sites/?country=UA&after=x&q=a%26b")
    template = Template("{% load portal %}{% query after=None before='y' %}")
    assert template.render(Context({"request": request})) == "?country=UA&amp;q=a%26b&amp;before=y"


def test_an_unknown_permission_in_a_template_is_a_mistake() -> None:
    actor = Actor(kind="person", permissions=frozenset({Permission.SITE_READ}))
    assert portal.may(actor, "site:read")
    assert not portal.may(actor, "site:edit")
    with pytest.raises(ValueError, match="site:paint"):
        portal.may(actor, "site:paint")


def test_the_words_of_the_ground_are_translated_with_plurals() -> None:
    with translation.override("uk"):
        assert portal.age(timezone.now() - timedelta(hours=5)) != ""


def test_a_chip_takes_its_filter_and_the_place_in_the_list_away() -> None:
    query = QueryDict("country=UA&q=x&after=abc")
    assert filters.without(query, "q") == "?country=UA"


@pytest.mark.parametrize(("typed", "kept"), [("  a \x00 b\n", "a b"), ("x" * 500, "x" * 100), ("\u202eabc", "abc")])
def test_what_is_searched_for_has_no_control_characters(typed: str, kept: str) -> None:
    assert search.cleaned(typed) == kept
