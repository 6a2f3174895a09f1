"""The check-in: one tap when nothing changed, three for a change, never a figure that nobody gave (decisions 4.1-4.5)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
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
from members.models import AlertLevelChange, CheckIn, HeadCount, Operational, Site
from members.services.sites import (
    RETRACT_WITHIN,
    ForbiddenMove,
    add_head_count,
    add_status,
    lock,
    newest,
    refresh_current,
    retract,
)

OFFERED = (Operational.OPERATING, Operational.REDUCED, Operational.SUSPENDED, Operational.EVACUATED)
PEOPLE = ("all", "unsure", "help")
FollowUp = CheckIn.FollowUp
USED = _("This check-in was already sent with other answers.")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the phone may offer for a site: no figure, only what can be said (decisions 4.4)."""

    may_confirm: bool
    may_say_all: bool
    otherwise_as_before: bool
    """True where "everyone is safe" would be untrue: then the button reads "Everyone reached, otherwise as before"."""


def offer_for(site: Site) -> Offer:
    """What may be said of `site` with one tap now."""
    count = last_head_count(site)
    grave = bool(count and any(count.states[state] for state in ("INJURED", "DETAINED", "MISSING")))
    return Offer(may_confirm=_may_confirm(site), may_say_all=count is not None, otherwise_as_before=grave)


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
) -> CheckIn:
    """Store what was said, and the facts that follow from it.

    same: nothing has changed; confirms the status only. people: "all", "unsure" with `not_reached`, or "help".
    The same `id` with the same answers is the same check-in; with other answers it raises Conflict.
    An answer that no longer fits is kept as said, makes no fact, and opens a follow-up for the coordinator.
    """
    answers = {"same": same, "operational": operational, "people": people, "not_reached": not_reached, "note": note.strip()}
    if known := _known(id, site, answers):
        return known
    _check(answers)
    site = lock(site)
    now = timezone.now()
    check_in = CheckIn(
        id=id or uuid7(), organisation_id=site.organisation_id, site=site, claimed_at=claimed_at or now, received_at=now,
        body_hash=_hash(answers), answers=answers, by_id=current_actor().user_id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            check_in.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(USED) from error  # somebody else's id, and the answer tells nothing about it
    needed = {_say_status(site, check_in, answers), _say_people(site, check_in, answers)}
    check_in.follow_up = next((code for code in _GRAVEST_FIRST if code in needed), FollowUp.NONE)
    if check_in.follow_up:
        check_in.save(update_fields=["follow_up"])
    if check_in.follow_up == FollowUp.HELP and site.help_needed_since is None:
        site.help_needed_since = now
    refresh_current(site)
    return check_in


@service(Permission.CHECKIN_LOG)
def undo_check_in(*, check_in: CheckIn) -> CheckIn:
    """Take back an own check-in within a minute: its facts are retracted, its row stays."""
    if check_in.by_id != current_actor().user_id:
        raise PermissionDenied
    if timezone.now() - check_in.received_at > RETRACT_WITHIN:
        raise Conflict(_("It is too late to take this back. Send a new check-in instead."))
    for fact in (*check_in.statuses.filter(retracted_at=None), *check_in.head_counts.filter(retracted_at=None)):
        retract(fact)
    asked_for_help = check_in.follow_up == FollowUp.HELP
    check_in.follow_up = FollowUp.NONE
    check_in.save(update_fields=["follow_up"])
    site = lock(check_in.site)
    if asked_for_help and not CheckIn.objects.filter(site=site, follow_up=FollowUp.HELP, followed_up_at=None).exists():
        site.help_needed_since = None
    refresh_current(site)
    return check_in


@service(Permission.SITE_STATUS_LOG)
def follow_up_check_in(*, check_in: CheckIn) -> CheckIn:
    """A person has taken care of what a check-in left open. For a call for help this is the acknowledgement."""
    if check_in.followed_up_at is None:
        check_in.followed_up_at, check_in.followed_up_by_id = timezone.now(), current_actor().user_id
        check_in.save(update_fields=["followed_up_at", "followed_up_by"])
        site = lock(check_in.site)
        if not CheckIn.objects.filter(site=site, follow_up=FollowUp.HELP, followed_up_at=None).exists():
            site.help_needed_since = None
            site.save(update_fields=["help_needed_since"])
    return check_in


def last_head_count(site: Site) -> HeadCount | None:
    return newest(HeadCount.objects.filter(site=site)).first()


_GRAVEST_FIRST = (FollowUp.HELP, FollowUp.NOT_REACHED, FollowUp.JUDGED_AGAIN, FollowUp.REASON)


def _may_confirm(site: Site) -> bool:
    """ "Nothing has changed" is not offered where the level has risen, people are open, or nothing was ever said."""
    if not site.current_operational or site.current_unaccounted or site.help_needed_since or site.current_status_at is None:
        return False
    newer = AlertLevelChange.objects.filter(site=site, observed_at__gt=site.current_status_at)
    return all(change.previous is not None and change.level <= change.previous for change in newer)


def _check(answers: dict[str, Any]) -> None:
    """Errors stand beside the question they belong to."""
    if answers["same"]:
        return
    if answers["operational"] and answers["operational"] not in OFFERED:
        raise ValidationError({"operational": _("Choose one of the four.")})
    if not answers["operational"] and answers["people"] != "help":
        raise ValidationError({"operational": _("Say how the site is.")})
    if answers["people"] not in PEOPLE:
        raise ValidationError({"people": _("Say whether everyone is accounted for.")})
    if answers["people"] == "unsure" and answers["not_reached"] is None:
        raise ValidationError({"not_reached": _("How many people are not reached? A rough number is enough.")})


def _say_status(site: Site, check_in: CheckIn, answers: dict[str, Any]) -> str:
    if answers["same"]:
        if not _may_confirm(site):
            return FollowUp.JUDGED_AGAIN
        add_status(
            site, operational=site.current_operational, reason=site.current_reason,
            observed_at=check_in.claimed_at, check_in=check_in, reason_follows=True,
        )  # fmt: skip
        return FollowUp.NONE
    if answers["operational"]:
        try:
            add_status(
                site, operational=answers["operational"], observed_at=check_in.claimed_at, note=answers["note"],
                check_in=check_in, reason_follows=True,
            )  # fmt: skip
        except ForbiddenMove:  # kept as said, and the coordinator asks
            return FollowUp.JUDGED_AGAIN
    return FollowUp.REASON if answers["operational"] == Operational.SUSPENDED else FollowUp.NONE


def _say_people(site: Site, check_in: CheckIn, answers: dict[str, Any]) -> str:
    if answers["people"] == "help":
        return FollowUp.HELP
    if answers["people"] not in {"all", "unsure"}:
        return FollowUp.NONE
    last = last_head_count(site)
    missing = 0 if answers["people"] == "all" else answers["not_reached"]
    if last is None:
        return FollowUp.NOT_REACHED if missing else FollowUp.NONE  # no head count is invented
    here = last.safe_local + last.unaccounted
    if missing > here:
        return FollowUp.NOT_REACHED
    add_head_count(
        site, expected=last.expected, safe_local=here - missing, safe_idp=last.safe_idp, safe_abroad=last.safe_abroad,
        injured=last.injured, unaccounted=missing, strict=last.strict, overlays=last.overlays,
        by_contract=last.by_contract, by_gender=last.by_gender,        observed_at=check_in.claimed_at, check_in=check_in,
    )  # fmt: skip
    return FollowUp.NOT_REACHED if missing else FollowUp.NONE


def _known(id: UUID | None, site: Site, answers: dict[str, Any]) -> CheckIn | None:
    known = CheckIn.objects.filter(pk=id).first() if id else None
    if known and (known.site_id != site.pk or known.body_hash != _hash(answers)):
        raise Conflict(USED)
    return known


def _hash(answers: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()
