"""Roll calls: those of all sites in sight, one with its live totals, and its three verbs."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import as_of, moment
from aimprogress.web.looking_back import LooksBack
from aimprogress.web.pages import Column, DetailPage, ListPage, ServicePage
from members.filters import RollCallFilterSet
from members.forms.roll_calls import CloseRollCallForm, OpenRollCallForm, RollCallAnswerForm
from members.guidance import find
from members.models import RollCall, Topic
from members.recipients import analysts_of, coordinators_of, reporters_of
from members.roll_call_known import known
from members.roll_call_rows import COUNTS, ROLL_CALL_ROWS
from members.roll_call_seen import SeenRollCall
from members.rounds import WHOLE, part_name
from members.services import roll_calls as services
from members.views.sites import OfSite


class RollCalls(LooksBack, ListPage):
    permission = Permission.HEADCOUNT_READ
    sensitive = True
    heading = _("Roll calls")
    neutral = _("Roll calls")
    section = "overview"
    who = "roll_call"
    row_template = "members/_roll_call_row.html"
    filterset_class = RollCallFilterSet
    orderings = {"newest": ("-opened_at", "-id")}
    columns = (Column(_("Site")), Column(_("What happened?")), Column(_("Opened")), Column(_("Next round")), Column(_("Closed")))
    empty_heading = _("There was no roll call yet")
    empty_text = _(
        "Open one on the page of a site after an incident: four times in 72 hours it asks whether everybody is reached."
    )

    def get_queryset(self) -> QuerySet:
        return ROLL_CALL_ROWS.values(known(RollCall.objects.all()))

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        now, words = moment(), dict(RollCall._meta.get_field("incident").choices)
        return [
            ROLL_CALL_ROWS.present(row, self.actor)
            | {"label": words[row["incident"]], "is_late": bool(row["due_at"] and row["due_at"] <= now)}
            for row in rows
        ]


class _About:
    """What every page about one roll call says."""

    model = RollCall
    noun = "roll_call"
    sensitive = True
    neutral = _("Roll call")
    section = "sites"
    who = "roll_call"
    object: RollCall
    actor: Any
    request: Any

    def get_queryset(self) -> QuerySet:
        return known(RollCall.objects.select_related("site"))

    @cached_property
    def seen(self) -> SeenRollCall:
        wanted = self.request.GET.get("round", "")
        return SeenRollCall(self.object, self.actor, wanted=int(wanted) if wanted in ("1", "2", "3", "4") else None)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        if not self.object:
            return []
        site = (self.seen.site_name, reverse("members:site", args=[self.object.site_id]))
        return [(_("Sites"), reverse("members:sites")), site]

    def get_back_url(self) -> str:
        return reverse("members:roll_call", args=[self.object.pk])


class RollCallPage(_About, LooksBack, DetailPage):
    """Rounds, parts and totals as they stand now; the part that changes renews itself while the roll call is open."""

    permission = Permission.HEADCOUNT_READ
    template_name = "members/roll_call.html"

    def get_heading(self) -> str:
        return gettext("Roll call: %(incident)s") % {"incident": self.object.get_incident_display()}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.htmx and request.htmx.target == "live":
            return render(request, "members/_roll_call_live.html", {"seen": self.seen, "roll_call": self.object})
        return super().get(request, *args, **kwargs)

    def get_panels(self) -> list[SafeString]:
        """What follows from it has no log."""
        return [] if as_of() else super().get_panels()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reads = self.actor.may(Permission.GUIDANCE_READ)
        guidance = find(topic=Topic.MISSING) if self.seen.asks_for_missing and reads else []
        return super().get_context_data(seen=self.seen, guidance=guidance, **kwargs)


class OpenRollCall(OfSite, ServicePage):
    """From the page of the site: what happened, who gets told, one button."""

    service = services.open_roll_call
    form_class = OpenRollCallForm
    template_name = "members/roll_call_open.html"
    who = "roll_call"
    heading = _("Open a roll call?")
    submit = _("Open the roll call")
    success_message = _("The roll call is open. Now ask every part.")

    def get_success_url(self) -> str:
        return reverse("members:roll_call", args=[self.saved.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        site = self.object
        parts = services.parts_now(site)
        return super().get_context_data(
            branches=parts, in_no_part=services.in_no_part(site, parts), back_url=self.get_back_url(),
            coordinators=len(coordinators_of(site.organisation_id)), reporters=len(reporters_of(site)),
            analysts=len(analysts_of(site.organisation_id)), **kwargs,
        )  # fmt: skip


class _OwnRollCall(_About, ServicePage):
    """A form about a roll call of the own organisation."""

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(organisation_id=self.actor.organisation_id)

    def get_lead(self) -> str:
        return self.object.site.name if self.object else ""

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [*super().get_crumbs(), (_("Roll call"), self.get_back_url())] if self.object else []

    def get_success_url(self) -> str:
        return self.get_back_url()


class AnswerRollCall(_OwnRollCall):
    """One part says how many it has reached. `?part=` and `?round=` say which; what stands already is shown to be corrected."""

    service = services.answer_roll_call
    form_class = RollCallAnswerForm
    submit = _("Save the answer")
    success_message = _("The answer was saved.")

    @property
    def part(self) -> str:
        return self.request.GET.get("part", WHOLE)

    @property
    def round(self) -> int:
        return self.seen.shown.number if "round" in self.request.GET or not self.seen.current else self.seen.current.number

    def get_heading(self) -> str:
        return gettext("%(part)s: round %(n)s") % {"part": part_name(self.part), "n": self.round}

    def get_lead(self) -> str:
        """The site, and for a beginning role whose people are asked: those it calls answer for their own."""
        if self.object and self.part in self.seen.beginning:
            return gettext("%(site)s: the role itself and the people it reaches itself") % {"site": super().get_lead()}
        return super().get_lead()

    def get_initial(self) -> dict[str, Any]:
        given = {"part": self.part, "round": self.round}
        stands = self.seen.answers.get(self.round, {}).get(self.part)
        if stands is None:
            return given | {"expected": self.seen.people.get(self.part)}
        return given | {"supersedes": stands.pk} | {name: getattr(stands, name) for name in COUNTS}

    def get_arguments(self, form: RollCallAnswerForm) -> Mapping[str, Any]:
        return form.cleaned_data

    def get_success_url(self) -> str:
        return f"{self.get_back_url()}?{urlencode({'round': self.saved.round})}"


class CloseRollCall(_OwnRollCall):
    service = services.close_roll_call
    form_class = CloseRollCallForm
    template_name = "members/roll_call_close.html"
    heading = _("Close the roll call?")
    submit = _("Close the roll call")
    success_message = _("The roll call is closed.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(seen=self.seen, back_url=self.get_back_url(), **kwargs)
