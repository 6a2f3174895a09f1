"""People and roles, invitations, and the keys of machines."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import ROLE_NAMES, Permission, Role
from aimprogress.web.pages import Access, ActionPage, Guarded, Page, ServicePage, object_in_scope
from members.adapters import SECOND_FACTORS
from members.forms.accounts import AcceptForm, InvitationForm, KeyForm, LeavingForm, RoleForm
from members.models import ApiKey, Device, Invitation, Organisation, RoleGrant, Site
from members.services import accounts as services
from members.services import leavers

GONE = 410


class OfPeople(Guarded):
    """Pages about accounts. A coordinator's own organisation; for an administrator any, and no site or record of it."""

    sensitive = True
    neutral = _("People and roles")
    section = "people"
    who = "people"

    @property
    def everywhere(self) -> bool:
        return Role.AIM_ADMIN in self.actor.roles

    def reachable(self) -> QuerySet[Organisation]:
        everyone = Organisation.objects.exclude(status=Organisation.Status.LEFT)
        return everyone if self.everywhere else everyone.filter(pk=self.actor.organisation_id)

    @cached_property
    def organisation(self) -> Organisation:
        """The organisation that the address names, else the own one. 404 for one out of reach."""
        return object_in_scope(self.reachable(), pk=self.request.GET.get("organisation") or self.actor.organisation_id)

    def people_url(self, organisation_id: Any) -> str:
        query = f"?organisation={organisation_id}" if organisation_id != self.actor.organisation_id else ""
        return reverse("members:people") + query

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("People and roles"), reverse("members:people"))]


def grants_of(organisations: QuerySet[Organisation]) -> QuerySet[RoleGrant]:
    """Roles in force with their people, and whether each has a second factor."""
    factor = Authenticator.objects.filter(user_id=OuterRef("user_id"), type__in=SECOND_FACTORS)
    grants = RoleGrant.objects.in_force().filter(organisation__in=organisations, user__is_active=True)
    return grants.select_related("user", "organisation").annotate(has_factor=Exists(factor)).order_by("role", "user__email", "id")


class People(OfPeople, Page):
    """Who has which role and sites, who was invited, and a form to invite."""

    permission = Permission.PEOPLE_READ
    heading = _("People and roles")
    template_name = "members/people.html"

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organisation = self.organisation
        grants = list(grants_of(Organisation.objects.filter(pk=organisation.pk)))
        waiting = list(open_invitations(Organisation.objects.filter(pk=organisation.pk)))
        named = {pk for entry in (*grants, *waiting) for pk in entry.site_ids}
        names = dict(Site.objects.filter(pk__in=named).values_list("pk", "name"))
        may_manage = self.actor.may(Permission.PEOPLE_MANAGE)
        for entry in (*grants, *waiting):
            entry.role_name = ROLE_NAMES[Role(entry.role)]
            entry.site_names = sorted(names[pk] for pk in entry.site_ids if pk in names)
        return super().get_context_data(
            organisation=organisation, grants=grants, invitations=waiting, me=self.actor.user_id, may_manage=may_manage,
            may_assign=self.actor.may(Permission.ASSIGNMENT_EDIT),
            organisations_to_manage=self.reachable() if self.everywhere else None,
            without_factor=sum(not grant.has_factor and grant.role != Role.SITE_REPORTER for grant in grants),
            accounts=len({grant.user_id for grant in grants}), phones=list(phones_of(organisation)),
            ended_phones=list(ended_phones_of(organisation)),
            shows_phones=organisation.pk == self.actor.organisation_id and organisation.kind == Organisation.Kind.MEMBER,
            form=InvitationForm(organisation=organisation, actor=self.actor) if may_manage else None, **kwargs,
        )  # fmt: skip


def phones_of(organisation: Organisation) -> QuerySet[Device]:
    """The phones that check in, or wait to; an administrator of AIM-Progress sees none, because they stand at sites."""
    mine = Device.objects.filter(organisation=organisation).in_hand()
    return mine.select_related("site", "holder").order_by("site__name", "standing", "id")


def ended_phones_of(organisation: Organisation) -> QuerySet[Device]:
    """Phones that were ended in the last thirty days, and whether each has said that it deleted what it held."""
    lately = timezone.now() - timedelta(days=30)
    ended = Device.objects.filter(organisation=organisation, revoked_at__gt=lately).exclude(enrolled_at=None)
    return ended.select_related("site").order_by("-revoked_at", "id")[:50]


def open_invitations(organisations: QuerySet[Organisation]) -> QuerySet[Invitation]:
    """Invitations nobody has used, revoked or not; ended ones are shown too, so that they can be sent again."""
    return Invitation.objects.filter(organisation__in=organisations, accepted_at=None, revoked_at=None).order_by(
        "-invited_at", "id"
    )


class Invite(OfPeople, ServicePage):
    """Invite somebody. The link is shown once, on the answer to this form, and mailed without any other content."""

    service = services.invite
    form_class = InvitationForm
    heading = _("Invite someone")
    submit = _("Make an invitation, valid 7 days")

    def get_lead(self) -> str:
        return str(self.organisation)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organisation": self.organisation, "actor": self.actor}

    def get_arguments(self, form: InvitationForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"organisation": self.organisation}

    def form_valid(self, form: InvitationForm) -> HttpResponse:
        response = super().form_valid(form)
        if self.saved is None or response.status_code != 302:
            return response
        invitation, link = self.saved.row, self.link(self.saved.text)
        mailed = services.mail_invitation(invitation, link)
        context = self.get_context_data(
            invitation=invitation, link=link, mailed=mailed, role=ROLE_NAMES[Role(invitation.role)],
            heading=_("The invitation is ready"), back_url=self.get_success_url(),
        )  # fmt: skip
        return render(self.request, "members/invitation_made.html", context)

    def link(self, secret: str) -> str:
        return self.request.build_absolute_uri(reverse("members:invitation", args=[secret]))

    def get_success_url(self) -> str:
        return self.people_url(self.organisation.pk)


class RevokeInvitation(OfPeople, ActionPage):
    """Withdraw an invitation that was not used."""

    service = services.revoke_invitation
    model = Invitation
    noun = "invitation"
    question = _("Withdraw this invitation?")
    explanation = _("Its link stops working at once. You can invite the same person again.")
    verb = _("Withdraw")
    success_message = _("The invitation was withdrawn.")

    def get_queryset(self) -> QuerySet[Invitation]:
        return open_invitations(self.reachable())

    def get_back_url(self) -> str:
        return self.people_url(self.object.organisation_id)

    def get_success_url(self) -> str:
        return self.get_back_url()


class OfGrant(OfPeople):
    """What is done to one role of somebody."""

    model = RoleGrant
    noun = "grant"
    object: RoleGrant

    def get_queryset(self) -> QuerySet[RoleGrant]:
        return grants_of(self.reachable())

    def get_lead(self) -> str:
        return f"{self.object.user.email} · {ROLE_NAMES[Role(self.object.role)]}"

    def get_back_url(self) -> str:
        return self.people_url(self.object.organisation_id)

    def get_success_url(self) -> str:
        return self.get_back_url()


class ChangeRole(OfGrant, ServicePage):
    """Another role, or other sites."""

    service = services.change_role
    form_class = RoleForm
    heading = _("Change role and sites")
    submit = _("Change")
    success_message = _("The role was changed. It counts from the next page on.")

    def get_initial(self) -> dict[str, Any]:
        return {"role": self.object.role, "site_ids": self.object.site_ids}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organisation": self.object.organisation, "actor": self.actor}

    def get_arguments(self, form: RoleForm) -> Mapping[str, Any]:
        return form.cleaned_data


class RevokeRole(OfGrant, ActionPage):
    """Take one role back; others of the same person stay."""

    service = services.revoke_role
    question = _("Take this role back?")
    explanation = _("It counts from the next page on. Keys that this role made end. What was reported stays, under the role.")
    verb = _("Take the role back")
    danger = True
    success_message = _("The role was taken back.")


class CloseAccess(OfGrant, ServicePage):
    """Somebody leaves: what they hold stands there, and who takes over may be chosen."""

    service = leavers.close_access
    form_class = LeavingForm
    template_name = "members/leaving.html"
    heading = _("End all access of this person?")
    submit = _("End access now")
    success_message = _("Access has ended.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organisation": self.object.organisation, "leaver": self.object.user}

    def call_service(self, **arguments: Any) -> Any:
        return leavers.close_access(organisation=self.object.organisation, user=self.object.user, heir=arguments.get("heir"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = leavers.held_by(self.object.user, self.object.organisation)
        return super().get_context_data(held=held, back_url=self.get_back_url(), **kwargs)


class AcceptInvitation(ServicePage):
    """What an invitation's link opens. The secret in it is the permission; the link works once."""

    permission = Access.PUBLIC
    service = services.accept_invitation
    sensitive = True
    who = "people"
    neutral = _("Invitation")
    form_class = AcceptForm
    template_name = "members/invitation.html"
    submit = _("Accept")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.invitation = services.find_invitation(kwargs["secret"])
        if self.invitation is None:
            return self.spent()
        return super().dispatch(request, *args, **kwargs)

    def spent(self) -> HttpResponse:
        context = {"title": self.neutral, "sensitive": True}
        response = render(self.request, "members/invitation_spent.html", context, status=GONE)
        response["Cache-Control"] = "no-store"
        return response

    def get_heading(self) -> Any:
        return _("You are invited")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"invitation": self.invitation, "request": self.request}

    def get_arguments(self, form: AcceptForm) -> Mapping[str, Any]:
        return form.arguments() | {"text": self.kwargs["secret"]}

    def form_valid(self, form: AcceptForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except Conflict:
            return self.spent()

    def get_success_message(self, saved: Any) -> Any:
        return _("Your account is ready. Sign in with your address and password.")

    def get_success_url(self) -> str:
        return reverse("account_login")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        role = Role(self.invitation.role)
        return super().get_context_data(
            invitation=self.invitation, role=ROLE_NAMES[role], needs_factor=role != Role.SITE_REPORTER, **kwargs
        )


class Keys(Page):
    """The keys of the own organisation's machines. Their text is shown once and kept nowhere."""

    permission = Permission.KEY_MANAGE
    heading = _("Developer")
    section = "developer"
    template_name = "members/keys.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        keys = ApiKey.objects.filter(organisation_id=self.actor.organisation_id).select_related("created_by")
        base = self.request.build_absolute_uri("/api/v1/")
        return super().get_context_data(keys=keys[:200], base=base, form=KeyForm(actor=self.actor), **kwargs)


class MakeKey(ServicePage):
    """Make a key. The answer to this form shows its text, once."""

    service = services.create_api_key
    form_class = KeyForm
    sensitive = True
    who = "own"
    neutral = _("Developer")
    section = "developer"
    heading = _("Make a key")
    submit = _("Make the key")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Developer"), reverse("members:keys"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"actor": self.actor}

    def get_arguments(self, form: KeyForm) -> Mapping[str, Any]:
        return form.arguments() | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}

    def form_valid(self, form: KeyForm) -> HttpResponse:
        response = super().form_valid(form)
        if self.saved is None or response.status_code != 302:
            return response
        context = self.get_context_data(
            key=self.saved.row, secret=self.saved.text, heading=_("The key is ready"),
            base=self.request.build_absolute_uri("/api/v1/"),
        )  # fmt: skip
        return render(self.request, "members/key_made.html", context)

    def get_success_url(self) -> str:
        return reverse("members:keys")


class RevokeKey(ActionPage):
    """End a key now."""

    service = services.revoke_api_key
    model = ApiKey
    noun = "key"
    section = "developer"
    question = _("End this key?")
    explanation = _("The program that uses it is refused from the next call on. A key cannot be brought back.")
    verb = _("End the key")
    danger = True
    success_message = _("The key has ended.")

    def get_queryset(self) -> QuerySet[ApiKey]:
        return ApiKey.objects.filter(organisation_id=self.actor.organisation_id, revoked_at=None)

    def get_back_url(self) -> str:
        return reverse("members:keys")

    def get_success_url(self) -> str:
        return self.get_back_url()
