"""Small counts of people: what is published of a site, and that nothing published tells what is not."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.registry import Bound, Figure, Unit, at_least, figure_kinds, for_outsiders
from aimprogress.figures.small_counts import hidden_part, is_small, least_of, published
from members.models import Site
from tests.factories import an_area, an_organisation

NESTED = ("current_expected", "current_accounted", "current_safe", "current_displaced")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@st.composite
def nested(draw: st.DrawFn) -> tuple[int, ...]:
    """Expected, accounted for, safe, displaced: small differences are as likely as large ones."""
    step = st.one_of(st.integers(0, 6), st.integers(0, 400))
    counts = [draw(step) + draw(step)]
    for _part in range(3):
        counts.append(max(counts[-1] - draw(step), 0))
    return tuple(counts)


@given(nested())
def test_what_is_published_of_a_site_is_true(counts):
    for count, known in zip(counts, published(*counts), strict=True):
        assert known.least <= count <= known.most


@given(nested())
def test_no_published_number_is_small_and_none_is_a_small_step_from_a_wider_one(counts):
    exact = [count for count, known in zip(counts, published(*counts), strict=True) if known.is_exact]
    assert not any(map(is_small, exact))
    assert not any(is_small(wider - count) for place, wider in enumerate(exact) for count in exact[place + 1 :])


@given(nested())
def test_what_is_kept_back_could_be_several_numbers(counts):
    for known in published(*counts):
        assert known.is_exact or known.most - known.least >= 3


def test_published_counts_are_written_as_numbers_or_bounds():
    assert [known.shown for known in published(420, 405, 0)] == [420, 405, 0]
    assert [known.shown for known in published(420, 418)] == [420, ">415"]
    assert [known.shown for known in published(420, 3)] == [420, "<5"]
    assert [known.shown for known in published(3, 0)] == ["<5", "<5"], "of three people nobody learns whether all are lost"
    assert [known.shown for known in published(0, 0)] == [0, 0]
    assert [known.shown for known in published(420, 418, 412)] == [420, ">415", 412]


@pytest.mark.django_db
@settings(deadline=None, max_examples=40)
@given(rows=st.lists(nested(), min_size=1, max_size=25))
def test_the_database_publishes_the_same(rows):
    organisation, area = an_organisation(), an_area()
    with acting_as(SYSTEM):
        Site.objects.bulk_create(
            Site(
                organisation=organisation, code=str(n), name=str(n), country="UA", admin1=area, number_in_area=n,
                **dict(zip(NESTED, counts, strict=True)),
            )
            for n, counts in enumerate(rows)
        )  # fmt: skip
        sites = Site.objects.filter(organisation=organisation).order_by("number_in_area")
        least = list(sites.annotate(**{f"at_{n}": said for n, said in enumerate(least_of(*NESTED))}).values_list(
            *(f"at_{n}" for n in range(4))
        ))  # fmt: skip
        hidden = [set(sites.filter(hidden_part(*NESTED[: n + 1])).values_list("number_in_area", flat=True)) for n in (1, 2, 3)]
        sites.delete()
    for n, counts in enumerate(rows):
        known = published(*counts)
        left_out = is_small(counts[0])
        assert least[n] == tuple(0 if left_out else one.least for one in known), counts
        for part in (1, 2, 3):
            assert (n in hidden[part - 1]) is (not left_out and not known[part].is_exact), counts


def a_rate(part: int, whole: int, **more) -> Figure:
    return Figure(value=Decimal(1), text="exact", as_of=NOW, numerator=part, denominator=whole, **more)


def test_a_rate_of_fewer_than_twenty_people_is_kept_back():
    seen = for_outsiders(a_rate(14, 19), Unit.PERCENT)
    assert seen.withheld and seen.value is None and seen.numerator is None and "exact" not in seen.text
    assert for_outsiders(a_rate(14, 20), Unit.PERCENT).text == "exact"
    assert for_outsiders(a_rate(15, 19, bound=Bound.AT_LEAST), Unit.PERCENT).withheld


@given(part=st.integers(0, 60), lacking=st.integers(0, 60))
def test_no_rate_leaves_whose_numerator_or_rest_is_small(part, lacking):
    seen = for_outsiders(a_rate(part, part + lacking), Unit.PERCENT)
    if seen.bound is None and not seen.withheld:
        assert not is_small(part) and not is_small(lacking)
    if seen.bound is Bound.AT_LEAST:
        assert seen.numerator <= part and seen.numerator_shown.startswith(">")


def test_a_number_of_one_to_four_people_is_a_bound():
    few = Figure(value=3, text="3", as_of=NOW)
    seen = for_outsiders(few, Unit.PEOPLE)
    assert (seen.text, seen.value, seen.bound) == ("<5", 4, Bound.AT_MOST)
    assert for_outsiders(replace(few, value=5), Unit.PEOPLE).value == 5
    assert for_outsiders(replace(few, value=0), Unit.PEOPLE).value == 0
    assert for_outsiders(replace(few, value=None), Unit.PEOPLE).value is None


def test_a_bound_says_so_in_its_text():
    assert at_least(416, 420) == {
        "value": Decimal("99.0"), "text": "≥ 99.0 %", "numerator": 416, "denominator": 420, "bound": Bound.AT_LEAST,
    }  # fmt: skip


def test_a_numerator_is_printed_as_numbers_are_written_here():
    with translation.override("uk"):
        assert a_rate(6673, 6687).numerator_shown == "6\xa0673"
        assert a_rate(6673, 6687, bound=Bound.AT_LEAST).numerator_shown == ">6\xa0672"
    assert a_rate(0, 6687, bound=Bound.AT_LEAST).numerator_shown == "≥ 0"


def test_the_least_of_a_share_is_rounded_down():
    assert at_least(668, 696)["value"] == Decimal("95.9"), "95.97…: 96.0 would say too much"


def test_every_figure_about_people_passes_the_rule():
    """The name or the unit decides, so that a new figure cannot forget it."""
    people = {kind.name for kind in figure_kinds() if kind.counts_people}
    assert people == {name for kind in figure_kinds() if (name := kind.name).startswith("people.")} and len(people) >= 4


sites = st.lists(st.tuples(nested(), st.integers(1, 4)), max_size=8)


@given(sites)
def test_two_worlds_that_publish_the_same_rows_have_the_same_totals(drawn):
    """What makes subtraction useless: a total is made of rows as they are published, so it knows nothing that they do not."""
    worlds: tuple[list, list] = ([], [])
    for counts, other in drawn:
        expected, accounted = counts[0], counts[1]
        twin = expected - other if is_small(expected - accounted) else accounted
        assume(published(expected, twin) == published(expected, accounted))
        worlds[0].append((expected, accounted))
        worlds[1].append((expected, twin))
    totals = [sum(published(*one)[1].least for one in world if not is_small(one[0])) for world in worlds]
    assert totals[0] == totals[1]
