"""The phone: one tap when nothing changed, three for a change. Works without script; nothing is preselected."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.generic import TemplateView, View

from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import CHECK_IN_ONLY, ROLE_NAMES, Permission, Role
from aimprogress.web.pages import Guarded, object_in_scope
from members.emergency import emergency_numbers
from members.models import CheckIn, Operational, RoleGrant, Site
from members.notifications import ACKNOWLEDGE_WITHIN, next_to_ask
from members.services.checkins import OFFERED, PEOPLE, offer_for, open_roll_call_of, record_check_in, undo_check_in

UNDO_SECONDS = 10
GONE = 410


class CheckInForm(forms.Form):
    """What the phone sends. Which answers belong together is the service's rule, not the form's."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    same = forms.BooleanField(required=False)
    operational = forms.ChoiceField(required=False, choices=[("", "")] + [(code, code) for code in OFFERED])
    people = forms.ChoiceField(required=False, choices=[("", "")] + [(code, code) for code in PEOPLE])
    not_reached = forms.IntegerField(required=False, min_value=0, max_value=200_000, label=_("How many are not reached?"))
    note = forms.CharField(required=False, max_length=500, label=_("Note"))

    def clean_note(self) -> str:
        return " ".join(self.cleaned_data["note"].split())


@method_decorator(gzip_page, name="dispatch")
class PhonePage(Guarded):
    """A page of the phone. A session that may only check in lasts its twelve hours, so nobody is shut out mid-shift."""

    permission = Permission.CHECKIN_LOG
    sensitive = True
    neutral = _("Check-in")

    def refuse(self, request: HttpRequest) -> HttpResponse | None:
        """A phone that was ended is told so, and deletes what it holds (static/checkin/checkin.js)."""
        if request.ended_device is None:
            return super().refuse(request)
        response = render(request, "members/checkin_ended.html", status=GONE)
        response["Cache-Control"] = "no-store"
        return response

    @property
    def enters_roll_calls(self) -> bool:
        """Whether who is signed in may answer a roll call in the portal; a phone, and a password alone, may not."""
        return self.request.actor.may(Permission.HEADCOUNT_LOG)

    def limit_idling(self, request: HttpRequest) -> None:
        only_checks_in = request.actor.kind == "person" and request.actor.permissions == CHECK_IN_ONLY
        if only_checks_in and not request.session.get("check_in_session"):
            request.session["check_in_session"] = True


class MyCheckIns(PhonePage, TemplateView):
    """The sites somebody may report for; with one site, straight to its form."""

    template_name = "members/checkin_sites.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sites = list(own_sites(request)[:200])
        if len(sites) == 1:
            return redirect("members:check_in", code=sites[0].checkin_code)
        return self.render_to_response(self.get_context_data(sites=sites))


class CheckInPage(PhonePage, View):
    """The form and what it sends."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.show(object_in_scope(Site.objects.all(), checkin_code=code), CheckInForm(initial={"id": uuid4()}))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        site = object_in_scope(Site.objects.all(), checkin_code=code)
        form = CheckInForm(request.POST)
        if not form.is_valid():
            return self.show(site, form, status=422)
        try:
            check_in = record_check_in(site=site, **form.cleaned_data)
        except ValidationError as error:
            for field, problems in error.error_dict.items():
                form.add_error(field if field in form.fields else None, problems)
            return self.show(site, form, status=422)
        except Conflict as error:
            form = CheckInForm({**request.POST.dict(), "id": str(uuid4())})
            form.is_valid()
            form.add_error(None, str(error))
            return self.show(site, form, status=409)
        return HttpResponseRedirect(reverse("members:check_in_sent", args=[code, check_in.pk]))

    def show(self, site: Site, form: CheckInForm, status: int = 200) -> HttpResponse:
        last = own_check_ins(self.request).filter(site=site).order_by("-received_at").first()
        offer = offer_for(site)
        context = {
            "site": site, "called": called(self.request, site), "form": form, "same_id": uuid4(), "offer": offer,
            "last": last, "several": self.request.actor.kind == "person" and own_sites(self.request)[1:2].exists(),
            "roll_call": offer.roll_call, "enters": self.enters_roll_calls,
            "statuses": statuses_to_offer(), "current_word": Operational(site.current_operational).label
            if site.current_operational and self.request.actor.kind != "device" else "",
        }  # fmt: skip
        return render(self.request, "members/checkin.html", context, status=status)


WORDS = {
    Operational.OPERATING: ("ok", _("Operating"), _("as normal")),
    Operational.REDUCED: ("reduced", _("Running reduced"), _("fewer lines, hours or people")),
    Operational.SUSPENDED: ("paused", _("Paused"), _("stopped for now")),
    Operational.EVACUATED: ("evac", _("Evacuated"), _("nobody here")),
}


def statuses_to_offer() -> list[tuple[Any, ...]]:
    """The four answers of the phone: code, mark, word, hint."""
    return [(code, *WORDS[code]) for code in OFFERED]


class CheckInSent(PhonePage, TemplateView):
    """What the server has stored, ten seconds to take it back, and who was told where help is needed."""

    template_name = "members/checkin_sent.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        check_in = own_check_in(self.request, self.kwargs["code"], self.kwargs["pk"])
        return super().get_context_data(
            check_in=check_in, site=check_in.site, answers=check_in.answers, undo_seconds=UNDO_SECONDS,
            status_word=WORDS.get(check_in.answers["operational"], ("", "", ""))[1], undone=check_in.taken_back,
            help_needed=check_in.answers["people"] == "help", numbers=emergency_numbers(check_in.site.country),
            roll_call=open_roll_call_of(check_in.site), enters=self.enters_roll_calls,
            **self.who_knows(check_in), **kwargs,
        )  # fmt: skip

    def who_knows(self, check_in: CheckIn) -> dict[str, Any]:
        """Who was asked, when the next is, and who has acknowledged: roles, no names."""
        calls = list(check_in.help_calls.all())
        asked = {call.user_id: call.who for call in calls}
        waits = calls and check_in.follow_up and check_in.followed_up_at is None and next_to_ask(check_in, set(asked))
        return {
            "calls": calls, "next_at": calls[-1].called_at + ACKNOWLEDGE_WITHIN if waits else None,
            "acknowledged_by": asked.get(check_in.followed_up_by_id) or role_of_who_answered(check_in),
        }  # fmt: skip


def role_of_who_answered(check_in: CheckIn) -> Any:
    """Who acknowledged before being asked: somebody of the member, or an analyst who looks after it."""
    at_the_member = RoleGrant.objects.filter(user=check_in.followed_up_by_id, organisation=check_in.organisation_id)
    from_outside = check_in.followed_up_by_id is not None and not at_the_member.exists()
    return ROLE_NAMES[Role.AIM_ANALYST if from_outside else Role.MEMBER_COORDINATOR]


class UndoCheckIn(PhonePage, View):
    """Take back the own last check-in. After a call for help the page says who had been told of it."""

    def post(self, request: HttpRequest, code: str, pk: str) -> HttpResponse:
        check_in = own_check_in(request, code, pk)
        try:
            undo_check_in(check_in=check_in)
        except Conflict:
            return redirect("members:check_in_sent", code=code, pk=pk)
        if check_in.answers["people"] == "help":
            return redirect("members:check_in_sent", code=code, pk=pk)
        return redirect("members:check_in", code=code)


def called(request: HttpRequest, site: Site) -> str:
    """What the page calls the site: an enrolled phone shows its own alias, so that a seized one names no place."""
    return request.actor.label if request.actor.kind == "device" else site.name


def own_sites(request: HttpRequest) -> QuerySet[Site]:
    """The open sites that somebody may report for."""
    mine = Site.objects.filter(organisation_id=request.actor.organisation_id)
    if request.actor.reports_at is not None:
        mine = mine.filter(pk__in=request.actor.reports_at)
    return mine.open()


def own_check_ins(request: HttpRequest) -> QuerySet[CheckIn]:
    """A phone reads back its own rows only, and so does a person."""
    actor = request.actor
    return CheckIn.objects.filter(device=actor.device_id) if actor.device_id else CheckIn.objects.filter(by_id=actor.user_id)


def own_check_in(request: HttpRequest, code: str, pk: str) -> CheckIn:
    return object_in_scope(own_check_ins(request).filter(site__checkin_code=code).select_related("site"), pk=pk)
