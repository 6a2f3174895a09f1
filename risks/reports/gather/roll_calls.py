"""Roll calls of the period: how many incidents asked for everybody, and of each round how many people it had reached."""

from collections import defaultdict
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from aimprogress.figures.numbers import number
from aimprogress.figures.small_counts import is_small
from members.models import RollCall, RollCallAnswer
from members.rounds import LAST, Heard, added, answered
from members.services.roll_calls import heard
from risks.reports.evidence import Count
from risks.reports.gather.ledger import Ledger, few, stamp
from risks.reports.gather.people import told_rate


def roll_calls(ledger: Ledger) -> dict[str, Any] | None:
    """Those that began in the period, as answered by the cut-off; None where there were none."""
    known = RollCall.objects.filter(organisation=ledger.organisation, opened_at__lte=ledger.as_of).order_by("opened_at", "id")
    held = [one for one in known if ledger.period_from <= timezone.localdate(one.began_at) <= ledger.period_to]
    if not held:
        return None
    answers = _answers(ledger, held)
    figure = ledger.add(
        "E-016",
        "roll_calls",
        gettext_noop("Answers that stand of the roll calls that began in the period"),
        [[str(row.pk), row.round, row.expected, row.not_reached, stamp(row.observed_at)] for row in answers],
        observed=[row.observed_at for row in answers],
    )
    given: dict[Any, dict[int, dict[str, Heard]]] = defaultdict(lambda: defaultdict(dict))
    for row in answers:
        given[row.roll_call_id][row.round][row.part] = heard(row)
    rounds = []
    for n in range(1, LAST + 1):
        totals = [total for one in held if (total := added(given[one.pk][n])) is not None]
        complete = sum(answered(one.roles, {n: given[one.pk][n]}) == n for one in held)
        rounds.append({"round": n, "answered": len(totals), "complete": complete, **_people(totals)})
    return {"figure": figure, "held": len(held), "open": sum(_was_open(one, ledger) for one in held), "rounds": rounds}


def _answers(ledger: Ledger, held: list[RollCall]) -> list[RollCallAnswer]:
    known = RollCallAnswer.objects.filter(roll_call__in=held, recorded_at__lte=ledger.as_of)
    corrected = known.exclude(supersedes=None).values("supersedes")
    return list(known.exclude(pk__in=corrected).order_by("recorded_at", "id"))


def _was_open(roll_call: RollCall, ledger: Ledger) -> bool:
    return roll_call.closed_at is None or roll_call.closed_at > ledger.as_of


def _people(totals: list[Heard]) -> dict[str, Count | str | None]:
    """Sums over sums; where few people stand behind a number it is kept back, with what would tell it."""
    expected, reached = sum(one.expected for one in totals), sum(one.reached for one in totals)
    if not totals:
        return {"expected": None, "not_reached": None, "rate": None}
    rate = "few_people" if expected < number("MINIMUM_RATE_DENOMINATOR") else told_rate(reached, expected)
    missing: Count = "hidden" if is_small(reached) and not is_small(expected) else few(expected - reached)
    return {"expected": "few" if is_small(expected) else expected, "not_reached": missing, "rate": rate if expected else None}
