"""Take our data and leave: the archive, and the decision of two people."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.numbers import number
from aimprogress.jobs.models import Job
from aimprogress.web.pages import ActionPage, Guarded, Page, ServicePage
from members.forms.retention import LeaveForm
from members.models import Departure, Organisation
from members.services import leaving as services

SHOWN = 50


class OfDepartures(Guarded):
    """Departures of the own organisation; for an administrator everybody's."""

    sensitive = True
    neutral = _("Our data")
    section = "retention"
    who = "people"

    @property
    def organisation(self) -> Organisation:
        return Organisation.objects.get(pk=self.actor.organisation_id)

    def get_queryset(self) -> QuerySet[Departure]:
        return Departure.objects.known_to(self.actor).select_related("organisation", "asked_by", "agreed_by")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("How long we keep what"), reverse("members:retention"))]

    def get_success_url(self) -> str:
        return reverse("members:leave")

    def get_back_url(self) -> str:
        return reverse("members:leave")


class Leaving(OfDepartures, Page):
    """The archive, what was decided, and the receipts."""

    permission = Permission.LEAVE_DECIDE
    heading = _("Take our data and leave")
    template_name = "members/departures.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            departures=self.get_queryset()[:SHOWN],
            me=self.actor.user_id,
            days=number("LEAVE_AFTER_DAYS"),
            archives=Job.objects.known_to(self.actor).filter(kind=services.ARCHIVE)[:3],
            may_ask=self.actor.may(Permission.LEAVE_ASK),
            may_hasten=self.actor.may(Permission.LEAVE_HASTEN),
            **kwargs,
        )


class TakeArchive(OfDepartures, ActionPage):
    """Ask for everything as one file."""

    service = services.request_archive
    question = _("Write all data of our organisation into one file?")
    explanation = _(
        "The file holds every record in plain, exact places and protected states too. Keep it as safe as the portal keeps them. "
        "It can be fetched for thirty days, by you alone."
    )
    verb = _("Write the file")

    def call_service(self, **arguments: Any) -> Job:
        return super().call_service(organisation=self.organisation, **arguments)

    def get_success_url(self) -> str:
        return self.saved.get_absolute_url()


class AskToLeave(OfDepartures, ServicePage):
    """The first of two."""

    service = services.ask_to_leave
    form_class = LeaveForm
    template_name = "members/leave_form.html"
    heading = _("Leave and have everything erased")
    submit = _("Ask to leave")
    success_message = _("Another person now has to agree. Your archive is being written.")

    def get_arguments(self, form: LeaveForm) -> dict[str, Any]:
        return {"organisation": self.organisation, **form.cleaned_data}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(name=self.organisation.short_name, days=number("LEAVE_AFTER_DAYS"), **kwargs)


class OfOneDeparture(OfDepartures):
    """What is decided about one departure that is not over."""

    model = Departure
    noun = "departure"
    object: Departure

    def get_queryset(self) -> QuerySet[Departure]:
        return super().get_queryset().filter(stopped_at=None, erased_at=None)


class AgreeToLeave(OfOneDeparture, ActionPage):
    """The second of two."""

    service = services.agree_to_leave
    question = _("Agree that the organisation leaves?")
    explanation = _("The waiting time begins. When it is over, every row, file and account is erased for good.")
    verb = _("Agree")
    danger = True
    success_message = _("The waiting time has begun. It can be stopped until it is over.")


class StopLeaving(OfOneDeparture, ActionPage):
    """Stay after all."""

    service = services.stop_leaving
    question = _("Stay after all?")
    explanation = _("Nothing is erased.")
    verb = _("Stay")
    success_message = _("The organisation stays.")


class EraseWithoutWaiting(OfOneDeparture, ServicePage):
    """An administrator shortens the waiting time to nothing."""

    service = services.erase_without_waiting
    form_class = LeaveForm
    template_name = "members/leave_form.html"
    heading = _("Erase without waiting")
    submit = _("Erase everything now")
    success_message = _("Everything is erased within the hour.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(name=self.object.organisation.short_name, days=0, **kwargs)
