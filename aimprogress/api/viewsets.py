"""Viewsets: parse, hand over to a service, answer. Reads go from `.values()` to JSON through one row specification.

class SiteStatusViewSet(ServiceViewSet):
    queryset = SiteStatus.objects.all()          # scoped when the SQL is compiled, so safe at class level
    rows = STATUS_ROWS
    filterset_class = SiteStatusFilterSet
    serializer_class = SiteStatusSerializer      # what a POST may say
    permission = Permission.SITE_READ            # to read; the services name their own
    create_service = log_site_status
    ordering = ("-observed_at", "-id")
"""

from __future__ import annotations  # `list` is also the name of a method here

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar
from uuid import UUID

from django.core import exceptions as django
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from aimprogress.api import etags, throttling
from aimprogress.api.idempotency import once
from aimprogress.api.permissions import NamedPermission
from aimprogress.api.renderers import CSVRenderer, FileRenderer, GeoJSONRenderer, JSONRenderer, Negotiation, as_json
from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import asked_moment, looking_back
from aimprogress.figures.rows import RowSpec
from aimprogress.web.filters import FilterSet
from aimprogress.web.guarded import Access
from aimprogress.web.keyset import keyset_page

DEFAULT_LIMIT, GREATEST_LIMIT = 50, 500
LIST_PARAMETERS = ("limit", "cursor", "count", "format", "lang")
READ, CREATE, CHANGE, REMOVE = "read", "create", "change", "remove"


class PortalView(APIView):
    """Every view of the API: names its permission, is limited in rate, answers with tags and without being stored."""

    permission: ClassVar[Permission | Access | None] = None
    permission_classes = [NamedPermission]
    throttle_classes = [throttling.RateLimit]
    content_negotiation_class = Negotiation
    metadata_class = None

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract and not isinstance(cls.permission, Permission | Access):
            raise ImproperlyConfigured(f"{cls.__module__}.{cls.__qualname__} must name its permission.")

    def finalize_response(self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Accept", "Accept-Language", "Authorization", "Cookie"])
        throttling.tell(request, response)
        if request.method in ("GET", "HEAD") and response.status_code == 200 and not response.streaming:
            return self._tagged(request, response)
        return response

    def _tagged(self, request: Request, response: Response) -> HttpResponse:
        response.render()
        tag = etags.etag(response.content, getattr(response, "mark", None))
        response["ETag"] = tag
        if not etags.is_known(request.headers.get("If-None-Match"), tag):
            return response
        kept = ("ETag", "Cache-Control", "Vary", "RateLimit", "RateLimit-Policy", "Link")
        return HttpResponse(status=304, headers={name: response[name] for name in kept if name in response})


def moment_asked(request: Request) -> AbstractContextManager[None]:
    """The moment that `?as_of=` names, for reading inside. Raises ValidationError where it names none."""
    try:
        moment = asked_moment(request.query_params.get("as_of", ""))
    except django.ValidationError as error:
        raise ValidationError({"?as_of": error.messages}) from error
    return looking_back(moment) if moment else nullcontext()


class ServiceViewSet(ViewSetMixin, PortalView, abstract=True):
    """A noun of the API. Class attributes:

    queryset, rows       what is read, and which columns at which precision
    filterset_class      the noun's FilterSet, the same as of its page; a parameter it does not know is refused
    ordering             columns of the keyset; the last is unique
    permission           to read
    noun                 the argument of the services that takes the object; one that ends in `_id` takes its id
    create_service, change_service, remove_service   None where the API does not offer the verb
    serializer_class, change_serializer_class        what a body may say
    key_required         a POST without Idempotency-Key is refused: it asks for work or moves money
    looks_back           `?as_of=` answers what was known at that moment
    accepting            actions that ask for work: they answer 202 with its job
    files                action -> media types of the file that it hands out
    """

    queryset: ClassVar[QuerySet]
    rows: ClassVar[RowSpec]
    filterset_class: ClassVar[type[FilterSet] | None] = None
    ordering: ClassVar[Sequence[str]] = ("id",)
    noun: ClassVar[str] = "object"
    create_service: ClassVar[Callable[..., Any] | None] = None
    change_service: ClassVar[Callable[..., Any] | None] = None
    remove_service: ClassVar[Callable[..., Any] | None] = None
    serializer_class: ClassVar[type[Serializer] | None] = None
    change_serializer_class: ClassVar[type[Serializer] | None] = None
    has_points: ClassVar[bool] = False
    key_required: ClassVar[bool] = False
    looks_back: ClassVar[bool] = False
    accepting: ClassVar[frozenset[str]] = frozenset()
    files: ClassVar[dict[str, tuple[str, ...]]] = {}
    lookup_field = "pk"
    lookup_url_kwarg = "pk"
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(abstract=abstract, **kwargs)
        if abstract:
            return
        for name in ("create_service", "change_service", "remove_service"):
            offered = getattr(cls, name)
            if offered is not None and not isinstance(getattr(offered, "permission", None), Permission):
                raise ImproperlyConfigured(f"{cls.__qualname__}.{name} is not a service.")
        if cls.create_service is not None and cls.serializer_class is None:
            raise ImproperlyConfigured(f"{cls.__qualname__} creates without a serializer.")
        cls.http_method_names = ["get", "head", *cls._methods()]

    @classmethod
    def _methods(cls) -> list[str]:
        offered = {"post": cls.create_service, "patch": cls.change_service, "delete": cls.remove_service}
        return [method for method, verb in offered.items() if verb is not None]

    def needed_permission(self) -> Permission | Access | None:
        """Reading comes first: who may not read the noun learns nothing by trying to change it."""
        return self.permission

    def get_renderers(self) -> list[Any]:
        if self.action in self.files:
            return [FileRenderer()]
        if self.action != "list":
            return [JSONRenderer()]
        return [JSONRenderer(), CSVRenderer(), *([GeoJSONRenderer()] if self.has_points else [])]

    # Reading

    def list(self, request: Request) -> Response:
        """A page of rows, `next` for the one after it, and the number of all rows where `?count=true` asks for it."""
        with moment_asked(request) if self.looks_back else nullcontext():
            return self._list(request)

    def _list(self, request: Request) -> Response:
        found = self.filtered(request)
        page = keyset_page(
            self.rows.values(found, also=[name.lstrip("-") for name in self.ordering]),
            self.ordering, after=request.query_params.get("cursor", ""), size=self.limit(request),
        )  # fmt: skip
        data: dict[str, Any] = {
            "results": [self.rows.present(row, request.auth) for row in page.rows],
            "next": self._next_url(request, page.next),
        }
        if self.flag(request, "count"):
            data["count"] = found.order_by().count()
        headers = {"Link": f'<{data["next"]}>; rel="next"'} if data["next"] else None
        return Response(data, headers=headers)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One object, with an ETag that a change must send back."""
        with moment_asked(request) if self.looks_back else nullcontext():
            return self.answer(request, self._row(pk))

    def get_queryset(self) -> QuerySet:
        """All rows of the noun; scoped by its manager."""
        return self.queryset.all()

    def filtered(self, request: Request) -> QuerySet:
        """The rows that the query string asks for. Raises ValidationError for parameters that are wrong or unknown."""
        found = self.get_queryset()
        self._refuse_unknown(request)
        if self.filterset_class is None or not set(request.query_params) & set(self.filterset_class.base_filters):
            return found
        filterset = self.filterset_class(request.query_params, queryset=found, request=request._request)
        if not filterset.is_valid():
            errors = filterset.form.errors.get_json_data()
            raise ValidationError({f"?{name}": [one["message"] for one in several] for name, several in errors.items()})
        return filterset.qs

    def limit(self, request: Request) -> int:
        """Rows a page: 1 to 500."""
        text = request.query_params.get("limit", str(DEFAULT_LIMIT))
        if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= GREATEST_LIMIT):
            raise ValidationError({"?limit": [_("A number from 1 to %(most)s.") % {"most": GREATEST_LIMIT}]})
        return int(text)

    def flag(self, request: Request, name: str) -> bool:
        """A parameter that is true or false."""
        text = request.query_params.get(name, "false")
        if text not in ("true", "false"):
            raise ValidationError({f"?{name}": [_("Write true or false.")]})
        return text == "true"

    def column_names(self) -> list[str]:
        """The columns of the list as a table."""
        return [column.name for column in self.rows.shown] + (["precision"] if self.rows.site is not None else [])

    # Changing

    def create(self, request: Request) -> Response:
        """Hand the body to the service; 201 with the new object. Honours Idempotency-Key."""
        self.may_create(request)
        if self.key_required and "Idempotency-Key" not in request.headers:
            raise ValidationError({"Idempotency-Key": [_("Required here: it keeps work from being done twice.")]})
        return once(request, lambda: self._create(request), still_there=self.finds)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what the body names. Needs If-Match; the object is held until the change is done."""
        held = self._held(request, pk)
        serializer = (self.change_serializer_class or self.serializer_class)(held, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        type(self).change_service(**{self.noun: held}, **self.change_arguments(serializer.validated_data))
        return self.answer(request, self._row(pk))

    def destroy(self, request: Request, pk: str) -> Response:
        """Remove the object. Needs If-Match."""
        type(self).remove_service(**{self.noun: self._held(request, pk)})
        return Response(status=204)

    def act(
        self, request: Request, pk: str, service: Callable[..., Any], body: type[Serializer] = Serializer, *, noun: str = ""
    ) -> Response:
        """Hand an object, and what the body says of it, to a service; the object as it is then. Honours Idempotency-Key.

        404 for what is out of sight, whatever else the asker may do; 403 where the service is not the asker's. What the service
        takes out of the list is answered as it was. `noun`: where this service names the object otherwise than the others.
        """
        before, noun = self._row(pk), noun or self.noun
        if not request.auth.may(service.permission):
            raise PermissionDenied

        def done() -> Response:
            about = before["id"] if noun.endswith("_id") else self.get_queryset().get(pk=before["id"])
            service(**{noun: about}, **self._checked(body, request))
            return self.answer(request, self._found(pk) or before)

        return once(request, done, still_there=self.finds)

    def may_create(self, request: Request) -> None:
        """Raises PermissionDenied for who may not create now: an answer kept from an earlier day is no way around it."""
        if not request.auth.may(type(self).create_service.permission):
            raise PermissionDenied

    def finds(self, pk: str) -> bool:
        """Whether an object is still in the asker's sight."""
        return self.get_queryset().filter(pk=_uuid(pk)).exists()

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `create_service` for a checked body; override to add or rename."""
        return clean

    def change_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `change_service` besides the object."""
        return clean

    def answer(self, request: Request, row: dict[str, Any], status: int = 200) -> Response:
        """One object as the asker may see it."""
        response = Response(self.rows.present(row, request.auth), status=status)
        response.mark = etags.mark_of(row["id"], row["version"]) if "version" in row else None
        return response

    def _create(self, request: Request) -> Response:
        made = type(self).create_service(**self.create_arguments(self._checked(self.serializer_class, request)))
        response = self.answer(request, self._row(str(made.pk)), status=201)
        response["Location"] = request.build_absolute_uri(f"{request.path}{made.pk}/")
        response["ETag"] = etags.etag(as_json(response.data), response.mark)
        return response

    @staticmethod
    def _checked(body: type[Serializer], request: Request) -> dict[str, Any]:
        serializer = body(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _found(self, pk: str) -> dict[str, Any] | None:
        return self.rows.values(self.get_queryset().filter(pk=_uuid(pk)), also=self._version_column()).first()

    def _row(self, pk: str) -> dict[str, Any]:
        found = self._found(pk)
        if found is None:
            raise NotFound
        return found

    def _held(self, request: Request, pk: str) -> Any:
        if not self._version_column():
            raise ImproperlyConfigured(f"{type(self).__qualname__} changes rows that have no version.")
        held = self.get_queryset().filter(pk=_uuid(pk)).select_for_update(of=("self",)).first()
        if held is None:
            raise NotFound
        etags.require_version(request.headers.get("If-Match"), etags.mark_of(held.pk, held.version))
        return held

    def _version_column(self) -> list[str]:
        return ["version"] if any(field.name == "version" for field in self.queryset.model._meta.fields) else []

    def _refuse_unknown(self, request: Request) -> None:
        known = {
            *LIST_PARAMETERS,
            *(["as_of"] if self.looks_back else []),
            *(self.filterset_class.base_filters if self.filterset_class else ()),
        }
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            words = {"as_of": _("This list is known only as of now.")}
            no_such = _("This list knows no such parameter.")
            raise ValidationError({f"?{name[:80]}": [words.get(name, no_such)] for name in unknown[:20]})

    @staticmethod
    def _next_url(request: Request, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        query = request._request.GET.copy()
        query["cursor"] = cursor
        return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
