"""Which analyst looks after which member: given and taken back by an administrator, and it ends with the role."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission, Role
from aimprogress.core.services import announce, service
from members.models import MemberAnalyst, Organisation, RoleGrant, User


@service(Permission.ASSIGNMENT_EDIT)
def assign_members(*, analyst: User, organisations: Collection[Organisation]) -> list[MemberAnalyst]:
    """Let an analyst look after members, besides those that they have, from the next request on. Others who do so still do.

    Raises ValidationError for somebody who is no analyst, for what is no member or has left, and where nothing would change.
    """
    roles = RoleGrant.objects.in_force().filter(user=analyst, role=Role.AIM_ANALYST, user__is_active=True)
    if not list(roles.select_for_update(of=("self",))):  # the role does not end meanwhile: `pass_on_members` would miss the rows
        raise ValidationError({"analyst": _("This account is no analyst of AIM-Progress any more.")})
    if any(one.kind != Organisation.Kind.MEMBER or one.status == Organisation.Status.LEFT for one in organisations):
        raise ValidationError({"organisations": _("Only members that have not left are looked after.")})
    rows = [MemberAnalyst.objects.get_or_create(analyst=analyst, organisation=one) for one in organisations]
    new = [row for row, made in rows if made]
    if not new:
        raise ValidationError({"organisations": _("This analyst looks after them already.")})
    for row in new:
        announce("members.assign_member", row)
    return new


@service(Permission.ASSIGNMENT_EDIT)
def end_assignment(*, assignment: MemberAnalyst) -> User:
    """Take a member back from an analyst. Where nobody else looks after it, the whole team does again."""
    MemberAnalyst.objects.filter(pk=assignment.pk).delete()
    return assignment.analyst


def pass_on_members(user: User, heir: User | None) -> None:
    """Whoever stops being an analyst looks after nobody: `heir`, an analyst, takes over and is told, else nobody does.

    For use inside a service.
    """
    rows = MemberAnalyst.objects.select_for_update(of=("self",)).filter(analyst=user).order_by("organisation_id")
    theirs = set(MemberAnalyst.objects.filter(analyst=heir).values_list("organisation_id", flat=True)) if heir else set()
    passed = False
    for row in rows:
        if heir is None or row.organisation_id in theirs:
            announce("members.end_assignment", row)
            row.delete()
        else:
            row.analyst, passed = heir, True
            row.save(update_fields=["analyst"])
            announce("members.assign_member", row)
    if passed:
        announce("members.assign_members", heir)
