"""What a phone sends when there is a signal again, each event answered for itself, and the little that it may know."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from aimprogress.api.authentication import ActorAuthentication
from aimprogress.api.parsers import StrictJSONParser
from aimprogress.api.viewsets import PortalView
from aimprogress.core.actor import Actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from members.access import keep_device_cookie
from members.emergency import emergency_numbers
from members.models import CheckIn, Device, Site
from members.services.checkins import OFFERED, PEOPLE, by_our_clock, keep_other_answers, offer_for, record_check_in
from members.services.devices import note_wipe

MOST_EVENTS = 50
LARGEST_BATCH = 64_000
OLDEST_APP = 1
STATUSES = ("stored", "duplicate", "conflict", "rejected")


class DeviceEnded(exceptions.APIException):
    """410: the phone deletes what it holds."""

    status_code = 410
    default_detail = gettext_lazy("Your coordinator ended this phone. It deletes what it holds.")
    default_code = "device_ended"


class TooMany(exceptions.APIException):
    """413: send half of it."""

    status_code = 413
    default_detail = gettext_lazy("At most 50 check-ins at once.")
    default_code = "too_many"


class AppTooOld(exceptions.APIException):
    """409: the page on the phone renews itself and keeps its queue."""

    status_code = 409
    default_detail = gettext_lazy("The page on this phone is too old. It keeps what it holds and renews itself.")
    default_code = "app_too_old"


class PhoneAuthentication(ActorAuthentication):
    """Believes a phone's cookie, or a session, where the page itself asks: a token against forgery would expire offline.

    No other site can send the header `X-Check-In` without being asked first, and browsers name where a request comes from.
    """

    def authenticate(self, request: Request) -> tuple[Actor, Actor] | None:
        ended = request._request.ended_device
        if ended is not None:
            if request.headers.get("X-Wiped") == "1":
                note_wipe(ended)
            raise DeviceEnded
        found = super().authenticate(request)
        if found and found[0].kind == "device":
            self._check_csrf(request)
        return found

    def _check_csrf(self, request: Request) -> None:
        if request.method in ("GET", "HEAD"):
            return
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "same-origin")
        foreign = origin and origin != f"{request.scheme}://{request.get_host()}"
        if foreign or site != "same-origin" or request.headers.get("X-Check-In") != "1":
            raise exceptions.PermissionDenied(_("Only the check-in page sends check-ins."), code="csrf")


class _InSchema(OpenApiAuthenticationExtension):
    target_class = "members.check_in_api.PhoneAuthentication"
    name = "phone"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "__Host-device"}


class SmallBodies(StrictJSONParser):
    """At most 64 kB: what a phone can send in one piece."""

    largest = LARGEST_BATCH


class EventSerializer(serializers.Serializer):
    """One check-in as the phone kept it. `at` is by the phone's clock."""

    id = serializers.UUIDField()
    site = serializers.CharField(max_length=16, help_text="The opaque code of the site, from the address of its page.")
    seq = serializers.IntegerField(min_value=0, max_value=2_000_000_000, default=0)
    at = serializers.DateTimeField()
    same = serializers.BooleanField(default=False)
    operational = serializers.ChoiceField(choices=[("", ""), *((code, code) for code in OFFERED)], default="")
    people = serializers.ChoiceField(choices=[("", ""), *((code, code) for code in PEOPLE)], default="")
    not_reached = serializers.IntegerField(min_value=0, max_value=200_000, allow_null=True, default=None)
    note = serializers.CharField(max_length=500, allow_blank=True, default="")

    def validate_note(self, note: str) -> str:
        return " ".join(note.split())


class BatchSerializer(serializers.Serializer):
    """What waited on a phone. Each event is checked for itself, so that a bad one holds up no other."""

    device_now = serializers.DateTimeField(required=False, help_text="The phone's clock while it sends.")
    app = serializers.IntegerField(min_value=0, max_value=1_000_000, default=OLDEST_APP)
    events = EventSerializer(many=True)


class CheckInViewSet(ViewSetMixin, PortalView):
    """Check-ins from a phone."""

    permission = Permission.CHECKIN_LOG
    authentication_classes = [PhoneAuthentication]
    parser_classes = [SmallBodies]
    bodies = {"batch": BatchSerializer}

    @staticmethod
    def answer_schema(action: str) -> dict[str, Any] | None:
        text, moment = {"type": "string"}, {"type": "string", "format": "date-time"}
        if action == "bootstrap":
            flags = {name: {"type": "boolean"} for name in ("may_confirm", "may_say_all", "otherwise_as_before", "may_sign_in")}
            numbers = {"type": "array", "items": text}
            return {
                "type": "object",
                "properties": {"alias": text, **flags, "as_of": moment, "numbers": numbers, "line_key": text},
            }
        result = {
            "type": "object", "required": ["id", "status"],
            "properties": {"id": text, "status": {"enum": list(STATUSES)}, "code": text, "message": text},
        }  # fmt: skip
        return {"type": "object", "properties": {"server_now": moment, "results": {"type": "array", "items": result}}}

    @action(detail=False, methods=["post"])
    def batch(self, request: Request) -> Response:
        """Store each event, and say for each: stored, duplicate (same id, same answers), conflict (same id, other answers:
        both are kept), rejected (will never fit). The phone deletes an event only when it is stored or a duplicate."""
        body = request.data if isinstance(request.data, dict) else {}
        events = body.get("events")
        if not isinstance(events, list):
            raise exceptions.ValidationError({"events": [_("A list of check-ins is needed.")]})
        if len(events) > MOST_EVENTS:
            raise TooMany
        head = BatchSerializer(data={**body, "events": []})
        head.is_valid(raise_exception=True)
        if head.validated_data["app"] < OLDEST_APP:
            raise AppTooOld
        now = timezone.now()
        offset = now - head.validated_data.get("device_now", now)
        read = [(given, EventSerializer(data=given)) for given in events]
        in_time = sorted(range(len(read)), key=lambda at: _when(read[at][1]))
        results = {at: self._heard(*read[at], offset) for at in in_time}
        return self._to_phone(
            request, Response({"server_now": now.isoformat(), "results": [results[at] for at in sorted(results)]})
        )

    @action(detail=False, methods=["get"])
    def bootstrap(self, request: Request) -> Response:
        """What the page on the phone may offer for `?site=<code>`: no name, no status, no figure."""
        site = Site.objects.filter(checkin_code=request.query_params.get("site", "")).first()
        if site is None or not request.auth.acts_at(site.pk) or site.organisation_id != request.auth.organisation_id:
            raise exceptions.NotFound
        device = Device.objects.filter(pk=request.auth.device_id).first() if request.auth.device_id else None
        offer = offer_for(site)
        known = {
            "alias": device.alias if device else f"#{site.checkin_code[:4]}", "may_confirm": offer.may_confirm,
            "may_say_all": offer.may_say_all, "otherwise_as_before": offer.otherwise_as_before,
            "may_sign_in": device is None or device.holder_id is not None, "as_of": timezone.now().isoformat(),
            "numbers": emergency_numbers(site.country),
            "line_key": device.line_key if device else "",
        }  # fmt: skip
        return self._to_phone(request, Response(known, headers={"Cache-Control": "no-store"}))

    def _heard(self, given: Any, event: EventSerializer, offset: timedelta) -> dict[str, Any]:
        ident = str(given.get("id", ""))[:36] if isinstance(given, dict) else ""
        if not event.is_valid():
            return _result(ident, "rejected", "invalid", _("This check-in cannot be read."))
        said = dict(event.validated_data)
        site = Site.objects.filter(checkin_code=said.pop("site")).first()
        if site is None or not self.request.auth.acts_at(site.pk):
            return _result(ident, "rejected", "site", _("Whoever is signed in here does not report for this site."))
        at, seq = said.pop("at"), said.pop("seq")
        try:
            stored = record_check_in(site=site, **said, claimed_at=at, offset=offset, seq=seq, channel=CheckIn.Channel.QUEUE)
        except Conflict:
            other = keep_other_answers(site=site, claimed_at=by_our_clock(at, offset), **said)
            return _result(
                ident, "conflict", "other_answers" if other else "id_used", _("Kept twice; your coordinator looks at both.")
            )
        except ValidationError as error:
            return _result(ident, "rejected", "invalid", " ".join(error.messages))
        except PermissionDenied:
            return _result(ident, "rejected", "not_allowed", _("Nobody checks in from inside this site."))
        return _result(ident, "duplicate" if stored.heard_before else "stored")

    def _to_phone(self, request: Request, response: Response) -> Response:
        """Another thirty days for the phone's token."""
        if request._request.device is not None:
            keep_device_cookie(response, request.COOKIES[settings.DEVICE_COOKIE_NAME])
        return response


def _when(event: EventSerializer) -> tuple[float, int]:
    """In the order in which things were said; what cannot be read comes last, where it matters to nobody."""
    if not event.is_valid():
        return float("inf"), 0
    return event.validated_data["at"].timestamp(), event.validated_data["seq"]


def _result(ident: str, status: str, code: str = "", message: Any = "") -> dict[str, Any]:
    told = {"id": ident, "status": status}
    return told | ({"code": code, "message": str(message)} if code else {})
