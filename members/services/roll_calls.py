"""Roll calls: open one after an incident, answer a round in parts, close it. Only an evacuation opens one by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.call_tree import branches_of
from members.models import CommunicationPlan, PlanStatus, RollCall, RollCallAnswer, Site
from members.rounds import WHOLE, Heard, answered, current_round, due_at, known_last
from members.services.sites import lock, may_report_from_here

Answers = Mapping[int, Mapping[str, Heard]]


@service(Permission.HEADCOUNT_LOG)
def open_roll_call(*, site: Site, incident: str, began_at: datetime | None = None) -> RollCall:
    """Begin to ask whether everybody at a site is reached. The branches of its call tree in force become the parts that answer.
    They hold everybody of the tree, and stay as they are when the tree changes.

    Raises Conflict where a roll call of the site is open, ValidationError for an incident ahead or more than 72 hours ago.
    """
    site = lock(site)
    if RollCall.objects.filter(site=site, closed_at=None).exists():
        raise Conflict(_("A roll call of this site is already open."))
    may_report_from_here(site)
    return begin_roll_call(site, incident=incident, began_at=began_at or timezone.now())


@service(Permission.HEADCOUNT_LOG)
def answer_roll_call(
    *, roll_call: RollCall, part: str = WHOLE, round: int | None = None, supersedes: RollCallAnswer | None = None,
    observed_at: datetime | None = None, **counts: Any,
) -> RollCallAnswer:  # fmt: skip
    """What a part of the site, or all of it, says in a round; without `round` in that of the answer it corrects, or of now.

    The people reached and safe, reached who need help, and not reached add up to those expected. What was answered already is
    only replaced by naming it in `supersedes`: two people never overwrite each other unseen (Conflict).
    """
    roll_call = RollCall.objects.select_for_update(of=("self",)).get(pk=roll_call.pk)
    may_report_from_here(roll_call.site)
    now, answers = timezone.now(), answers_of(roll_call)
    last = answered(roll_call.roles, answers)
    current = current_round(roll_call.began_at, last, now) or last
    wanted = round or (supersedes.round if supersedes else current)
    _check(roll_call, part, wanted, answers, current)
    stands = RollCallAnswer.objects.standing().filter(roll_call=roll_call, round=wanted, part=part).first()
    if (stands and stands.pk) != (supersedes and supersedes.pk):
        raise Conflict(_("This part has answered meanwhile. Look at what it says, then correct it."))
    answer = RollCallAnswer(
        organisation_id=roll_call.organisation_id, site_id=roll_call.site_id, roll_call=roll_call, round=wanted, part=part,
        supersedes=supersedes, observed_at=observed_at or now, reported_by_id=current_actor().user_id, **counts,
    )  # fmt: skip
    answer.save(force_insert=True)
    roll_call.due_at = due_at(roll_call.began_at, answered(roll_call.roles, answers_of(roll_call)))
    roll_call.save(update_fields=["due_at"])
    return answer


@service(Permission.HEADCOUNT_LOG)
def close_roll_call(*, roll_call: RollCall, reason: str = "") -> RollCall:
    """End a roll call. Where somebody was last not reached, or a part has never answered, it needs a reason."""
    roll_call = RollCall.objects.select_for_update(of=("self",)).get(pk=roll_call.pk)
    if roll_call.closed_at:
        raise Conflict(_("This roll call was already closed."))
    if not known_last(roll_call.roles, answers_of(roll_call)).everybody_reached and not reason.strip():
        raise ValidationError({"reason": _("Not everybody is reached. Say why the roll call ends.")})
    roll_call.closed_at, roll_call.closed_by_id = timezone.now(), current_actor().user_id
    roll_call.closing_reason, roll_call.due_at = reason.strip(), None
    roll_call.save()
    return roll_call


def begin_roll_call(site: Site, *, incident: str, began_at: datetime) -> RollCall:
    """The rule of a new roll call, for the service and for an evacuation. `site` is locked and has none open."""
    roll_call = RollCall(
        organisation_id=site.organisation_id, site=site, incident=incident, began_at=began_at, parts=parts_now(site),
        opened_by_id=current_actor().user_id, due_at=due_at(began_at, 0),
    )  # fmt: skip
    roll_call.save(force_insert=True)
    return roll_call


def parts_now(site: Site) -> list[dict[str, Any]]:
    """Who would answer a roll call of `site` that was opened now; none where no call tree is in force: the site as a whole."""
    plan = CommunicationPlan.objects.filter(site=site, status=PlanStatus.APPROVED).first()
    return [asdict(branch) for branch in branches_of(plan.call_tree if plan else None)]


def in_no_part(site: Site, parts: Sequence[Mapping[str, Any]]) -> int:
    """People whom the site expects and whom no part asks for, because its call tree does not reach them."""
    expected = site.baseline if site.current_expected is None else site.current_expected
    return max(0, expected - sum(part["people"] for part in parts)) if parts else 0


def answers_of(roll_call: RollCall) -> Answers:
    """What stands, by round and part."""
    found: dict[int, dict[str, Heard]] = {}
    for answer in RollCallAnswer.objects.standing().filter(roll_call=roll_call):
        found.setdefault(answer.round, {})[answer.part] = heard(answer)
    return found


def heard(answer: RollCallAnswer) -> Heard:
    return Heard(answer.expected, answer.safe, answer.need_help, answer.not_reached)


def _check(roll_call: RollCall, part: str, wanted: int, answers: Answers, now: int) -> None:
    if roll_call.closed_at:
        raise Conflict(_("This roll call was already closed."))
    if part != WHOLE and part not in roll_call.roles:
        raise ValidationError({"part": _("The site has no such part in this roll call.")})
    if not 1 <= wanted <= now:
        raise ValidationError({"round": _("This round has not begun.")})
    if part != WHOLE and WHOLE in answers.get(wanted, {}):
        raise ValidationError({"part": _("This round was answered for the whole site. Correct that answer.")})
