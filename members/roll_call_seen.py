"""A roll call as its reader sees it: who is still to answer for everybody, the counts for the site's own people only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import as_of, moment
from aimprogress.figures.precision import Precision
from members.models import CheckIn, RollCall, RollCallAnswer, Site
from members.roll_call_known import standing_answers
from members.roll_call_rows import ROLL_CALL_ROWS
from members.rounds import LAST, WHOLE, Heard, Known, Round, Standing, answered, current_round, known_last, part_name, rounds_of
from members.services.roll_calls import heard, in_no_part

PHONES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part in one round: what it said, or that it is waited for."""

    part: str
    name: str
    people: int | None
    """As the call tree says; None for the whole site."""
    itself: bool
    """Whether it is a beginning role with only the people that it reaches itself."""
    heard: Heard | None
    answer: RollCallAnswer | None
    query: str
    """Of the page that answers for it, or corrects."""


class SeenRollCall:
    """One roll call at the moment of reading, or at the earlier one that is looked back to. Three queries."""

    def __init__(self, roll_call: RollCall, actor: Actor, *, wanted: int | None = None, now: datetime | None = None) -> None:
        """wanted: the round to show; without it the one that matters now."""
        self.roll_call, self.actor, self.now, self._wanted = roll_call, actor, now or moment(), wanted

    @cached_property
    def row(self) -> dict[str, Any]:
        found = ROLL_CALL_ROWS.values(RollCall.objects.filter(pk=self.roll_call.pk)).get()
        return ROLL_CALL_ROWS.present(found, self.actor)

    @property
    def site_name(self) -> str:
        return self.row["name"]

    @property
    def counts(self) -> bool:
        """Whether the reader sees parts and counts."""
        return self.row["precision"] == Precision.EXACT

    @property
    def closed_at(self) -> datetime | None:
        return self.row["closed_at"]

    @property
    def may_answer(self) -> bool:
        return self.counts and not self.closed_at and not as_of() and self.actor.may(Permission.HEADCOUNT_LOG)

    @cached_property
    def answers(self) -> dict[int, dict[str, RollCallAnswer]]:
        found: dict[int, dict[str, RollCallAnswer]] = {}
        for answer in standing_answers(RollCallAnswer.objects.filter(roll_call=self.roll_call)):
            found.setdefault(answer.round, {})[answer.part] = answer
        return found

    @cached_property
    def _heard(self) -> dict[int, dict[str, Heard]]:
        return {n: {part: heard(answer) for part, answer in said.items()} for n, said in self.answers.items()}

    @cached_property
    def rounds(self) -> list[Round]:
        at = self.closed_at or self.now
        return rounds_of(self.roll_call.began_at, self.roll_call.roles, self._heard, at)

    @cached_property
    def current(self) -> Round | None:
        """The round that an answer given now belongs to; None where the roll call is closed or all rounds are answered."""
        if self.closed_at:
            return None
        number = current_round(self.roll_call.began_at, answered(self.roll_call.roles, self._heard), self.now)
        return self.rounds[number - 1] if number else None

    @cached_property
    def shown(self) -> Round:
        """The round of the page: the one asked for, the one that is late, otherwise the last of which something is known."""
        if self._wanted and self._wanted <= len(self.rounds):
            return self.rounds[self._wanted - 1]
        if self.current and self.current.standing is Standing.OVERDUE:
            return self.current
        known = [one for one in self.rounds if one.answers]
        return known[-1] if known else self.current or self.rounds[0]

    @property
    def lines(self) -> list[PartLine]:
        """The parts of the shown round; the whole site where it answers, or answered, as one."""
        said = self.answers.get(self.shown.number, {})
        parts = self.roll_call.roles
        if WHOLE in said or not parts:
            parts = [WHOLE, *(part for part in parts if part in said)]
        heard_of = self.shown.answers
        return [
            PartLine(
                part, part_name(part), self.people.get(part), part in self.beginning, heard_of.get(part), said.get(part),
                urlencode({"part": part, "round": self.shown.number}),
            )
            for part in parts
        ]  # fmt: skip

    @property
    def people(self) -> dict[str, int]:
        """Of each part, as the call tree says."""
        return {part["role"]: part["people"] for part in self.roll_call.parts}

    @property
    def in_no_part(self) -> int:
        """People for whom nobody is asked, while it is open and the shown round was not answered for the whole site."""
        over = self.closed_at or as_of()  # nobody is asked any more
        return 0 if over or WHOLE in self.shown.answers else in_no_part(self.roll_call.site, self.roll_call.parts)

    @property
    def beginning(self) -> set[str]:
        """The parts that are a role with only the people it reaches itself; none in roll calls of before these were asked."""
        return {part["role"] for part in self.roll_call.parts if part.get("itself")}

    @property
    def total(self) -> Heard | None:
        return self.shown.total

    @cached_property
    def known(self) -> Known:
        """What is known last of everybody, in whichever round."""
        return known_last(self.roll_call.roles, self._heard)

    @property
    def last_total(self) -> Heard | None:
        return self.known.total

    @property
    def parts_answered(self) -> tuple[int, int]:
        """How many parts of the shown round have answered, and how many there are."""
        every = len(self.roll_call.parts) or 1
        return every - len(self.shown.waiting), every

    @cached_property
    def from_phones(self) -> list[tuple[datetime, str]]:
        """What phones said of the people since it happened, newest first; it makes head counts, and answers for no part."""
        since = CheckIn.objects.filter(
            site_id=self.roll_call.site_id, put_aside_at=None,
            received_at__gte=self.roll_call.began_at, received_at__lte=self.closed_at or self.now,
        )  # fmt: skip
        since = since.exclude(statuses__retracted_at__isnull=False)  # taken back within the minute
        since = since.exclude(answers__people="help", follow_up=CheckIn.FollowUp.NONE)  # a call for help, taken back
        said = since.exclude(answers__people="").filter(answers__has_key="people").order_by("-received_at")[:PHONES_SHOWN]
        return [(one.received_at, _in_words(one.answers)) for one in said] if self.counts else []

    @property
    def is_late(self) -> bool:
        return bool(self.row["due_at"] and self.row["due_at"] <= self.now)

    @property
    def asks_for_missing(self) -> bool:
        """Whether 72 hours have passed and somebody is still not reached, or a part never said anything (domain 3.4)."""
        return self.rounds[LAST - 1].due_at <= self.now and not self.known.everybody_reached


def _in_words(answers: Mapping[str, Any]) -> str:
    people, missing = answers["people"], answers.get("not_reached") or 0
    if people == "unsure":
        return ngettext("%(n)s person not reached", "%(n)s people not reached", missing) % {"n": missing}
    return {"all": gettext("Everyone is safe"), "help": gettext("Someone needs help")}.get(
        people, gettext("Everyone reached, otherwise as before")
    )


def for_head_count(site: Site, asked: str, actor: Actor) -> Known | None:
    """What a roll call of `site` knows already for a head count. Where the people reached are it does not know: that is asked."""
    try:
        roll_call = RollCall.objects.filter(site=site, pk=UUID(asked)).first()
    except ValueError:
        return None
    known = SeenRollCall(roll_call, actor).known if roll_call else None
    return known if known and known.newest else None
