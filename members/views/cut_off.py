"""Cut off access in an emergency, and give it back with two people."""

from typing import Any

from django.contrib.auth import logout
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.web.pages import ActionPage, Page, ServicePage
from members.forms.cut_off import CutOffForm
from members.models import CutOff, RoleGrant
from members.services import cut_off as services

from .accounts import OfPeople

SHOWN = 100


class OfCutOffs(OfPeople):
    """What was cut off of the own organisation; for an administrator everywhere."""

    def get_queryset(self) -> QuerySet[CutOff]:
        known = CutOff.objects.select_related("organisation", "cut_by", "restore_asked_by", "restored_by")
        return known if self.everywhere else known.filter(organisation_id=self.actor.organisation_id)

    def get_success_url(self) -> str:
        return reverse("members:cut_offs")

    def get_back_url(self) -> str:
        return self.get_success_url()


class WithForm:
    """Both the page that shows the form and the page that takes it."""

    def form_arguments(self) -> dict[str, Any]:
        return {"organisations": self.reachable(), "everywhere": self.everywhere}


class CutOffs(WithForm, OfCutOffs, Page):
    """What is cut off now and was before, and the form that cuts off."""

    permission = Permission.PEOPLE_MANAGE
    heading = _("Cut off access")
    template_name = "members/cut_offs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            cut_offs=self.get_queryset()[:SHOWN], me=self.actor.user_id, form=CutOffForm(**self.form_arguments()), **kwargs
        )


class CutOffAccess(WithForm, OfCutOffs, ServicePage):
    """Close every way in at once. A wrong press is undone by two people, so the button says what it does."""

    service = services.cut_off_access
    form_class = CutOffForm
    heading = _("Cut off access")
    submit = _("Cut off now")
    success_message = _("Access is cut off. Sessions have ended, keys and roles count for nothing until two people give it back.")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [*super().get_crumbs(), (_("Cut off access"), reverse("members:cut_offs"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | self.form_arguments()

    def form_valid(self, form: CutOffForm) -> HttpResponse:
        response = super().form_valid(form)
        if self.saved is not None and not RoleGrant.objects.in_force().filter(user=self.actor.user_id).exists():
            logout(self.request)  # who cuts off the own organisation is out as well
        return response


class OfOneCutOff(OfCutOffs, ActionPage):
    """What is done to one cut-off."""

    model = CutOff
    noun = "cut_off"
    object: CutOff

    def get_queryset(self) -> QuerySet[CutOff]:
        return super().get_queryset().filter(restored_at=None)


class AskToRestore(OfOneCutOff):
    """The first of two."""

    service = services.ask_to_restore
    question = _("Ask to give access back?")
    explanation = _("Nothing opens yet: another person has to agree. First make sure by voice that the danger is over.")
    verb = _("Ask to give it back")
    success_message = _("Another person now has to agree.")


class RestoreAccess(OfOneCutOff):
    """The second of two."""

    service = services.restore_access
    question = _("Give access back?")
    explanation = _("The roles and keys that were closed count again. Sessions stay ended: people sign in anew.")
    verb = _("Give access back")
    danger = True
    success_message = _("Access was given back.")
