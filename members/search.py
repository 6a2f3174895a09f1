"""What the search page finds in this app."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.places.countries import country_name
from aimprogress.web.search import LIMIT, Hit, searchable
from members.filters import SiteFilterSet
from members.guidance import find
from members.models import Bulletin, Meeting, Organisation, Site, SupportCase
from members.rows import SITE_ROWS
from members.support_filters import BulletinFilterSet, CaseFilterSet, MeetingFilterSet


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


@searchable("bulletin", _("Bulletins"), permission=Permission.BULLETIN_READ, order=52)
def find_bulletins(actor: Actor, q: str) -> Iterable[Hit]:
    for bulletin in BulletinFilterSet({"q": q}, queryset=Bulletin.objects.order_by("-issued_at", "-id")).qs[:LIMIT]:
        yield Hit(bulletin.title, reverse("members:bulletin", args=[bulletin.pk]), bulletin.get_level_display())


@searchable("case", _("Support cases"), permission=Permission.CASE_READ, order=54)
def find_cases(actor: Actor, q: str) -> Iterable[Hit]:
    cases = SupportCase.objects.select_related("organisation").order_by("-opened_at", "-id")
    for case in CaseFilterSet({"q": q}, queryset=cases).qs[:LIMIT]:
        yield Hit(case.summary, reverse("members:case", args=[case.pk]), _whose(str(case), case, actor))


@searchable("meeting", _("Meetings"), permission=Permission.MEETING_READ, order=56)
def find_meetings(actor: Actor, q: str) -> Iterable[Hit]:
    meetings = Meeting.objects.select_related("organisation").order_by("-held_on", "-id")
    for meeting in MeetingFilterSet({"q": q}, queryset=meetings).qs[:LIMIT]:
        day = date_format(meeting.held_on, "SHORT_DATE_FORMAT")
        yield Hit(meeting.topic, reverse("members:meeting", args=[meeting.pk]), _whose(day, meeting, actor))


def _whose(text: str, row: SupportCase | Meeting, actor: Actor) -> str:
    """The team reads of which member it is."""
    return f"{text} · {row.organisation.short_name}" if actor.is_secretariat else text


@searchable("guidance", _("Guidance"), permission=Permission.GUIDANCE_READ, order=50)
def find_guidance(actor: Actor, q: str) -> Iterable[Hit]:
    for item in find(q=q)[:LIMIT]:
        yield Hit(item.title, reverse("members:guidance_item", args=[item.code]), item.publisher)
