"""Whom a bulletin concerns, and who of them has confirmed it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from aimprogress.core.permissions import Role
from members.models import Bulletin, BulletinReceipt, Organisation, RoleGrant, Site


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a member is with a bulletin: coordinators, and how many of them confirmed it."""

    organisation: Organisation
    coordinators: int
    confirmed: int
    late: bool

    @property
    def is_complete(self) -> bool:
        return self.confirmed >= self.coordinators > 0


class Addressed:
    """The members in the Actor's sight with the countries of their open sites and their coordinators; three queries."""

    def __init__(self) -> None:
        members = Organisation.objects.filter(kind=Organisation.Kind.MEMBER, status=Organisation.Status.ACTIVE)
        self.members = {member.pk: member for member in members}
        self.countries: dict[UUID, set[str]] = defaultdict(set)
        for organisation_id, country in Site.objects.open().order_by().values_list("organisation_id", "country").distinct():
            self.countries[organisation_id].add(country)
        self.coordinators: dict[UUID, set[UUID]] = defaultdict(set)
        grants = RoleGrant.objects.in_force().filter(role=Role.MEMBER_COORDINATOR, user__is_active=True)
        for organisation_id, user_id in grants.values_list("organisation_id", "user_id"):
            self.coordinators[organisation_id].add(user_id)

    def of(self, bulletin: Bulletin) -> list[Organisation]:
        """The members whom a bulletin concerns."""
        wanted = set(bulletin.countries)
        return [member for pk, member in self.members.items() if not wanted or wanted & self.countries[pk]]


def concerns(bulletin: Bulletin, countries: Collection[str]) -> bool:
    """Whether a bulletin is for a member with open sites in `countries`."""
    return not bulletin.countries or bool(set(bulletin.countries) & set(countries))


def confirmed_by(bulletins: Iterable[Bulletin]) -> dict[UUID, dict[UUID, set[UUID]]]:
    """Bulletin -> organisation -> the users who confirmed it, as far as the Actor sees organisations."""
    found: dict[UUID, dict[UUID, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    rows = BulletinReceipt.objects.filter(bulletin__in=bulletins)
    for bulletin_id, organisation_id, user_id in rows.values_list("bulletin_id", "organisation_id", "user_id"):
        found[bulletin_id][organisation_id].add(user_id)
    return found


def standings(bulletin: Bulletin) -> list[Standing]:
    """Every member whom a bulletin concerns: who has not confirmed stands first."""
    addressed, confirmed = Addressed(), confirmed_by([bulletin])[bulletin.pk]
    over = bulletin.confirm_by is not None and bulletin.confirm_by < timezone.now()
    found = []
    for member in addressed.of(bulletin):
        asked = addressed.coordinators[member.pk]
        done = len(asked & confirmed[member.pk])
        found.append(Standing(member, len(asked), done, over and done < len(asked)))
    return sorted(found, key=lambda one: (one.is_complete, one.organisation.short_name))


def waiting_for(user_id: UUID | None, organisation_id: UUID | None) -> list[Bulletin]:
    """The bulletins that a coordinator should still confirm."""
    asked = Bulletin.objects.in_force().exclude(level=Bulletin.Level.INFO)
    done = BulletinReceipt.objects.filter(user_id=user_id, organisation_id=organisation_id)
    asked = asked.exclude(pk__in=done.values("bulletin_id"))
    asked = list(asked[:100])
    if not any(bulletin.countries for bulletin in asked):
        return asked
    own = Site.objects.filter(organisation_id=organisation_id).open().order_by().values_list("country", flat=True).distinct()
    return [bulletin for bulletin in asked if concerns(bulletin, set(own))]
