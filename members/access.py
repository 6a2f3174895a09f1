"""Who are you: session, API key or enrolled phone -> Actor, once a request, in the one transaction of the request.

`SET LOCAL` in a middleware that relies on ATOMIC_REQUESTS has no effect (that transaction begins later), so this one
opens its own around everything behind it.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation.trans_real import parse_accept_lang_header

from aimprogress.core.actor import ANONYMOUS, SYSTEM, Actor, acting_as, current_actor
from aimprogress.core.permissions import CHECK_IN_ONLY, ROLE_PERMISSIONS, Permission, Role
from members.models import ApiKey, DataShare, Device, MemberAnalyst, Organisation, RoleGrant, StaffSession, User
from members.models.sharing import in_force

EXEMPT = ("/livez", "/readyz", settings.STATIC_URL)
WITHOUT_SECOND_FACTOR = ("/accounts/2fa/", "/accounts/logout/", "/accounts/reauthenticate/", "/settings/")
CHANGES_THE_DOOR = ("/accounts/2fa/", "/accounts/password/change/", "/accounts/password/set/")
SHOWS_SECOND_FACTOR = ("/accounts/2fa/reauthenticate/", "/accounts/2fa/webauthn/reauthenticate/", "/accounts/logout/")
PHONE = ("/c/", "/check-in/", "/api/v1/check-ins/")  # what speaks every language of the phone
KEPT_BY_BROWSER = timedelta(days=400)  # the longest that browsers keep a cookie; `is_silent` judges whether it still opens
SEEN_EVERY = timedelta(seconds=60)
LONG_BREAK = timedelta(hours=4)

Respond = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Sets `request.actor` and acts as it until the response is there. Rolls back on 5xx, never on 4xx."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(EXEMPT):
            request.actor = ANONYMOUS
            return self.get_response(request)
        with transaction.atomic():
            actor = actor_of(request)
            with acting_as(actor):
                if actor.is_secretariat:
                    actor = with_opened_doors(actor)
            with acting_as(actor):
                request.actor = actor
                response = needs_second_factor(request) or self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response


class LanguageMiddleware:
    """Speaks the language asked for: `?lang=`, the cookie, the profile, then the browser's; phones know more of them.

    Tells the time of the organisation.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = dict(settings.PHONE_LANGUAGES if request.path.startswith(PHONE) else settings.LANGUAGES)
        asked = request.GET.get("lang", "")
        wishes = [asked, request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
        if request.user.is_authenticated:
            wishes.append(request.user.language)
        if known.keys() > dict(settings.LANGUAGES).keys():
            wishes += [
                code.split("-")[0] for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))
            ]
        chosen = next((code for code in wishes if code in known), None)
        language = chosen or translation.get_language_from_request(request)
        with translation.override(language), timezone.override(zone_of(request.actor)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        if asked in known:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, asked, max_age=365 * 86400, samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE, httponly=True,
            )  # fmt: skip
        return response


def zone_of(actor: Actor) -> ZoneInfo | None:
    """The time zone in which `actor` reads and types; None, the portal's own, where none or no known one is set."""
    try:
        return ZoneInfo(actor.time_zone) if actor.time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def actor_of(request: HttpRequest) -> Actor:
    """The Actor of a request: an API key where one is given, else the session's person, else ANONYMOUS."""
    request.device = request.ended_device = None
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer aimp_"):
        return actor_for_key(header.removeprefix("Bearer "))
    device = find_device(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""))
    if device is not None and device.revoked_at is not None:
        request.ended_device = device  # it is told so, and deletes what it holds
    else:
        request.device = device
    user = request.user
    if not user.is_authenticated or not user.is_active or not keep_awake(request):
        return actor_for_device(request.device) if request.device else ANONYMOUS
    chosen = request.session.get("organisation_id")
    actor = actor_for_user(user, UUID(chosen) if chosen else None)
    if not actor.roles:
        logout(request)  # every role was taken back: the session ends, and the door says so
        return ANONYMOUS
    if actor.roles == {Role.SITE_REPORTER} and not has_second_factor(request):
        # Until a second factor is shown, a site reporter appends and reads back the own last row (decisions 4.9, 4.10).
        actor = replace(actor, permissions=CHECK_IN_ONLY)
    if request.device is not None and request.device.organisation_id == actor.organisation_id:
        actor = replace(actor, device_id=request.device.pk)
    return actor


def actor_for_user(user: User, organisation_id: UUID | None = None) -> Actor:
    """What `user` may now, for the chosen organisation or the first one. Nothing granted: an Actor that sees nothing."""
    grants = list(RoleGrant.objects.in_force().filter(user=user).select_related("organisation").order_by("granted_at"))
    if not user.is_active or not grants:
        return replace(ANONYMOUS, user_id=user.pk, label=str(user.pk))
    chosen = next((grant.organisation for grant in grants if grant.organisation_id == organisation_id), grants[0].organisation)
    held = [grant for grant in grants if grant.organisation_id == chosen.pk]
    roles = frozenset(Role(grant.role) for grant in held)
    own = frozenset({chosen.pk})
    own_sites = frozenset(site for grant in held for site in grant.site_ids)
    reports_at = own_sites if Role.SITE_REPORTER in roles and Role.MEMBER_COORDINATOR not in roles else None
    actor = Actor(
        kind="person", label=", ".join(sorted(roles)), user_id=user.pk, organisation_id=chosen.pk, roles=roles,
        time_zone=chosen.time_zone,
        permissions=frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles)),
        safety=own, commercial=own, writes=own, sites=own_sites if roles == {Role.SITE_REPORTER} else None, reports_at=reports_at,
        sees_samples=Role.AUDITOR in roles and not roles & {Role.MEMBER_COORDINATOR, Role.MEMBER_VIEWER},
    )  # fmt: skip
    if chosen.kind == Organisation.Kind.SECRETARIAT:
        actor = _of_the_secretariat(actor)
    return actor


def _of_the_secretariat(actor: Actor) -> Actor:
    own = actor.safety
    if Role.AIM_ANALYST not in actor.roles:
        return replace(actor, is_secretariat=True)
    everyone = frozenset(Organisation.objects.values_list("pk", flat=True))
    looked_after = frozenset(MemberAnalyst.objects.members_of(actor.user_id).values_list("pk", flat=True))
    return replace(actor, is_secretariat=True, safety=everyone, writes=own | looked_after)


def actor_for_requester(user: User, organisation_id: UUID) -> Actor:
    """What the person who asked for a Job may now, with the doors that a staff session opens now. Needs to act as SYSTEM."""
    actor = actor_for_user(user, organisation_id)
    return with_opened_doors(actor) if actor.is_secretariat else actor


def with_opened_doors(actor: Actor) -> Actor:
    """An analyst's Actor with the members whose commercial rows a staff session opens right now."""
    now = timezone.now()
    sessions = StaffSession.objects.filter(analyst_id=actor.user_id, ended_at=None, ends_at__gt=now)
    return replace(actor, commercial=actor.commercial | frozenset(sessions.values_list("organisation_id", flat=True)))


def actor_for_key(token: str) -> Actor:
    """The Actor of an API key, or ANONYMOUS for one that is unknown, ended or revoked."""
    key = find_key(token)
    if key is None:
        return ANONYMOUS
    if key.last_used_at is None or timezone.now() - key.last_used_at > SEEN_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now())
    return actor_with(key)


def actor_for_key_id(key_id: UUID) -> Actor | None:
    """What a key that asked for a Job may now; None for one that ended or was revoked since."""
    key = ApiKey.objects.select_related("organisation").filter(pk=key_id).first()
    return actor_with(key) if key is not None and key.in_force else None


def actor_with(key: ApiKey) -> Actor:
    """What a key in force may: its scopes, in its organisation."""
    own = frozenset({key.organisation_id})
    return Actor(
        kind="api_key", label=f"{key.name} ({key.prefix})", logged_as=key.prefix, organisation_id=key.organisation_id,
        user_id=key.created_by_id,
        key_id=key.pk,
        permissions=frozenset(Permission(scope) for scope in key.scopes if scope in set(Permission)),
        safety=own, commercial=own, writes=own,
    )  # fmt: skip


def actor_for_device(device: Device) -> Actor:
    """What an enrolled phone may: add check-ins of its own site, no more."""
    own = frozenset({device.organisation_id})
    its_site = frozenset({device.site_id})
    return Actor(
        kind="device", label=device.alias, user_id=device.holder_id, organisation_id=device.organisation_id,
        device_id=device.pk, permissions=frozenset({Permission.CHECKIN_LOG}), safety=own, writes=own, sites=its_site,
        reports_at=its_site,
    )  # fmt: skip


def find_device(token: str) -> Device | None:
    """The phone, ended or not, that `<id>.<secret>` belongs to, compared in constant time. None: unknown, or silent for long."""
    ident, _, secret = token.partition(".")
    try:
        pk = UUID(ident)
    except ValueError:
        return None
    with acting_as(SYSTEM):
        device = Device.objects.select_related("organisation", "holder").filter(pk=pk).first()
        known = device.token_hash if device else ""
        fits = hmac.compare_digest(known or "0" * 64, hashlib.sha256(secret.encode()).hexdigest())
        if device is None or not fits or device.organisation.status == Organisation.Status.LEFT:
            return None
        if device.holder is not None and not device.holder.is_active:
            return None
        if device.revoked_at is None:
            if device.is_silent:
                return None
            if timezone.now() - device.last_seen_at > SEEN_EVERY:
                Device.objects.filter(pk=pk).update(last_seen_at=timezone.now())
    return device


def keep_device_cookie(response: HttpResponse, token: str) -> None:
    """Give a phone its token, or give it back. No script can read it, and no other site sends it.

    The browser keeps it for longer than it opens anything: a phone that was ended must still be known to be told so.
    """
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME, token, max_age=KEPT_BY_BROWSER, path="/", secure=settings.SESSION_COOKIE_SECURE,
        httponly=True, samesite="Strict",
    )  # fmt: skip


def find_key(token: str) -> ApiKey | None:
    """The key in force that `aimp_<prefix>_<secret>` opens, compared in constant time."""
    _, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    key = ApiKey.objects.select_related("organisation").filter(prefix=prefix).first()
    known = key.secret_hash if key else "0" * 64
    fits = hmac.compare_digest(known, hashlib.sha256(secret.encode()).hexdigest())
    if key is None or not fits or not key.in_force or key.organisation.status == Organisation.Status.LEFT:
        return None
    return key


def active_share(share_id: UUID) -> DataShare | None:
    """A share in force that the Actor's organisation receives, or None: unknown, foreign, ended and revoked look alike."""
    mine = DataShare.objects.filter(pk=share_id, receiver_id=current_actor().organisation_id)
    return in_force(mine).select_related("organisation", "receiver").first()


def has_second_factor(request: HttpRequest) -> bool:
    """True where this session showed a second factor (TOTP, passkey, recovery code)."""
    methods = request.session.get("account_authentication_methods", [])
    return any(method.get("method") == "mfa" for method in methods) or bool(request.session.get("demo_link"))


def needs_second_factor(request: HttpRequest) -> HttpResponse | None:
    """Send people without a second factor to its set-up, before anything else; site reporters check in without."""
    actor = request.actor
    if actor.kind != "person" or not actor.roles or has_second_factor(request):
        return None
    only_reports = actor.roles == {Role.SITE_REPORTER}
    if has_factor_set_up(request.user):
        # Who has a factor shows it before the ways in are touched: a session that was opened with the password alone
        # before the factor was set up elsewhere must not add one of its own.
        may_wait = only_reports and not request.path.startswith(CHANGES_THE_DOOR)
        if may_wait or request.path.startswith(SHOWS_SECOND_FACTOR):
            return None
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")
    if only_reports or request.path.startswith(WITHOUT_SECOND_FACTOR):
        return None
    return redirect("mfa_activate_totp")


def has_factor_set_up(user: User) -> bool:
    """True where an authenticator app or a passkey belongs to the account."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists()


def client_address(request: HttpRequest) -> str | None:
    """Where a request comes from: the peer, or whom a trusted proxy names. Wrong tries are counted by it.

    X-Forwarded-For is read from the right, past the trusted proxies: what stands left of them anybody can write.
    """
    named = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    address = request.META.get("REMOTE_ADDR", "")
    while address in settings.TRUSTED_PROXIES and named:
        address = named.pop()
    try:
        return str(ip_address(address))
    except ValueError:
        return None


def keep_awake(request: HttpRequest) -> bool:
    """False, and signed out, where the session idled too long. A check-in session lasts its 12 hours."""
    now = timezone.now()
    seen = request.session.get("seen_at")
    idle = timedelta(minutes=request.session.get("idle_minutes", settings.IDLE_MINUTES))
    only_checks_in = request.session.get("check_in_session") and not has_second_factor(request)
    if seen and now.timestamp() - seen > idle.total_seconds() and not only_checks_in:
        logout(request)
        return False
    if not seen or now.timestamp() - seen > SEEN_EVERY.total_seconds():
        request.session["seen_at"] = now.timestamp()
        _note_visit(request.user)
    return True


def _note_visit(user: User) -> None:
    """Remember the last visit: an account that nobody uses any more is ended some day."""
    user.last_visit_at = timezone.now()
    User.objects.filter(pk=user.pk).update(last_visit_at=user.last_visit_at)


def note_first_page(user: User) -> datetime | None:
    """The first page is shown now. Answers since when it tells what changed: since it was last shown before a long break.

    A short break, another page or the phone takes nothing away that somebody has not dealt with yet.
    """
    now, shown = timezone.now(), user.overview_shown_at
    fields = {"overview_shown_at": now}
    if shown and now - shown > LONG_BREAK:
        fields["previous_visit_at"] = shown
    if shown is None or now - shown > SEEN_EVERY:
        User.objects.filter(pk=user.pk).update(**fields)
    return fields.get("previous_visit_at", user.previous_visit_at)
