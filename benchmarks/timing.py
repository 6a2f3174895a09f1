"""Side by side: both ways in turn, several rounds, the best of each. A ratio of two bests survives a busy machine."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Record:
    """One measurement. `goal` bounds `ratio`, from above where nothing else is said; `holds` says whether it does."""

    name: str
    ours: float
    baseline: dict[str, Any]
    ratio: float
    goal: float
    holds: bool
    unit: str = "ms"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def record(name: str, ours: float, what: str, value: float, goal: float, unit: str = "ms") -> Record:
    """A record of two numbers of the same unit."""
    ratio = round(ours / value, 3) if value else float(ours > 0)
    return Record(name, round(ours, 3), {"what": what, "value": round(value, 3)}, ratio, goal, ratio <= goal, unit)


def at_least(name: str, ours: float, what: str, value: float, goal: float, unit: str) -> Record:
    """A record of how many times more the baseline takes: `goal` bounds the ratio from below."""
    ratio = round(value / ours, 2) if ours else float("inf")
    return Record(name, round(ours, 3), {"what": what, "value": round(value, 3)}, ratio, goal, ratio >= goal, unit)


def side_by_side(name: str, ours: Work, what: str, baseline: Work, *, goal: float, rounds: int = 7) -> Record:
    """Milliseconds of `ours` against `baseline`; each is run once before, unmeasured."""
    ours(), baseline()
    best = [float("inf"), float("inf")]
    for _round in range(rounds):
        for place, work in enumerate((ours, baseline)):
            began = time.perf_counter()
            work()
            best[place] = min(best[place], (time.perf_counter() - began) * 1000)
    return record(name, best[0], what, best[1], goal)
