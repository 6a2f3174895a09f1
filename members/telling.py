"""Tell people something: in the portal always, by mail as they chose, and once, however often an event arrives.

    CASE_ANSWERED = message("case.answered", NoticeTopic.CASE, _("Your support case was answered"), "members:case")

    tell(coordinators, CASE_ANSWERED, organisation_id=..., subject_id=case.pk, key=f"case.answered.{message.pk}")

A mail says only that something waits (core/notify.py). Acts as SYSTEM: call it from a subscriber or the timetable.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aimprogress.core.notify import ask_to_sign_in, mail
from members.models import ALWAYS_AT_ONCE, NoticeSetting, NoticeTopic, Notification, RoleGrant, User
from members.quiet import is_quiet

DIGEST_LOOKS_BACK = timedelta(days=7)
TRY_AGAIN_FOR = timedelta(days=1)
REFUSALS_IN_A_ROW = 3
"""A server that refused so often is down: each try may hang, and the next run comes soon."""


@dataclass(frozen=True, slots=True)
class Message:
    """A kind of notification: its topic, its words, and the page that its subject has ("" for a page without one)."""

    kind: str
    topic: NoticeTopic
    words: str | Promise
    page: str = ""

    @property
    def in_danger(self) -> "Message":
        """The same, where people are in danger: nobody can turn it down."""
        return replace(self, topic=NoticeTopic.DANGER)

    def url(self, subject_id: UUID | None) -> str:
        """Where it leads; "" where nothing can be opened."""
        try:
            return reverse(self.page, args=[subject_id] if subject_id else []) if self.page else ""
        except NoReverseMatch:
            return ""


MESSAGES: dict[str, Message] = {}


def message(kind: str, topic: NoticeTopic, words: str | Promise, page: str = "") -> Message:
    """Register a kind of notification; a kind is kept in rows, so it never changes its name."""
    MESSAGES[kind] = Message(kind, topic, words, page)
    return MESSAGES[kind]


def tell(
    users: Iterable[User],
    what: Message,
    *,
    organisation_id: UUID | None,
    key: str,
    subject_id: UUID | None = None,
    urgent: bool = False,
) -> int:
    """Tell each user, for the organisation in which they act there; mail those who want it at once. Returns how many were.

    Whoever was not, because the mail server refused it, is mailed by `mail_again`.
    """
    users = list(users)
    homes = _homes(users, organisation_id)
    rows = [
        Notification(organisation_id=homes[user.pk], user=user, topic=what.topic, kind=what.kind, subject_id=subject_id, key=key)
        for user in users
        if user.pk in homes
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    mailed = 0
    for row in Notification.objects.filter(key=key, user__in=users, mailed_at=None).select_related("user"):
        if _way(row) == NoticeSetting.By.AT_ONCE and ask_to_sign_in([row.user], urgent=urgent, key=key):
            mailed += Notification.objects.filter(pk=row.pk).update(mailed_at=timezone.now())
    return mailed


def mail_again(now: datetime | None = None) -> int:
    """Mail what the server refused when it was told, for a day and until it is read; one mail a person. Returns how many.

    At night only what nobody can turn down.
    """
    now = now or timezone.now()
    refused = Notification.objects.filter(mailed_at=None, read_at=None, told_at__gt=now - TRY_AGAIN_FOR, user__is_active=True)
    if is_quiet(now):
        refused = refused.filter(topic__in=ALWAYS_AT_ONCE)
    waiting: dict[UUID, list[Notification]] = {}
    for row in refused.select_related("user").order_by("?"):  # an address that is always refused must not hold up the others
        if _way(row) == NoticeSetting.By.AT_ONCE:
            waiting.setdefault(row.user_id, []).append(row)
    mailed = refused_in_a_row = 0
    for rows in waiting.values():
        urgent = any(row.topic in ALWAYS_AT_ONCE for row in rows)
        if ask_to_sign_in([rows[0].user], urgent=urgent, key=min(row.key for row in rows)):
            Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=now)
            mailed, refused_in_a_row = mailed + 1, 0
        elif (refused_in_a_row := refused_in_a_row + 1) == REFUSALS_IN_A_ROW:
            break
    return mailed


def mail_digests() -> int:
    """One mail a day to everybody for whom something unread waits that was not mailed, also because the server refused it.

    What it refuses now waits for the next one. Returns how many were mailed.
    """
    now = timezone.now()
    waiting = Notification.objects.filter(mailed_at=None, read_at=None, told_at__gt=now - DIGEST_LOOKS_BACK, user__is_active=True)
    counts: dict[UUID, list[Notification]] = {}
    for row in waiting.select_related("user").order_by("user_id", "told_at"):
        if _way(row) != NoticeSetting.By.PORTAL:
            counts.setdefault(row.user_id, []).append(row)
    mailed = 0
    for rows in counts.values():
        user = rows[0].user
        with translation.override(user.language):
            n = len(rows)
            text = ngettext("%(n)s thing waits for you in the portal.", "%(n)s things wait for you in the portal.", n) % {"n": n}
            text += " " + _("Sign in to read it. For your safety this mail says no more.")
            subject = _("Your day in the portal")
        if mail(user.email, subject, text, key=f"digest.{now.date().isoformat()}.{user.pk}"):
            mailed += 1
            Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=now)
    return mailed


def shown(notification: Notification) -> dict[str, Any]:
    """A notification as its reader sees it."""
    known = MESSAGES.get(notification.kind)
    words = known.words if known else notification.get_topic_display()
    return {"row": notification, "words": words, "url": known.url(notification.subject_id) if known else ""}


def _homes(users: list[User], organisation_id: UUID | None) -> dict[UUID, UUID]:
    """The organisation in which each user is told: the one it is about where they act there, else their first."""
    homes: dict[UUID, UUID] = {}
    grants = RoleGrant.objects.in_force().filter(user__in=users).order_by("granted_at")
    for user_id, granted in grants.values_list("user_id", "organisation_id"):
        if user_id not in homes or granted == organisation_id:
            homes[user_id] = granted
    return homes


def _way(row: Notification) -> str:
    """How its reader wants to be told of it, as chosen for the organisation in which they are told."""
    if row.topic in ALWAYS_AT_ONCE:
        return NoticeSetting.By.AT_ONCE
    mine = NoticeSetting.objects.filter(user_id=row.user_id, organisation_id=row.organisation_id, topic=row.topic)
    chosen = mine.values_list("by", flat=True).first()
    return chosen or NoticeSetting.By.AT_ONCE
