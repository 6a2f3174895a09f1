"""What the desk logs about a site: status, head count, alert level, and their corrections."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.audit import record
from aimprogress.core.permissions import Permission
from aimprogress.figures.precision import STRICT_STATES
from aimprogress.web.notices import notice
from aimprogress.web.pages import ActionPage, ServicePage
from aimprogress.web.services import keep_draft
from members.forms.sites import AlertLevelForm, HeadCountForm, StatusForm, corrected, lasting
from members.models import (
    AlertLevelChange,
    Confidence,
    HeadCount,
    Site,
    SiteStatus,
    SourceType,
)
from members.projection import newest, standing
from members.roll_call_seen import for_head_count
from members.rounds import Known
from members.rows import LEVEL_WORDS
from members.services import sites as services
from members.transitions import levels_for
from members.views.sites import OfSite, has_five_states, reads_strict


class _AsksStatus:
    """The form of a status offers "closed" and "sold" to who may say so."""

    actor: Actor

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"may_end": self.actor.may(Permission.SITE_EDIT)}


class LogStatus(_AsksStatus, OfSite, ServicePage):
    service = services.log_site_status
    form_class = StatusForm
    template_name = "members/status_form.html"
    heading = _("Update the status")
    submit = _("Log status")
    success_message = _("The status was logged.")

    def get_initial(self) -> dict[str, Any]:
        told = {"source_type": SourceType.WORKER_REP, "confidence": Confidence.B} if "told" in self.request.GET else {}
        return lasting(self.object) | told

    def get_arguments(self, form: StatusForm) -> Mapping[str, Any]:
        return form.arguments()

    def form_valid(self, form: StatusForm) -> HttpResponse:
        """A stop is no report of what was seen: it goes on to the page that asks the rest, with what was typed here."""
        if not services.needs_guidance(self.object, form.cleaned_data["operational"]):
            return super().form_valid(form)
        page = reverse("humanitarian:stop_work", args=[self.object.pk])
        keep_draft(url=page, content={name: texts for name, texts in self.request.POST.lists() if name in form.fields})
        notice(self.request, _("Nothing is logged yet: say here what is settled for the people. What you typed is filled in."))
        return HttpResponseRedirect(page)

    def get_undo_url(self, saved: SiteStatus) -> str:
        return reverse("members:status_retract", args=[saved.pk])


class RetractStatus(ActionPage):
    """Undo: within a minute, by its author."""

    service = services.retract_site_status
    model = SiteStatus
    noun = "status"
    sensitive = True
    who = "site"
    neutral = _("Site")
    question = _("Take the last status back?")
    verb = _("Take back")
    success_message = _("The status was taken back.")

    def get_back_url(self) -> str:
        return reverse("members:site", args=[self.object.site_id])

    def get_success_url(self) -> str:
        return self.get_back_url()


class LogHeadCount(OfSite, ServicePage):
    service = services.log_head_count
    form_class = HeadCountForm
    template_name = "members/head_count_form.html"
    heading = _("Head count")
    submit = _("Log head count")
    success_message = _("The head count was logged.")
    keeps_draft = True

    @cached_property
    def called(self) -> Known | None:
        """What the roll call says that the reader comes from."""
        return for_head_count(self.object, self.request.GET.get("roll_call", ""), self.actor)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"site": self.object, "before": self._last_states()}

    def _last_states(self) -> dict[str, int] | None:
        """By state, as far as the actor may read them: the question about a change must not tell the rest."""
        last = newest(HeadCount.objects.filter(site=self.object)).first()
        if last is None:
            return None
        all_of_them = not has_five_states(self.object, last) and reads_strict(self.actor, last)
        return {state: people for state, people in last.states.items() if all_of_them or state not in STRICT_STATES}

    def get_initial(self) -> dict[str, Any]:
        if not self.called:
            return {}
        return {"unaccounted": self.called.total.not_reached, "needs_urgent_help": self.called.total.need_help}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(called=self.called, **kwargs)

    def get_arguments(self, form: HeadCountForm) -> Mapping[str, Any]:
        return form.arguments()

    def get_undo_url(self, saved: HeadCount) -> str:
        return reverse("members:head_count_retract", args=[saved.pk])


class RetractHeadCount(RetractStatus):
    service = services.retract_head_count
    model = HeadCount
    noun = "head_count"
    question = _("Take the last head count back?")
    success_message = _("The head count was taken back.")


class RetractAlertLevel(RetractStatus):
    service = services.retract_alert_level
    model = AlertLevelChange
    noun = "change"
    question = _("Take the last change of the alert level back?")
    explanation = _("The level is again what it was before.")
    success_message = _("The change of the alert level was taken back.")


class CorrectFact(OfSite, ServicePage):
    """A right entry in the place of a wrong one of the own organisation. Both stay in the story of the site."""

    submit = _("Correct")

    def get_queryset(self) -> QuerySet:
        mine = self.model.objects.filter(organisation_id=self.actor.organisation_id)
        return standing(mine).select_related("site")

    def get_lead(self) -> str:
        return self.object.site.name

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Sites"), reverse("members:sites")), (self.object.site.name, self.get_back_url())]

    def get_back_url(self) -> str:
        return reverse("members:site", args=[self.object.site_id])

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.arguments()


class CorrectStatus(_AsksStatus, CorrectFact):
    service = services.correct_site_status
    form_class = corrected(StatusForm, "correction_reason")
    model = SiteStatus
    noun = "status"
    heading = _("Correct a status")
    success_message = _("The status was corrected.")

    def get_initial(self) -> dict[str, Any]:
        wrong = self.object
        told = (
            "operational",
            "reason",
            "control",
            "damage",
            "access",
            "observed_at",
            "source_type",
            "confidence",
            "told_by",
            "note",
        )
        return {name: getattr(wrong, name) for name in told} | {f"hours_{key}": hours for key, hours in wrong.utilities.items()}


class CorrectHeadCount(CorrectFact):
    """The nine states stand in the form for who may read them; everybody else counts anew."""

    service = services.correct_head_count
    form_class = corrected(HeadCountForm, "reason")
    template_name = "members/head_count_form.html"
    model = HeadCount
    noun = "head_count"
    heading = _("Correct a head count")
    success_message = _("The head count was corrected.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"site": self.object.site}

    def get_initial(self) -> dict[str, Any]:
        wrong = self.object
        told = {name: getattr(wrong, name) for name in ("expected", "observed_at", "source_type", "confidence", "told_by")}
        told |= wrong.overlays | wrong.by_contract | wrong.by_gender
        five = has_five_states(wrong.site, wrong)
        if not five:
            if not reads_strict(self.actor, wrong):
                return told
            if self.request.method == "GET":
                record("members.read_strict_counts", subject=wrong.site)
        return told | {code.lower(): people for code, people in wrong.states.items() if not five or code not in STRICT_STATES}


class ChangeAlertLevel(OfSite, ServicePage):
    service = services.change_alert_level
    form_class = AlertLevelForm
    heading = _("Change the alert level")
    success_message = _("The alert level was changed.")

    def get_queryset(self) -> QuerySet:
        """Also of the members that an analyst looks after (domain 3.2)."""
        return Site.objects.filter(organisation_id__in=self.actor.writes)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"levels": levels_for(self.actor, self.object.alert_level)}

    def get_lead(self) -> str:
        """The site, and the level that is left."""
        level = self.object.alert_level
        words = gettext("alert level %(level)s, %(word)s") % {"level": level, "word": LEVEL_WORDS[level]}
        return f"{super().get_lead()} · {words}"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_arguments(self, form: AlertLevelForm) -> Mapping[str, Any]:
        return form.arguments()

    def get_undo_url(self, saved: AlertLevelChange) -> str:
        return reverse("members:alert_level_retract", args=[saved.pk])


class CorrectAlertLevel(CorrectFact):
    service = services.correct_alert_level
    form_class = corrected(AlertLevelForm, "correction_reason")
    model = AlertLevelChange
    noun = "change"
    heading = _("Correct the alert level")
    success_message = _("The alert level was corrected.")

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in ("level", "reason")}
