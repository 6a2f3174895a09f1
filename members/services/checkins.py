"""The check-in: one tap when nothing changed, three for a change, never a figure that nobody gave (decisions 4.1-4.5)."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.places.positions import position_in, refused_position, without_positions
from members.headcounts import is_grave
from members.models import (
    ENDED,
    AlertLevelChange,
    CheckIn,
    Confidence,
    Device,
    HeadCount,
    HelpCall,
    Operational,
    OtherAnswers,
    RollCall,
    Site,
)
from members.projection import standing
from members.returning import settle_permits
from members.services.follow_ups import is_own, note_help
from members.services.sites import (
    RETRACT_WITHIN,
    add_head_count,
    add_status,
    lock,
    newest,
    refresh_current,
)

OFFERED = (Operational.OPERATING, Operational.REDUCED, Operational.SUSPENDED, Operational.EVACUATED)
PEOPLE = ("all", "reached", "unsure", "help")
FollowUp, Clock = CheckIn.FollowUp, CheckIn.Clock
USED = _("This check-in was already sent with other answers.")
CLOCK_FITS = timedelta(minutes=2)
AHEAD = timedelta(minutes=10)
LONG_AGO = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the phone may offer for a site: no figure, only what can be said (decisions 4.4)."""

    may_confirm: bool
    may_say_all: bool
    otherwise_as_before: bool
    """True where "everyone is safe" would be untrue: then the button reads "Everyone reached, otherwise as before"."""
    roll_call: RollCall | None
    """The one that is open. No check-in answers it: its parts are called, and whoever calls sees that it is entered."""


def offer_for(site: Site) -> Offer:
    """What may be said of `site` with one tap now."""
    count = last_head_count(site)
    return Offer(
        may_confirm=_may_confirm(site),
        may_say_all=count is not None,
        otherwise_as_before=count is not None and is_grave(count.states),
        roll_call=open_roll_call_of(site),
    )


def open_roll_call_of(site: Site) -> RollCall | None:
    """A site has one at most."""
    return RollCall.objects.filter(site=site, closed_at=None).first()


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was said: by the phone's clock, by the server's where they differ, and the time that its facts get."""

    claimed_at: datetime
    corrected_at: datetime | None
    clock: str
    observed_at: datetime


def by_our_clock(claimed_at: datetime, offset: timedelta) -> datetime:
    """A time of a phone whose clock is `offset` behind the server's; the time as it was said where no calendar has that day."""
    try:
        return claimed_at + offset
    except OverflowError:
        return claimed_at


def moment_of(claimed_at: datetime, offset: timedelta, now: datetime) -> Moment:
    """What to make of a phone's clock that is `offset` behind the server's at the time of sending. Nothing is dropped."""
    corrected = by_our_clock(claimed_at, offset) if abs(offset) > CLOCK_FITS else None
    at = corrected or claimed_at
    if at > now + AHEAD:
        return Moment(claimed_at, corrected, Clock.AHEAD, now)
    if at < now - LONG_AGO:
        return Moment(claimed_at, corrected, Clock.LONG_AGO, at)
    return Moment(claimed_at, corrected, Clock.CORRECTED if corrected else Clock.FITS, min(at, now))


@service(Permission.CHECKIN_LOG)
def record_check_in(
    *,
    site: Site,
    same: bool = False,
    operational: str = "",
    people: str = "",
    not_reached: int | None = None,
    note: str = "",
    id: UUID | None = None,
    claimed_at: datetime | None = None,
    offset: timedelta = timedelta(),
    seq: int = 0,
    channel: str = CheckIn.Channel.FORM,
    device: Device | None = None,
) -> CheckIn:
    """Store what was said, and the facts that follow from it.

    same: nothing has changed; confirms the status only. people: "all" are safe, "reached" (otherwise as before), "unsure" with
    `not_reached`, or "help". The same `id` with the same answers is the same check-in, found with `heard_before`; with other
    answers it raises Conflict. An answer that no longer fits, or that a fact may not hold, is kept as said, makes no fact, and
    opens a follow-up: what came from a phone is never lost. A position in the note is refused beside it where whoever typed it
    sees the answer; a call for help, and what waited on a phone, is stored without the position.
    `claimed_at` is by the phone's clock, which is `offset` behind the server's. `device`: whose text line somebody enters;
    its facts are second-hand until confirmed.
    """
    answers = answers_of(same=same, operational=operational, people=people, not_reached=not_reached, note=note)
    _check(answers)
    held_back = position_in(answers["note"])
    if held_back and channel == CheckIn.Channel.FORM and people != "help":
        raise ValidationError({"note": refused_position(held_back)})
    answers["note"] = without_positions(answers["note"])
    site = lock(site)
    if known := _known(id, site, answers):
        return known
    now = timezone.now()
    moment = moment_of(claimed_at or now, offset, now)
    check_in = CheckIn(
        id=id or uuid7(), organisation_id=site.organisation_id, site=site, claimed_at=moment.claimed_at,
        corrected_at=moment.corrected_at, clock=moment.clock, received_at=now, body_hash=hash_of(answers), answers=answers,
        by_id=current_actor().user_id, device=device.pk if device else current_actor().device_id, seq=seq, channel=channel,
    )  # fmt: skip
    try:
        with transaction.atomic():
            check_in.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(USED) from error  # somebody else's id, and the answer tells nothing about it
    needed = {FollowUp.HELD_BACK} if held_back else set()
    if moment.clock == Clock.LONG_AGO:
        needed |= {FollowUp.CLOCK, FollowUp.HELP if people == "help" else FollowUp.CLOCK}
    else:
        needed |= _say_status(site, check_in, moment.observed_at) | _say_people(site, check_in, moment.observed_at)
    check_in.follow_up, *check_in.also_open = [code for code in _GRAVEST_FIRST if code in needed] or [FollowUp.NONE]
    if line := _line_of(check_in):
        _take_over(line, check_in)
    if check_in.follow_up:
        check_in.save(update_fields=["follow_up", "followed_up_at", "followed_up_by", "also_open"])
    if check_in.follow_up == FollowUp.HELP:
        note_help(site)
    refresh_current(site)
    return check_in


@service(Permission.CHECKIN_LOG)
def keep_other_answers(*, site: Site, id: UUID, claimed_at: datetime, **said: Any) -> OtherAnswers | None:
    """Keep what a second sending of an own organisation's check-in said differently; None for an id that is none of theirs.

    Sent once more it is the same row.
    """
    answers = answers_of(**said)
    answers["note"] = without_positions(answers["note"])
    first = CheckIn.objects.filter(pk=id).first()
    if first is None:
        return None
    theirs = {"organisation_id": site.organisation_id, "check_in": first, "body_hash": hash_of(answers)}
    if known := OtherAnswers.objects.filter(**theirs).first():
        return known
    other = OtherAnswers(
        **theirs, site=site, answers=answers, claimed_at=claimed_at, device=current_actor().device_id,
    )  # fmt: skip
    other.save(force_insert=True)
    return other


@service(Permission.SITE_STATUS_LOG)
def settle_other_answers(*, other: OtherAnswers, second_counts: bool) -> OtherAnswers:
    """A person has looked at both. Where the second counts, it becomes a check-in of its own, of who sent both."""
    other = OtherAnswers.objects.select_for_update(of=("self",)).select_related("site", "check_in").get(pk=other.pk)
    if other.settled:
        raise Conflict(_("Somebody has decided this meanwhile."))
    if second_counts:
        second = record_check_in(site=other.site, **other.answers, claimed_at=other.claimed_at)
        second.by_id, second.device = other.check_in.by_id, other.device
        second.save(update_fields=["by", "device"])
    other.settled = OtherAnswers.Settled.SECOND if second_counts else OtherAnswers.Settled.FIRST
    other.settled_at, other.settled_by_id = timezone.now(), current_actor().user_id
    other.save(update_fields=["settled", "settled_at", "settled_by"])
    return other


@service(Permission.CHECKIN_LOG)
def undo_check_in(*, check_in: CheckIn) -> CheckIn:
    """Take back an own check-in within a minute: its facts are retracted, its row stays."""
    if not is_own(check_in):
        raise PermissionDenied
    if timezone.now() - check_in.received_at > RETRACT_WITHIN:
        raise Conflict(_("It is too late to take this back. Send a new check-in instead."))
    for facts in (check_in.statuses, check_in.head_counts):
        facts.filter(retracted_at=None).update(retracted_at=timezone.now())
    check_in.follow_up, check_in.also_open = FollowUp.NONE, []
    check_in.save(update_fields=["follow_up", "also_open"])
    site = lock(check_in.site)
    settle_permits(check_in.statuses.values_list("permit", flat=True))
    note_help(site)
    refresh_current(site)
    return check_in


def last_head_count(site: Site) -> HeadCount | None:
    """What can be said again; None also for a count so old that its protected states are no longer kept."""
    count = newest(HeadCount.objects.filter(site=site)).first()
    return None if count is None or count.forgotten else count


def _line_of(check_in: CheckIn) -> CheckIn | None:
    """The text line that a phone made of what it has now sent itself, if somebody entered it.

    A phone that lost what it held counts from one again: the number is no proof without the minute.
    """
    if check_in.device is None or check_in.channel == CheckIn.Channel.LINE:
        return None
    said = hash_of(check_in.answers | {"note": ""})  # a line has no room for the note
    minute = check_in.claimed_at.replace(second=0, microsecond=0)
    lines = CheckIn.objects.filter(channel=CheckIn.Channel.LINE, device=check_in.device, claimed_at=minute)
    return lines.filter(seq=check_in.seq, body_hash=said).first()


def _take_over(line: CheckIn, check_in: CheckIn) -> None:
    """The phone itself has come through: its line was true, and what was done about the line was done about this.

    Nobody is asked twice for one call for help, and the phone shows who was asked and who has taken it on.
    """
    for call in line.help_calls.all():
        again = {"user_id": call.user_id, "label": call.label, "called_at": call.called_at, "mailed": call.mailed}
        HelpCall(organisation_id=check_in.organisation_id, check_in=check_in, **again).save(force_insert=True)
    settled = {line.follow_up, FollowUp.REASON, FollowUp.NOT_REACHED} - set(line.also_open) if line.followed_up_at else set()
    if check_in.follow_up in settled:
        check_in.followed_up_at, check_in.followed_up_by_id = line.followed_up_at, line.followed_up_by_id
    check_in.also_open = [code for code in check_in.also_open if code not in settled]
    if line.followed_up_at is None:
        line.follow_up = FollowUp.NONE
    line.also_open, line.confirmed_at = [], line.confirmed_at or check_in.received_at
    line.save(update_fields=["follow_up", "also_open", "confirmed_at"])


_GRAVEST_FIRST = (
    FollowUp.HELP, FollowUp.NOT_REACHED, FollowUp.CLOCK, FollowUp.JUDGED_AGAIN, FollowUp.HELD_BACK, FollowUp.REASON,
)  # fmt: skip


def _may_confirm(site: Site) -> bool:
    """Not offered: where nothing was ever said, the site is closed, the level has risen, people are open or a roll call is."""
    if (
        not site.current_operational
        or site.current_operational in ENDED
        or site.current_unaccounted
        or site.help_needed_since
        or site.current_status_at is None
    ):
        return False
    if open_roll_call_of(site):
        return False
    newer = standing(AlertLevelChange.objects.filter(site=site, observed_at__gt=site.current_status_at))
    return all(change.previous is not None and change.level <= change.previous for change in newer)


def _check(answers: dict[str, Any]) -> None:
    """Errors stand beside the question they belong to."""
    if answers["people"] == "unsure" and answers["not_reached"] is None:
        raise ValidationError({"not_reached": _("How many people are not reached? A rough number is enough.")})
    if answers["same"]:
        return
    if answers["operational"] and answers["operational"] not in OFFERED:
        raise ValidationError({"operational": _("Choose one of the four.")})
    if not answers["operational"] and answers["people"] != "help":
        raise ValidationError({"operational": _("Say how the site is.")})
    if answers["people"] not in PEOPLE:
        raise ValidationError({"people": _("Say whether everyone is accounted for.")})


def _say_status(site: Site, check_in: CheckIn, at: datetime) -> set[str]:
    answers, said = check_in.answers, {"observed_at": at, "check_in": check_in, "confidence": _confidence(check_in)}
    if answers["same"]:
        unlike = answers["operational"] not in ("", site.current_operational)
        if unlike or not _may_confirm(site) or site.current_status_at > at:  # what it confirmed is not what stands now
            return {FollowUp.JUDGED_AGAIN}
        said |= {"operational": site.current_operational, "reason": site.current_reason}
    elif answers["operational"]:
        said |= {"operational": answers["operational"], "note": answers["note"]}
    else:
        return set()
    if not _became_a_fact(check_in, lambda: add_status(site, reason_follows=True, **said)):
        return {FollowUp.JUDGED_AGAIN}
    stopped = answers["operational"] == Operational.SUSPENDED and not answers["same"]
    return {FollowUp.REASON} if stopped else set()


def _say_people(site: Site, check_in: CheckIn, at: datetime) -> set[str]:
    answers = check_in.answers
    if answers["people"] == "help":
        return {FollowUp.HELP}
    if answers["people"] not in {"all", "reached", "unsure"}:
        return set()
    missing = answers["not_reached"] if answers["people"] == "unsure" else 0
    not_reached = {FollowUp.NOT_REACHED} if missing else set()
    last = last_head_count(site)
    if answers["same"] or last is None:  # "nothing has changed" dates no head count anew, and none is invented
        return not_reached
    if last.observed_at > at or (answers["people"] == "all" and is_grave(last.states)):
        return {FollowUp.JUDGED_AGAIN} | not_reached
    here = last.safe_local + last.unaccounted
    if missing > here:
        return not_reached
    counted = {
        "expected": last.expected, "safe_local": here - missing, "safe_idp": last.safe_idp, "safe_abroad": last.safe_abroad,
        "injured": last.injured, "unaccounted": missing, "strict": last.strict, "overlays": last.overlays,
        "by_contract": last.by_contract, "by_gender": last.by_gender, "observed_at": at, "check_in": check_in,
        "confidence": _confidence(check_in),
    }  # fmt: skip
    if not _became_a_fact(check_in, lambda: add_head_count(site, **counted)):
        return {FollowUp.JUDGED_AGAIN} | not_reached
    return not_reached


def _became_a_fact(check_in: CheckIn, add: Callable[[], Any]) -> bool:
    """Whether the rules let what was said stand as a fact. Where not, it is kept as said and the coordinator asks.

    From inside a safety-profile site nobody reports, and a call for help is heard nevertheless.
    """
    try:
        with transaction.atomic():
            add()
    except ValidationError:
        return False
    except PermissionDenied:
        if check_in.answers["people"] != "help":
            raise
        return False
    return True


def _confidence(check_in: CheckIn) -> str:
    return Confidence.B if check_in.channel == CheckIn.Channel.LINE else Confidence.A


def answers_of(
    *, same: bool = False, operational: str = "", people: str = "", not_reached: int | None = None, note: str = ""
) -> dict[str, Any]:
    """What was said, as it is stored and compared."""
    return {"same": same, "operational": operational, "people": people, "not_reached": not_reached, "note": note.strip()}


def hash_of(answers: dict[str, Any]) -> str:
    """Equal for equal answers."""
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()


def _known(id: UUID | None, site: Site, answers: dict[str, Any]) -> CheckIn | None:
    known = CheckIn.objects.filter(pk=id).first() if id else None
    if known and (known.site_id != site.pk or known.body_hash != hash_of(answers)):
        raise Conflict(USED)
    if known:
        known.heard_before = True
    return known
