"""Which analyst looks after which member: for administrators all of it, for an analyst the own members."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.web.pages import ActionPage, Guarded, Page, ServicePage
from members.forms.assignments import AssignmentForm
from members.models import MemberAnalyst, Organisation, User
from members.recipients import all_analysts
from members.services import assignments as services


class OfAssignments(Guarded):
    """Pages of the secretariat about who looks after whom."""

    sensitive = True
    neutral = _("People and roles")
    section = "assignments"
    who = "assignment"

    def get_queryset(self) -> QuerySet[MemberAnalyst]:
        known = MemberAnalyst.objects.in_force().select_related("analyst", "organisation").order_by("analyst__email", "id")
        return known if self.actor.may(Permission.ASSIGNMENT_EDIT) else known.filter(analyst_id=self.actor.user_id)

    def members(self) -> QuerySet[Organisation]:
        everyone = Organisation.objects.filter(kind=Organisation.Kind.MEMBER).exclude(status=Organisation.Status.LEFT)
        return everyone.order_by("short_name", "id")

    def form_arguments(self) -> dict[str, Any]:
        analysts = User.objects.filter(pk__in=[user.pk for user in all_analysts()]).order_by("email")
        return {"analysts": analysts, "members": self.members()}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("People and roles"), reverse("members:people"))] if self.actor.may(Permission.PEOPLE_READ) else []

    def get_success_url(self) -> str:
        return reverse("members:assignments")

    def get_back_url(self) -> str:
        return self.get_success_url()


class Assignments(OfAssignments, Page):
    """Each member with who looks after it, and for an administrator the form that gives members to an analyst."""

    permission = Permission.ASSIGNMENT_READ
    heading = _("Who looks after which member")
    template_name = "members/assignments.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_assign, shown = self.actor.may(Permission.ASSIGNMENT_EDIT), self.members()
        if not may_assign:
            shown = shown.filter(pk__in=self.get_queryset().values("organisation_id"))
        looked_after = shown.prefetch_related(Prefetch("analysts", self.get_queryset(), to_attr="looked_after_by"))
        return super().get_context_data(
            looked_after=looked_after, may_assign=may_assign,
            form=AssignmentForm(**self.form_arguments()) if may_assign else None, **kwargs,
        )  # fmt: skip


class AssignMembers(OfAssignments, ServicePage):
    """Give members to an analyst."""

    service = services.assign_members
    form_class = AssignmentForm
    heading = _("Give members to an analyst")
    submit = _("Give to look after")
    success_message = _("The analyst looks after these members now, and is told.")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [*super().get_crumbs(), (_("Who looks after which member"), reverse("members:assignments"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | self.form_arguments()


class EndAssignment(OfAssignments, ActionPage):
    """Take one member back from one analyst."""

    service = services.end_assignment
    model = MemberAnalyst
    noun = "assignment"
    object: MemberAnalyst
    question = _("Take this member back from the analyst?")
    explanation = _("It counts from the next page on. Where nobody else looks after the member, the whole team does.")
    verb = _("Take the member back")
    success_message = _("The member was taken back, and the analyst is told.")

    def get_lead(self) -> str:
        return f"{self.object.organisation} · {self.object.analyst.email}"
