"""Does everyone fit: domain 3.5 and scenario 8 of domain 10.2."""

import pytest

from members.capacity import Fit, capacity


def test_scenario_8_two_buses_of_50_seats_with_3_trips_leave_36_people_without_a_seat():
    plan = capacity(seats_there=2 * 50, trips=3, expected_evacuees=210, family_estimate=126)
    assert plan.seats == Fit(there=300, needed=336)
    assert plan.seats.shortfall == 36
    assert plan.shortfalls == {"seats": 36}
    assert plan.is_enough is False


def test_families_need_seats_too():
    assert capacity(seats_there=210, trips=1, expected_evacuees=210, family_estimate=0).seats.is_enough
    assert capacity(seats_there=210, trips=1, expected_evacuees=210, family_estimate=1).seats.shortfall == 1


@pytest.mark.parametrize(("places", "short", "spare"), [(96, 0, 0), (110, 0, 14), (95, 1, 0)])
def test_the_shelter_must_hold_the_largest_shift(places, short, spare):
    fit = capacity(shelter_capacity=places, largest_shift=96).shelter
    assert (fit.shortfall, fit.spare, fit.is_enough) == (short, spare, short == 0)


def test_beds_that_are_short_are_named():
    plan = capacity(
        seats_there=90,
        trips=3,
        expected_evacuees=112,
        family_estimate=146,
        shelter_capacity=110,
        largest_shift=96,
        beds_there=220,
    )
    assert plan.shortfalls == {"beds": 38}
    assert (plan.seats.spare, plan.shelter.spare) == (12, 14)
    assert plan.is_enough is False


def test_what_nobody_reported_is_unknown_and_never_zero():
    plan = capacity(seats_there=100, trips=3, expected_evacuees=210, largest_shift=96)
    assert plan.unknown == ("seats", "shelter", "beds")
    assert plan.shortfalls == {}
    assert plan.is_enough is None


def test_seats_and_shelter_for_everyone_are_enough_while_beds_are_not_known():
    plan = capacity(seats_there=336, trips=1, expected_evacuees=210, family_estimate=126, shelter_capacity=96, largest_shift=96)
    assert plan.is_enough is True
    assert plan.unknown == ("beds",)


def test_a_shelter_with_no_place_is_not_the_same_as_an_unknown_one():
    assert capacity(shelter_capacity=0, largest_shift=96).shortfalls == {"shelter": 96}


def test_numbers_below_zero_are_refused():
    with pytest.raises(ValueError, match="below zero"):
        capacity(shelter_capacity=-1, largest_shift=96)
