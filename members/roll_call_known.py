"""Roll calls as known at the moment that is spoken of: those opened by then, who had answered, whether a round was late.

What is stored says it for now. Of an earlier moment the next round follows from the answers recorded by then, by the rule that
stored it (rounds.py); the parts are those of the call tree when it was opened, and never change.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from aimprogress.figures.moment import as_of
from members.models import RollCall, RollCallAnswer
from members.projection import seen
from members.rounds import answered, due_at


def known(roll_calls: QuerySet) -> QuerySet:
    """Those that were opened by then."""
    return roll_calls if as_of() is None else roll_calls.filter(opened_at__lte=as_of())


def is_open() -> Q:
    """Those that nobody had closed."""
    return Q(closed_at=None) if as_of() is None else Q(closed_at=None) | Q(closed_at__gt=as_of())


def is_late(now: datetime) -> Q:
    """Open ones whose next round was due and not answered by every part. `now`: the moment that is spoken of."""
    if as_of() is None:
        return Q(due_at__lte=now)
    rows = known(RollCall.objects.filter(is_open())).values("pk", "began_at", "parts", said=answered_rounds())
    return Q(pk__in=[row["pk"] for row in rows if (due := due_then(row, row["said"])) and due <= now])


def answered_rounds() -> Combinable:
    """Which part had answered which round; nothing for now, where the roll call itself says what is due."""
    if as_of() is None:
        return Value(None, output_field=TextField())
    answers = seen(RollCallAnswer.objects.filter(roll_call=OuterRef("pk")), as_of()).order_by()
    return ArraySubquery(answers.values(said=JSONObject(round="round", part="part")))


def standing_answers(answers: QuerySet) -> QuerySet:
    """Those that no answer known by then corrects."""
    if as_of() is None:
        return answers.standing()
    corrections = seen(RollCallAnswer.objects.filter(supersedes=OuterRef("pk")), as_of())
    return seen(answers, as_of()).exclude(Exists(corrections))


def due_then(roll_call: Mapping[str, Any], said: Iterable[Mapping[str, Any]]) -> datetime | None:
    """When the next round of an open roll call was due; None where all four were answered."""
    rounds: dict[int, dict[str, Any]] = {}
    for one in said:
        rounds.setdefault(one["round"], {})[one["part"]] = one
    return due_at(roll_call["began_at"], answered([part["role"] for part in roll_call["parts"]], rounds))
