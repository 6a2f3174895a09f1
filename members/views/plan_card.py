"""The card to print: preview, what stands on it, and the paper. Opening it is logged; what is ticked is logged with it."""

from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from aimprogress.core.audit import record
from aimprogress.core.permissions import Permission
from aimprogress.web.pages import Access, DetailPage, Guarded
from members.forms.plans import CardForm
from members.models import EvacuationPlan, PlanStatus
from members.plan_card import Card, card, languages_for, without_card
from members.plan_seen import SeenPlan, url_of
from members.views.plans import AboutPlans

MOST_POINTS = 4
LONGEST = 60  # so that the card stays on one page, whatever is written in the plan


class PlanCard(AboutPlans, DetailPage):
    """One A4 page a language. It names no company, place or number unless a coordinator ticked it, and it expires."""

    permission = Permission.PLAN_READ
    noun = "plan"
    model = EvacuationPlan
    heading = _("Plan card")
    template_name = "members/plan_card.html"

    @property
    def action(self) -> str:
        """What the audit trail calls this look."""
        return "members.open_plan_card"

    def get_queryset(self) -> QuerySet:
        """Of the own organisation, of sites whose plan the reader may read: elsewhere there is no card."""
        mine = EvacuationPlan.objects.filter(organisation_id=self.actor.organisation_id)
        return mine.select_related("site__organisation", "assessment") if self.actor.may(Permission.SITE_EXACT) else mine.none()

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [
            *super().get_crumbs(),
            (_("Plans"), reverse("members:site_plans", args=[self.site.pk])),
            (self.object.title, url_of(self.object)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, today = self.object, timezone.localdate()
        in_date = plan.status == PlanStatus.APPROVED and plan.next_review_on is not None and plan.next_review_on >= today
        context = {"seen": SeenPlan(plan, plan.site, self.actor), "in_date": in_date, "back_url": url_of(plan)}
        context |= {"missing": without_card(plan.site.languages), "phone_url": self.phone_url()}
        return super().get_context_data(**context | (self.cards(plan.next_review_on, today) if in_date else {}) | kwargs)

    def phone_url(self, **more: str) -> str:
        """Where the same card is shown to be kept on a phone."""
        query = self.request.GET.copy()
        query.update(more)
        query.setdefault("made", "1")
        return f"{reverse('members:card_phone', args=[self.object.pk])}?{query.urlencode()}"

    def cards(self, longest: date, today: date) -> dict[str, Any]:
        """The form and the cards that follow from it; without a valid form no card."""
        languages = languages_for(self.site.languages)
        asked = self.request.GET if "made" in self.request.GET else None
        form = CardForm(
            asked, languages=languages, longest=longest, may_tick=self.actor.may(Permission.PLAN_EDIT),
            initial={"language": [languages[0][0]], "until": longest},
        )  # fmt: skip
        if form.is_bound and not form.is_valid():
            return {"form": form, "cards": []}
        chosen = form.cleaned_data if form.is_bound else {}
        shown = chosen.get("show") or []
        codes = chosen.get("language") or [languages[0][0]]
        record(self.action, subject=self.object, shown=",".join(shown), languages=",".join(codes))
        if "places" in shown or self.code_words:  # both stand in the encrypted places
            record("members.read_plan_places", subject=self.object)
        until = chosen.get("until") or longest
        return {"form": form, "until": until, "facts": shown, "cards": [self.card(code, until, today, shown) for code in codes]}

    def card(self, language: str, until: date, today: date, shown: list[str]) -> Card:
        return card(
            language, country=self.site.country, revision=self.object.revision, until=until, today=today,
            code_words=self.code_words, facts=self.facts(shown),
        )  # fmt: skip

    @cached_property
    def code_words(self) -> list[str]:
        """What people call to each other at the meeting points; they stand on every card."""
        return [point["code_word"] for point in self.object.assembly_points or [] if point.get("code_word")]

    def facts(self, shown: list[str]) -> list[tuple[str, str]]:
        """What the coordinator ticked, as (label, value); empty values are left out."""
        plan, places = self.object, [_short(point["name"]) for point in (self.object.assembly_points or [])[:MOST_POINTS]]
        seats = f"{plan.seats} × {plan.trips}" if plan.seats and plan.trips else ""
        ticked = {
            "org": [("company", _short(f"{self.site.organisation.short_name}, {self.site.name}"))],
            "counts": [("people", str(plan.expected_evacuees or "")), ("seats", seats), ("beds", str(plan.beds or ""))],
            "places": [("points", " · ".join(places)), ("destination", _short(plan.destination))],
        }
        return [(label, value) for key in shown for label, value in ticked[key] if value]


class CardOnPhone(PlanCard):
    """The same cards without the portal around them, to be kept on a phone by choice; `?keep=1` is the copy that is kept."""

    template_name = "members/card_phone.html"
    neutral = _("Card")

    @property
    def is_kept(self) -> bool:
        return "keep" in self.request.GET

    @property
    def action(self) -> str:
        return "members.keep_plan_card" if self.is_kept else "members.open_plan_card"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_kept=self.is_kept, keep_url=self.phone_url(keep="1"), **kwargs)


class CardWorker(Guarded, View):
    """The service worker of kept cards, at the address whose pages it may look after. It holds no data."""

    permission = Access.PUBLIC

    def get(self, request: HttpRequest) -> HttpResponse:
        text = Path(finders.find("js/card-sw.js")).read_text(encoding="utf-8")
        return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


def _short(words: str) -> str:
    return Truncator(words).chars(LONGEST)
