"""What of the guidance library applies at a site now, and what was said about it, as a reader may know the place."""

from dataclasses import dataclass

from django.utils import timezone

from aimprogress.core.actor import Actor
from aimprogress.places.area_status import status_on
from members.guidance import Item, applying, facts_of
from members.models import GuidanceMark, Site


@dataclass(frozen=True, slots=True)
class Applied:
    """An item at a site, with what was said last about it. `is_new`: it changed since."""

    item: Item
    mark: GuidanceMark | None = None

    @property
    def is_new(self) -> bool:
        return self.mark is not None and self.mark.item_version < self.item.version

    @property
    def is_open(self) -> bool:
        return self.mark is None or self.is_new

    @property
    def is_settled(self) -> bool:
        return not self.is_open and self.mark.mark != GuidanceMark.Mark.READ


def applied_at(site: Site, actor: Actor) -> list[Applied]:
    """What applies at a site now, as far as `actor` knows the place: open first, settled last."""
    items = applying(facts_of(site, _area_status(site, actor)))
    said = {mark.item: mark for mark in GuidanceMark.objects.filter(site=site).latest()} if items else {}
    found = [Applied(item, said.get(item.code)) for item in items]
    return sorted(found, key=lambda one: (not one.is_open, one.is_settled))


def _area_status(site: Site, actor: Actor) -> str:
    """What the official list says of the area that `actor` may know. The page of a site has looked it up already."""
    standing = getattr(site, "area_standing", None)
    if standing is None:
        near = actor.owns(site.organisation_id) and site.area_id
        standing = status_on(site.area if near else site.admin1, timezone.localdate())
    return standing.status
