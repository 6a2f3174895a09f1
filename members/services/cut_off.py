"""The panic action: close every way in of a member or a country at once; only two people together open it again."""

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import SYSTEM, acting_as, current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission, Role
from aimprogress.core.services import service
from members.models import ApiKey, CutOff, Device, Invitation, Organisation, RoleGrant, Site

from .leavers import end_sessions


@service(Permission.PEOPLE_MANAGE)
def cut_off_access(*, organisation: Organisation | None, country: str, reason: str) -> CutOff:
    """Roles, keys, phones, open invitations and sessions count for nothing from this moment on.

    Of `organisation` whole; with `country` only of those who report from its sites there; a country without an organisation
    (administrators only) means every member's. A coordinator who cuts off the own organisation is out as well.
    """
    _may(organisation)
    if organisation is not None and organisation.kind == Organisation.Kind.SECRETARIAT:
        raise ValidationError({"organisation": _("The team that gives access back cannot be cut off itself.")})
    cut_off = CutOff(organisation=organisation, country=country, reason=reason, cut_by_id=current_actor().user_id)
    cut_off.full_clean(exclude={"cut_by"})
    whose = Organisation.objects.filter(pk=organisation.pk) if organisation else Organisation.objects.all()
    list(whose.select_for_update(no_key=True).order_by("pk"))  # nobody is let in meanwhile: `refuse_what_is_cut_off` waits
    cut_off.save(force_insert=True)
    roles, waiting = (_concerned(rows, cut_off) for rows in (RoleGrant.objects.in_force(), Invitation.objects.all()))
    people = set(roles.values_list("user_id", flat=True))
    _keys(ApiKey.objects.filter(cut_off=None), cut_off, people).update(cut_off=cut_off)
    roles.update(cut_off=cut_off)
    waiting.filter(accepted_at=None, revoked_at=None).update(revoked_at=timezone.now())
    end_sessions(people)
    with acting_as(SYSTEM):  # for good: at their next contact the phones delete what they hold
        phones = Device.objects.filter(organisation=organisation) if organisation is not None else Device.objects.all()
        (phones.filter(site__country=country) if country else phones).end(Device.Ended.CUT_OFF)
    return cut_off


@service(Permission.PEOPLE_MANAGE)
def ask_to_restore(*, cut_off: CutOff) -> CutOff:
    """The first of two people says that access may be given back. Nothing opens yet."""
    _still_cut_off(cut_off)
    cut_off.restore_asked_by_id, cut_off.restore_asked_at = current_actor().user_id, timezone.now()
    cut_off.save(update_fields=["restore_asked_by", "restore_asked_at"])
    return cut_off


@service(Permission.PEOPLE_MANAGE)
def restore_access(*, cut_off: CutOff) -> CutOff:
    """The second person agrees: the roles and keys that were closed count again. Sessions and invitations stay ended.

    What another cut-off closes as well stays closed until that is given back, too.
    """
    list(CutOff.objects.open().select_for_update().order_by("pk"))  # two that overlap are not given back past each other
    _still_cut_off(cut_off)
    if cut_off.restore_asked_by_id is None:
        raise Conflict(_("Somebody has to ask for it first; another person then agrees."))
    if cut_off.restore_asked_by_id == current_actor().user_id:
        raise Conflict(_("You asked for it. Another person has to agree."))
    cut_off.restored_by_id, cut_off.restored_at = current_actor().user_id, timezone.now()
    cut_off.save(update_fields=["restored_by", "restored_at"])
    roles, keys = RoleGrant.objects.filter(cut_off=cut_off), ApiKey.objects.filter(cut_off=cut_off)
    for other in CutOff.objects.open():
        still = _concerned(roles, other)
        people = set(still.values_list("user_id", flat=True))
        _keys(keys, other, people).update(cut_off=other)
        still.update(cut_off=other)
    for closed in (roles, keys):
        closed.update(cut_off=None)
    return cut_off


def _keys(rows: QuerySet, cut_off: CutOff, people: set[UUID]) -> QuerySet:
    """The keys that a cut-off is about. Of a country: those that the people concerned made."""
    if cut_off.organisation_id:
        rows = rows.filter(organisation=cut_off.organisation_id)
    return rows.filter(created_by__in=people) if cut_off.country else rows


def _concerned(rows: QuerySet, cut_off: CutOff) -> QuerySet:
    """The roles or invitations that a cut-off is about. Of a country: those for a site there."""
    if cut_off.organisation_id:
        rows = rows.filter(organisation=cut_off.organisation_id)
    if cut_off.country:
        rows = rows.filter(site_ids__overlap=_sites_in(cut_off))
    return rows


def _sites_in(cut_off: CutOff) -> list[UUID]:
    """An administrator reads no site; which ones are meant the portal looks up itself."""
    with acting_as(SYSTEM):
        mine = Q(organisation=cut_off.organisation_id) if cut_off.organisation_id else Q()
        return list(Site.objects.filter(mine, country=cut_off.country).values_list("pk", flat=True))


def _still_cut_off(cut_off: CutOff) -> None:
    _may(cut_off.organisation)
    locked = CutOff.objects.select_for_update().get(pk=cut_off.pk)
    if locked.restored_at is not None:
        raise Conflict(_("Access was given back already."))
    cut_off.restore_asked_by_id = locked.restore_asked_by_id


def _may(organisation: Organisation | None) -> None:
    actor = current_actor()
    everywhere = actor.kind == "system" or Role.AIM_ADMIN in actor.roles
    if not everywhere and (organisation is None or organisation.pk != actor.organisation_id):
        raise PermissionDenied
