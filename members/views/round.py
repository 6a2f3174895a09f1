"""The morning call round on one screen: the own sites, worst first, each with a line for what was heard."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.web.notices import notice
from aimprogress.web.pages import CONFLICT, NOT_PROCESSABLE, Column, ListPage
from members.desk import Number, numbers_of, works_at_desk
from members.forms.chase import SiteCallForm
from members.models import Site, SiteCall
from members.models.bulk import UNDO_WITHIN
from members.rows import LEVEL_WORDS, SITE_ROWS
from members.services.chase import note_call
from members.standing import WORST_FIRST, urgency

SITES_A_SCREEN = 100
PREFIX = len(str(UUID(int=0)))


@dataclass(slots=True)
class Line:
    """One site of the round. `call` is the last one of today, `form` what is asked of a site that can still be called."""

    site: dict[str, Any]
    call: SiteCall | None
    form: SiteCallForm | None
    numbers: list[Number]
    can_undo: bool

    @property
    def pk(self) -> UUID:
        return self.site["id"]


def calls_of_today() -> QuerySet:
    """Noted since midnight where the reader is: a round that was broken off goes on the same day."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return SiteCall.objects.kept().filter(called_at__gte=midnight)


class CallRound(ListPage):
    """GET shows the round. POST notes every line that says something; with htmx the one whose button was pressed."""

    permission = Permission.CALL_MAKE
    sensitive = True
    heading = _("Morning call round")
    neutral = _("Calls")
    section = "overview"
    who = "calls"
    template_name = "members/call_round.html"
    row_template = "members/_call_round_row.html"
    page_size = SITES_A_SCREEN
    orderings = {"worst": WORST_FIRST}
    columns = (
        Column(_("Site")),
        Column(_("Last report")),
        Column(_("Numbers")),
        Column(_("What did you hear?")),
        Column(_("Do")),
    )
    empty_heading = _("Everybody was called")
    empty_text = _("Each open site has been called today.")

    def refuse(self, request: HttpRequest) -> HttpResponse | None:
        answer = super().refuse(request)
        if answer is None and not works_at_desk(request.actor):
            raise PermissionDenied
        return answer

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.refused: dict[UUID, SiteCallForm] = {}

    def own_sites(self) -> QuerySet:
        return Site.objects.open().filter(organisation_id=self.actor.organisation_id)

    def get_queryset(self) -> QuerySet:
        sites = self.own_sites()
        if self.request.GET.get("show") == "left":
            reached = calls_of_today().exclude(heard=SiteCall.Heard.NOT_REACHED)
            sites = sites.exclude(pk__in=reached.values("site_id"))
        return SITE_ROWS.values(sites.annotate(urgency=urgency(now=timezone.now())), also=("urgency",))

    def prepare_rows(self, rows: list[Any]) -> list[Line]:
        pks = [row["id"] for row in rows]
        newest = calls_of_today().filter(site__in=pks).order_by("site_id", "-called_at", "-id").distinct("site_id")
        called = {call.site_id: call for call in newest}
        self.trees, self.listed = numbers_of(pks, self.actor) if self.shows_numbers() else ({}, [])
        return [self.line(SITE_ROWS.present(row, self.actor), called.get(row["id"])) for row in rows]

    def shows_numbers(self) -> bool:
        return "numbers" in self.request.GET

    def line(self, site: dict[str, Any], call: SiteCall | None) -> Line:
        pk = site["id"]
        reached = call is not None and call.heard != SiteCall.Heard.NOT_REACHED
        form = None if reached or site["safety_profile"] else self.refused.get(pk) or SiteCallForm(prefix=str(pk))
        mine = call is not None and call.by_id == self.actor.user_id and timezone.now() - call.called_at < UNDO_WITHIN
        shown = site | {"alert_word": LEVEL_WORDS[site["alert_level"]]}
        return Line(shown, call, form, self.trees.get(pk, []), mine)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | self.progress() | {"listed": self.listed, "shows_numbers": self.shows_numbers()}

    def progress(self) -> dict[str, Any]:
        """How far the round has come: sites, called, and those of them that nobody answered."""
        newest = calls_of_today().order_by("site_id", "-called_at", "-id").distinct("site_id")
        heard = list(newest.filter(site__in=self.own_sites()).values_list("heard", flat=True))
        return {
            "total": self.own_sites().count(), "called": len(heard),
            "unanswered": sum(one == SiteCall.Heard.NOT_REACHED for one in heard),
        }  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        only, conflict, noted = request.POST.get("only", ""), False, 0
        for site in self.said_of(only if request.htmx else ""):
            form = SiteCallForm(request.POST, prefix=str(site.pk))
            try:
                if form.is_valid():
                    note_call(site=site, **form.cleaned_data)
                    noted += 1
                    continue
            except ValidationError as error:
                for field, words in (error.message_dict if hasattr(error, "error_dict") else {"": error.messages}).items():
                    form.add_error(field if field in form.fields else None, words)
            except Conflict as error:
                form.add_error(None, str(error))
                conflict = True
            self.refused[site.pk] = form
        status = (CONFLICT if conflict else NOT_PROCESSABLE) if self.refused else 200
        if request.htmx and only:
            return self.answer_one(only, status)
        if noted:
            notice(request, ngettext("%(n)s call was noted.", "%(n)s calls were noted.", noted) % {"n": noted})
        if self.refused:
            return self.render_to_response(self.get_context_data(), status=status)
        return HttpResponseRedirect(request.get_full_path())

    def said_of(self, only: str) -> list[Site]:
        """The sites whose line says something; `only` names one."""
        said = set()
        for name, value in self.request.POST.items():
            pk, field = name[:PREFIX], name[PREFIX + 1 :]
            if value and field in SiteCallForm.base_fields and only in ("", pk):
                try:
                    said.add(UUID(pk))
                except ValueError:
                    continue
        return list(self.own_sites().filter(pk__in=said, safety_profile=False).order_by("pk"))

    def answer_one(self, only: str, status: int) -> HttpResponse:
        """The line of one site again, and how far the round has come."""
        try:
            rows = list(self.get_queryset().filter(pk=UUID(only)))
        except ValueError:
            rows = []
        context = self.progress() | {"objects": self.prepare_rows(rows), "fresh": True}
        return render(self.request, "members/_call_round_answer.html", context, status=status)
