"""What every page shows around its content: who is signed in, where one may go, languages, the time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import ANONYMOUS, Actor
from aimprogress.core.permissions import ROLE_NAMES, Permission
from aimprogress.web.panels import nav_count_of


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go from every page. `key` is the page's `section`; the letter follows `g` on the keyboard."""

    key: str
    label: str | Promise
    path: str
    permission: Permission
    letter: str = ""


NAVIGATION = (
    Place("overview", _("Overview"), "/overview/", Permission.DASHBOARD_READ, "o"),
    Place("sites", _("Sites"), "/sites/", Permission.SITE_READ, "s"),
    Place("actions", _("Actions"), "/actions/", Permission.ACTION_READ, "a"),
    Place("suppliers", _("Suppliers"), "/suppliers/", Permission.SUPPLIER_READ, "l"),
    Place("risks", _("Risks"), "/risks/", Permission.ISSUE_READ, "r"),
    Place("humanitarian", _("Humanitarian"), "/humanitarian/", Permission.PARTNER_READ, "h"),
    Place("reports", _("Reports"), "/reports/", Permission.REPORT_READ, "p"),
    SUPPORT := Place("support", _("Support"), "/support/", Permission.GUIDANCE_READ, "u"),
)
ACCOUNT_MENU = (
    Place("checkin", _("Check in"), "/check-in/", Permission.CHECKIN_LOG),
    Place("people", _("People and roles"), "/people/", Permission.PEOPLE_READ),
    Place("assignments", _("Who looks after which member"), "/people/analysts/", Permission.ASSIGNMENT_READ),
    Place("sharing", _("Sharing"), "/sharing/", Permission.SHARE_READ),
    Place("staff", _("Staff sessions"), "/staff-sessions/", Permission.STAFF_SESSION_READ),
    Place("developer", _("Developer"), "/developer/", Permission.KEY_MANAGE),
    Place("import", _("Import"), "/import/", Permission.IMPORT_RUN),
    Place("jobs", _("Work in progress"), "/jobs/", Permission.JOB_READ),
    Place("audit", _("Audit trail"), "/audit/", Permission.AUDIT_READ),
    Place("members", _("Members"), "/members/", Permission.MEMBER_READ),
    Place("retention", _("How long we keep what"), "/retention/", Permission.WHO_SEES_READ),
    Place("who", _("Who can see what"), "/who-can-see-what/", Permission.WHO_SEES_READ),
)
SECRETARIAT_OVERVIEW = "/dashboard/"
BELL = "/notifications/"


@cache
def page_exists(path: str) -> bool:
    """Whether a page stands at this path: navigation never leads to a 404."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def home_path(actor: Actor) -> str:
    """The first page after sign-in: the phone for who only checks in, the dashboard for the secretariat, and so on."""
    if actor.may(Permission.CHECKIN_LOG) and not actor.may(Permission.DASHBOARD_READ) and page_exists("/check-in/"):
        return "/check-in/"
    work = tuple(place for place in NAVIGATION if place is not SUPPORT)
    for place in (*places_of(actor, work), *places_of(actor, ACCOUNT_MENU)):
        return place["url"]
    return "/settings/"


def places_of(actor: Actor, places: tuple[Place, ...]) -> Iterator[dict[str, Any]]:
    """Those places that exist and that the actor may enter."""
    for place in places:
        path = SECRETARIAT_OVERVIEW if place.key == "overview" and actor.is_secretariat else place.path
        if actor.may(place.permission) and page_exists(path):
            yield {"key": place.key, "label": place.label, "url": path, "letter": place.letter}


def navigation(actor: Actor) -> list[dict[str, Any]]:
    """The entries of the top bar with their counts."""
    entries = []
    for entry in places_of(actor, NAVIGATION):
        if counter := nav_count_of(entry["key"]):
            entry |= {"count": counter.count(actor), "word": counter.word}
        entries.append(entry)
    return entries


def unread_of(actor: Actor) -> dict[str, Any] | None:
    """The bell: where it leads, and how many notifications are unread; None where nobody offers one."""
    counter = nav_count_of("notifications")
    if actor.kind != "person" or counter is None or not actor.may(Permission.NOTICE_READ) or not page_exists(BELL):
        return None
    return {"url": BELL, "count": counter.count(actor), "word": counter.word}


def organisations_of(user: Any) -> list[Any]:
    """The organisations that a person may act for, each once, by name."""
    if not getattr(user, "is_authenticated", False):
        return []
    grants = user.grants.in_force().select_related("organisation").order_by("organisation__short_name")
    return list({grant.organisation_id: grant.organisation for grant in grants}.values())


def languages(offered: list[tuple[str, Any]] | None = None) -> list[dict[str, Any]]:
    """The languages of the portal, or those that are `offered`, each named in itself."""
    now = get_language()
    return [
        {"code": code, "name": get_language_info(code)["name_local"].capitalize(), "is_current": code == now}
        for code, _name in offered or settings.LANGUAGES
    ]


def zone_words() -> str:
    """The time zone in force with its distance to UTC: "Europe/Kyiv (UTC+2)"."""
    offset = timezone.localtime().utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "-" if offset < timedelta() else "+"
    return f"{timezone.get_current_timezone()} (UTC{sign}{hours}{f':{minutes:02}' if minutes else ''})"


def portal(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Everything is lazy: a fragment that shows none of it asks for none of it."""
    actor = getattr(request, "actor", None) or ANONYMOUS
    user = getattr(request, "user", None)
    return {
        "actor": actor,
        "signed_in": actor.kind == "person",
        "navigation": SimpleLazyObject(lambda: navigation(actor) if actor.kind == "person" else []),
        "account_menu": SimpleLazyObject(lambda: list(places_of(actor, ACCOUNT_MENU)) if actor.kind == "person" else []),
        "role_names": SimpleLazyObject(lambda: [ROLE_NAMES[role] for role in sorted(actor.roles)]),
        "organisations": SimpleLazyObject(lambda: organisations_of(user)),
        "unread": SimpleLazyObject(lambda: unread_of(actor)),
        "languages": SimpleLazyObject(languages),
        "phone_languages": SimpleLazyObject(lambda: languages(settings.PHONE_LANGUAGES)),
        "zone": SimpleLazyObject(zone_words),
        "theme": theme if (theme := getattr(user, "theme", "")) in ("light", "dark") else "",
        "demo": settings.DEMO,
    }
