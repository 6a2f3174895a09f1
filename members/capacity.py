"""Does everyone fit? Seats, shelter and beds of an evacuation plan against the people who need them (domain.md 3.5).

Pure: no ORM and no clock. What nobody has reported stays unknown; it is never counted as zero.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fit:
    """Places there against places needed, in people."""

    there: int
    needed: int

    @property
    def shortfall(self) -> int:
        """How many people have no place."""
        return max(0, self.needed - self.there)

    @property
    def spare(self) -> int:
        return max(0, self.there - self.needed)

    @property
    def is_enough(self) -> bool:
        return self.there >= self.needed


def seats(*, seats: int | None, trips: int | None, expected_evacuees: int | None, family_estimate: int | None) -> Fit | None:
    """Seats of all vehicles times trips, against the evacuees and their families; None if one of the four is unknown."""
    if seats is None or trips is None:
        return None
    needed = people_who_go(expected_evacuees=expected_evacuees, family_estimate=family_estimate)
    return None if needed is None else _fit(seats * trips, needed)


def beds(*, beds: int | None, expected_evacuees: int | None, family_estimate: int | None) -> Fit | None:
    """Beds at the destination, against the evacuees and their families; None if one of the three is unknown."""
    needed = people_who_go(expected_evacuees=expected_evacuees, family_estimate=family_estimate)
    return None if beds is None or needed is None else _fit(beds, needed)


def shelter(*, shelter_capacity: int | None, largest_shift: int | None) -> Fit | None:
    """Shelter places on site, against the largest shift; None if one of the two is unknown."""
    return None if shelter_capacity is None or largest_shift is None else _fit(shelter_capacity, largest_shift)


def people_who_go(*, expected_evacuees: int | None, family_estimate: int | None) -> int | None:
    """Workers who leave and the family members who come along; None if one of the two is unknown."""
    return None if expected_evacuees is None or family_estimate is None else expected_evacuees + family_estimate


@dataclass(frozen=True, slots=True)
class Capacity:
    """All checks of one plan; a check is None while its numbers are not known."""

    seats: Fit | None
    shelter: Fit | None
    beds: Fit | None

    @property
    def shortfalls(self) -> dict[str, int]:
        """People without a place, by "seats", "shelter" and "beds"; only where somebody is short of one."""
        checks = {"seats": self.seats, "shelter": self.shelter, "beds": self.beds}
        return {name: fit.shortfall for name, fit in checks.items() if fit is not None and not fit.is_enough}

    @property
    def unknown(self) -> tuple[str, ...]:
        """The checks that cannot be made yet."""
        checks = {"seats": self.seats, "shelter": self.shelter, "beds": self.beds}
        return tuple(name for name, fit in checks.items() if fit is None)

    @property
    def is_enough(self) -> bool | None:
        """True if everybody has seat and shelter, False if anybody is short of something, None while that is not known.

        Beds are reported beside the two that domain 3.5 requires: short beds are short, unknown beds do not block.
        """
        if self.shortfalls:
            return False
        return None if self.seats is None or self.shelter is None else True


def capacity(
    *,
    seats_there: int | None = None,
    trips: int | None = None,
    expected_evacuees: int | None = None,
    family_estimate: int | None = None,
    shelter_capacity: int | None = None,
    largest_shift: int | None = None,
    beds_there: int | None = None,
) -> Capacity:
    """All checks of a plan from its numbers. Raises ValueError for a number below zero."""
    return Capacity(
        seats=seats(seats=seats_there, trips=trips, expected_evacuees=expected_evacuees, family_estimate=family_estimate),
        shelter=shelter(shelter_capacity=shelter_capacity, largest_shift=largest_shift),
        beds=beds(beds=beds_there, expected_evacuees=expected_evacuees, family_estimate=family_estimate),
    )


def _fit(there: int, needed: int) -> Fit:
    if there < 0 or needed < 0:
        raise ValueError("numbers of people and places are not below zero")
    return Fit(there, needed)
