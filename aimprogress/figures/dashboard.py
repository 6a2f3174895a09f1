"""Time series of the dashboard. Pure: facts in, numbers out."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta

WEEK = timedelta(days=7)


def week_ends(as_of: datetime, *, weeks: int = 12) -> list[datetime]:
    """The moments of a weekly series, oldest first: `weeks` steps of seven days that end with `as_of`."""
    return [as_of - WEEK * back for back in reversed(range(weeks))]


def counts_at(moments: Sequence[datetime], facts: Iterable[tuple[Hashable, datetime, Hashable]]) -> list[Counter[Hashable]]:
    """How many subjects were in which state at each of the ascending `moments`.

    `facts` are (subject, observed_at, state) in any order. A subject counts from its first fact on, with the last
    state observed at or before the moment; later facts are not known to earlier moments.
    """
    ordered = sorted(facts, key=lambda fact: fact[1])
    state: dict[Hashable, Hashable] = {}
    series: list[Counter[Hashable]] = []
    position = 0
    for moment in moments:
        while position < len(ordered) and ordered[position][1] <= moment:
            subject, _, found = ordered[position]
            state[subject] = found
            position += 1
        series.append(Counter(state.values()))
    return series
