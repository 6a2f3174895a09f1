"""What the search page finds in this app."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.places.countries import country_name
from aimprogress.web.search import LIMIT, Hit, searchable
from members.filters import SiteFilterSet
from members.guidance import find
from members.models import Organisation, Site
from members.rows import SITE_ROWS


@searchable("site", _("Sites"), permission=Permission.SITE_READ, order=10)
def find_sites(actor: Actor, q: str) -> Iterable[Hit]:
    found = SiteFilterSet({"q": q}, queryset=Site.objects.order_by("organisation__short_name", "admin1_id", "number_in_area")).qs
    for row in SITE_ROWS.values(found)[:LIMIT]:
        site = SITE_ROWS.present(row, actor)
        yield Hit(site["name"], reverse("members:site", args=[site["id"]]), site["code"] or country_name(site["country"]))


@searchable("member", _("Members"), permission=Permission.DASHBOARD_READ, order=60)
def find_members(actor: Actor, q: str) -> Iterable[Hit]:
    """Members are found by the secretariat only: who else belongs is no secret, but there is no page of theirs to open."""
    if not actor.is_secretariat:
        return
    for member in Organisation.objects.filter(kind=Organisation.Kind.MEMBER, short_name__icontains=q)[:LIMIT]:
        yield Hit(member.short_name, f"{reverse('members:sites')}?organisation={member.pk}")


@searchable("guidance", _("Guidance"), permission=Permission.GUIDANCE_READ, order=50)
def find_guidance(actor: Actor, q: str) -> Iterable[Hit]:
    for item in find(q=q)[:LIMIT]:
        yield Hit(item.title, reverse("members:guidance_item", args=[item.code]), item.publisher)
