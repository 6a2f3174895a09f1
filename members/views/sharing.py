"""Sharing: what leaves a member, to whom, until when, and every pull. Staff sessions: who looked, when and why."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor, acting_as
from aimprogress.core.ids import NO_ORGANISATION
from aimprogress.core.permissions import Permission
from aimprogress.exchange.datasets import Dataset, Pull, datasets, pull
from aimprogress.figures.freshness import Band
from aimprogress.web.pages import ActionPage, Page, ServicePage
from aimprogress.web.templatetags.portal import day, local_time
from members.access import active_share
from members.forms.sharing import ShareForm, StaffSessionForm
from members.models import DataShare, Organisation, SharePull, StaffSession
from members.services import sharing as services

PREVIEWED = 5
NEWEST = 50


class Sharing(Page):
    """A member's own page: what is shared now, what was pulled, who looked, and a form to share something."""

    permission = Permission.SHARE_READ
    heading = _("Sharing")
    section = "sharing"
    who = "share"
    template_name = "members/sharing.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not Organisation.objects.filter(pk=self.actor.organisation_id, kind=Organisation.Kind.MEMBER).exists():
            return HttpResponseRedirect(reverse("members:shared"))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**sharing_of(self.actor) | kwargs)


def sharing_of(actor: Actor) -> dict[str, Any]:
    """What the sharing page of `actor`'s organisation shows."""
    mine = DataShare.objects.filter(organisation_id=actor.organisation_id).select_related("receiver")
    counted = mine.annotate(times=Count("pulls"), last=Max("pulls__at"))
    now = timezone.now()
    ended = Q(revoked_at__isnull=False) | Q(expires_at__lte=now)
    pulls = SharePull.objects.filter(organisation_id=actor.organisation_id).select_related("share", "receiver")
    sessions = StaffSession.objects.filter(organisation_id=actor.organisation_id)
    return {
        "organisation": Organisation.objects.filter(pk=actor.organisation_id).first(),
        "shares": counted.exclude(ended).order_by("expires_at", "id")[:NEWEST],
        "ended": mine.filter(ended).order_by("-granted_at", "id")[:NEWEST],
        "pulls": pulls.order_by("-at", "-id")[:NEWEST],
        "sessions": sessions.order_by("-started_at", "-id")[:NEWEST],
        "soon": now + timedelta(days=14),
        "form": ShareForm(actor=actor) if actor.may(Permission.SHARE_GRANT) else None,
        "commercial": services.COMMERCIAL,
    }


class GrantShare(ServicePage):
    """Share something, after a look at what the receiver will see."""

    service = services.grant_share
    form_class = ShareForm
    template_name = "members/sharing.html"
    heading = _("Sharing")
    section = "sharing"
    who = "share"
    success_message = _("It is shared. You can revoke it at any time.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('members:sharing')}#grant")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"actor": self.actor}

    def get_arguments(self, form: ShareForm) -> Mapping[str, Any]:
        return form.arguments() | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}

    def form_valid(self, form: ShareForm) -> HttpResponse:
        if self.request.POST.get("do") == "preview":
            return self.render_to_response(self.get_context_data(form=form, preview=self.preview(form)))
        return super().form_valid(form)

    def preview(self, form: ShareForm) -> dict[str, Any]:
        """The first rows exactly as the receiver will see them; not a pull."""
        given = form.arguments()
        share = DataShare(
            organisation_id=self.actor.organisation_id, receiver=given["receiver"], dataset=given["dataset"],
            precision=given["precision"], expires_at=given["expires_at"],
        )  # fmt: skip
        receiver = replace(self.actor, organisation_id=share.receiver_id)
        found, dataset = look_through(share, receiver, size=PREVIEWED)
        return {"receiver": share.receiver, "table": as_table(dataset, found.rows), "pull": found}

    def get_success_url(self) -> str:
        return reverse("members:sharing")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**sharing_of(self.actor) | kwargs)


def look_through(share: DataShare, actor: Actor, *, cursor: str = "", size: int = 50) -> tuple[Pull, Dataset]:
    """Rows of a share as its receiver sees them. Raises Http404 for a dataset that nobody offers any more."""
    dataset = datasets().get(share.dataset)
    if dataset is None:
        raise Http404
    with acting_as(services.through(share, actor)) as looking:
        found = pull(dataset, actor=looking, receiver=share.receiver_id, precision=share.precision, cursor=cursor, size=size)
    return found, dataset


def as_table(dataset: Dataset, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The columns with a heading in words, without those that hold nothing."""
    keys = [key for key in dataset.headings if any(row.get(key) not in (None, "") for row in rows)]
    words = {key: words_of(dataset, key) for key in keys}
    shown = [[_written(row.get(key), words[key]) for key in keys] for row in rows]
    return {"headings": [dataset.headings[key] for key in keys], "rows": shown}


def words_of(dataset: Dataset, key: str) -> Mapping[Any, Any]:
    """What the codes of a column are called, where it has codes."""
    if key.endswith("freshness"):
        return {band.value: band.label for band in Band}
    column = next(column for column in dataset.rows.columns if column.name == key)
    fields = {field.name: field for field in dataset.queryset(NO_ORGANISATION).model._meta.get_fields()}
    return dict(getattr(fields.get(column.source or column.name), "flatchoices", ()))


def _written(value: Any, words: Mapping[Any, Any]) -> Any:
    if isinstance(value, datetime):
        return local_time(value)
    if isinstance(value, date):
        return day(value)
    return words.get(value, value) if not isinstance(value, bool) else value


class RevokeShare(ActionPage):
    """End a share."""

    service = services.revoke_share
    noun = "share"
    section = "sharing"
    question = _("Revoke this share?")
    explanation = _(
        "The receiver's next pull finds nothing. What was pulled before cannot be called back; ask them to delete it."
    )
    verb = _("Revoke")
    danger = True
    success_message = _("The share was revoked.")
    model = DataShare

    def get_queryset(self) -> QuerySet[DataShare]:
        return DataShare.objects.filter(organisation_id=self.actor.organisation_id, revoked_at=None)

    def get_lead(self) -> str:
        return f"{self.object.get_dataset_display()} · {self.object.receiver}"

    def get_back_url(self) -> str:
        return reverse("members:sharing")

    def get_success_url(self) -> str:
        return self.get_back_url()


class Shared(Page):
    """The receiver's page: what members share with this organisation."""

    permission = Permission.SHARE_READ
    heading = _("Shared with us")
    section = "sharing"
    template_name = "members/shared.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        received = DataShare.objects.filter(
            receiver_id=self.actor.organisation_id, revoked_at=None, expires_at__gt=timezone.now()
        )
        shares = received.select_related("organisation").order_by("organisation__short_name", "dataset", "id")
        return super().get_context_data(shares=shares, may_pull=self.actor.may(Permission.SHARED_PULL), **kwargs)


class SharedRows(Page):
    """One share as a table. Opening it is a pull, and the member sees that it happened."""

    permission = Permission.SHARED_PULL
    sensitive = True
    who = "share"
    neutral = _("Shared with us")
    section = "sharing"
    template_name = "members/shared_rows.html"
    share: DataShare

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        share = active_share(kwargs["pk"])
        if share is None:
            raise Http404
        self.share = share
        return super().get(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.share.get_dataset_display()} · {self.share.organisation}"

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Shared with us"), reverse("members:shared"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found, dataset = look_through(self.share, self.actor, cursor=self.request.GET.get("after", ""))
        services.note_pull(share_id=self.share.pk, rows=len(found.rows))
        return super().get_context_data(
            share=self.share,
            table=as_table(dataset, found.rows),
            pull=found,
            page_next=found.next,
            as_of=timezone.now(),
            **kwargs,
        )


class StaffSessions(Page):
    """For analysts: open one, end one. For members and the data-protection officer: who looked, when and why."""

    permission = Permission.STAFF_SESSION_READ
    heading = _("Staff sessions")
    section = "staff"
    template_name = "members/staff_sessions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**staff_sessions_of(self.actor) | kwargs)


def staff_sessions_of(actor: Actor) -> dict[str, Any]:
    """The sessions that `actor`'s organisation gave or received."""
    involved = Q(organisation_id=actor.organisation_id) | Q(receiver_id=actor.organisation_id)
    sessions = StaffSession.objects.filter(involved).select_related("organisation").order_by("-started_at", "-id")[:NEWEST]
    may_open = actor.may(Permission.STAFF_SESSION_OPEN)
    return {"sessions": sessions, "me": actor.user_id, "may_open": may_open, "form": StaffSessionForm() if may_open else None}


class OpenStaffSession(ServicePage):
    """Look at a member's commercial rows for an hour."""

    service = services.open_staff_session
    form_class = StaffSessionForm
    template_name = "members/staff_sessions.html"
    heading = _("Staff sessions")
    section = "staff"
    success_message = _("The session is open for an hour. The member sees it now.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("members:staff_sessions"))

    def get_success_url(self) -> str:
        return reverse("members:staff_sessions")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**staff_sessions_of(self.actor) | kwargs)


class EndStaffSession(ActionPage):
    """Close an own session before its hour is over."""

    service = services.end_staff_session
    noun = "session"
    model = StaffSession
    section = "staff"
    question = _("End this session now?")
    explanation = _("The member's commercial rows close at once.")
    verb = _("End the session")
    success_message = _("The session has ended.")

    def get_queryset(self) -> QuerySet[StaffSession]:
        return StaffSession.objects.filter(analyst_id=self.actor.user_id, ended_at=None, ends_at__gt=timezone.now())

    def call_service(self, **arguments: Any) -> Any:
        return services.end_staff_session(session_id=self.object.pk)

    def get_back_url(self) -> str:
        return reverse("members:staff_sessions")

    def get_success_url(self) -> str:
        return self.get_back_url()
