"""Calls to make, worst first, and the call list of a member. Each look at numbers is logged."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.audit import record
from aimprogress.core.permissions import Permission
from aimprogress.web.pages import ActionPage, Column, ListPage, ServicePage
from members.desk import numbers_to_call
from members.filters import CallFilterSet
from members.forms.calls import CallForm, ContactForm
from members.late import calls_to_make
from members.models import CallContact, Escalation, Organisation, Site
from members.rows import SITE_ROWS
from members.services import calls


class Calls(ListPage):
    permission = Permission.CALL_MAKE
    sensitive = True
    heading = _("Calls to make")
    neutral = _("Calls")
    section = "overview"
    who = "calls"
    template_name = "members/call_list.html"
    row_template = "members/_call_row.html"
    filterset_class = CallFilterSet
    orderings = {"due": ("due_at", "id")}
    columns = (Column(_("Site")), Column(_("Silent since")), Column(_("Call by")), Column(_("Numbers")), Column(""))
    empty_heading = _("No call is due")
    empty_text = _("At alert level 3 and 4 a site whose report is out of date appears here: somebody has to call within an hour.")

    def get_queryset(self) -> QuerySet:
        return calls_to_make()

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        """The sites as the reader may name them, with the numbers to call for who looks after their member."""
        sites = SITE_ROWS.values(Site.objects.filter(pk__in=[row.site_id for row in rows]))
        known = {row["id"]: SITE_ROWS.present(row, self.actor) for row in sites}
        numbers = numbers_to_call({row.site_id: row.organisation_id for row in rows}, self.actor)
        return [
            {
                "call": row,
                "site": known[row.site_id],
                "numbers": numbers.get(row.site_id, []),
                "mine": row.site_id in numbers,
            }
            for row in rows
        ]


class CloseCall(ServicePage):
    service = calls.close_call
    form_class = CallForm
    noun = "call"
    queryset = Escalation.objects.filter(step=Escalation.Step.CALL).select_related("site")
    sensitive = True
    who = "calls"
    heading = _("Call made")
    neutral = _("Calls")
    section = "overview"

    def get_queryset(self) -> QuerySet:
        """Calls that the reader may close: of the own member, or of those that an analyst looks after."""
        return super().get_queryset().filter(organisation_id__in=self.actor.writes)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Calls to make"), reverse("members:calls"))]

    def get_success_message(self, saved: Escalation) -> Any:
        if saved.closed_at:
            return _("Noted. If no report follows in time, the call comes back.")
        return _("Noted. The call stays here and is due again in half an hour.")

    def get_success_url(self) -> str:
        return reverse("members:calls")


class CallList(ListPage):
    permission = Permission.CALL_LIST_EDIT
    sensitive = True
    heading = _("Call list")
    neutral = _("Call list")
    section = "overview"
    who = "calls"
    template_name = "members/contact_list.html"
    row_template = "members/_contact_row.html"
    orderings = {"place": ("place", "id")}
    columns = (Column(_("Order"), "n"), Column(_("Role")), Column(_("Work number")), Column(_("When it answers")), Column(""))
    empty_heading = _("Nobody is on the call list")
    empty_text = _("Add the roles that answer the telephone when a site is silent: no names, work numbers only.")
    empty_action = (_("Add a role"), "add/")

    def get_queryset(self) -> QuerySet:
        return CallContact.objects.filter(organisation_id=self.actor.organisation_id)

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        if rows:
            record("members.read_call_list", subject=Organisation.objects.get(pk=self.actor.organisation_id))
        return rows


class OfCallList:
    """A form about the call list of the own organisation."""

    noun = "contact"
    model = CallContact
    sensitive = True
    who = "calls"
    neutral = _("Call list")
    section = "overview"
    success_url = ""
    object: Any
    actor: Any

    def get_queryset(self) -> QuerySet:
        return CallContact.objects.filter(organisation_id=self.actor.organisation_id)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Call list"), reverse("members:call_list"))]

    def get_back_url(self) -> str:
        return reverse("members:call_list")

    def get_success_url(self) -> str:
        return self.get_back_url()


class AddContact(OfCallList, ServicePage):
    service = calls.add_contact
    form_class = ContactForm
    heading = _("Add a role")
    success_message = _("The role was added.")

    def get_arguments(self, form: ContactForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}


class ChangeContact(OfCallList, ServicePage):
    service = calls.change_contact
    form_class = ContactForm
    heading = _("Change a role of the call list")
    success_message = _("The role was changed.")

    def get_initial(self) -> dict[str, Any]:
        if self.request.method == "GET":
            record("members.read_call_list", subject=self.object.organisation)
        return {name: getattr(self.object, name) for name in ("role", "number", "hours", "place")}


class RemoveContact(OfCallList, ActionPage):
    service = calls.remove_contact
    question = _("Take this role off the call list?")
    verb = _("Take off")
    danger = True
    success_message = _("The role was taken off the list.")

    def get_lead(self) -> str:
        return self.object.role
