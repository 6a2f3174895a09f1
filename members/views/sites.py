"""Sites: the list (table and map), one site with its story, and its own data."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.audit import record
from aimprogress.core.permissions import Permission
from aimprogress.figures.freshness import Fact, freshness
from aimprogress.figures.moment import as_of, moment
from aimprogress.figures.percent import as_percent
from aimprogress.figures.precision import STRICT_STATES, Precision, sees_strict
from aimprogress.figures.registry import list_link
from aimprogress.places.area_status import status_on
from aimprogress.places.countries import country_name
from aimprogress.places.models import AdminArea
from aimprogress.web.looking_back import LooksBack
from aimprogress.web.pages import Column, DetailPage, ListPage, ServicePage
from members.desk import works_at_desk
from members.filters import SiteFilterSet
from members.forms.sites import SiteForm
from members.headcounts import LABELS, State
from members.map import map_context
from members.models import (
    ENDED,
    ContractGroup,
    Gender,
    HeadCount,
    Organisation,
    Overlay,
    Site,
)
from members.panels import conditions_panel, plans_panel, roll_call_panel
from members.rows import HEAD_COUNT_ROWS, LEVEL_WORDS, SITE_ROWS, by_place
from members.services import sites as services
from members.standing import shown_group
from members.story import by_day, story
from members.trend import thirty_days


def has_five_states(site: Site, count: HeadCount) -> bool:
    """Whether nothing is known of the four strict states: the safety profile never counts them, or they were erased since."""
    return site.safety_profile or bool(count.forgotten)


def reads_strict(actor: Actor, count: HeadCount) -> bool:
    """Whether `actor` may read the strict states of this count, of its own organisation or typed by itself."""
    typed = {"reported_by_id": count.reported_by_id, "check_in_id": count.check_in_id}
    return sees_strict(actor, {"organisation_id": count.organisation_id}, typed)


SITES = Site.objects.select_related("organisation", "admin1", "area", "settlement")


def shown_site(site: Site, actor: Actor) -> dict[str, Any]:
    """The site's row at the actor's precision: its name may be a reduced one."""
    return SITE_ROWS.present(SITE_ROWS.values(Site.objects.filter(pk=site.pk)).get(), actor)


class AboutOneSite:
    """A page about a site, or about a row of one."""

    actor: Actor
    object: Any

    @property
    def site(self) -> Site:
        return self.object if isinstance(self.object, Site) else self.object.site

    @cached_property
    def site_name(self) -> str:
        """As the reader may read it."""
        return shown_site(self.site, self.actor)["name"]


class BelowSites:
    """A list of sites below the one of all, in the same order."""

    actor: Actor

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Sites"), reverse("members:sites"))]

    @property
    def orderings(self) -> dict[str, tuple[str, ...]]:
        return {"place": by_place(self.actor)}


class SiteList(LooksBack, ListPage):
    """All sites in scope. Outside the own organisation the order is by member and region: an order by name would tell names."""

    permission = Permission.SITE_READ
    sensitive = True
    heading = _("Sites")
    neutral = _("Sites")
    section = "sites"
    who = "site"
    template_name = "members/site_list.html"
    list_template = "members/site_list.html#list"
    row_template = "members/_site_row.html"
    filterset_class = SiteFilterSet
    export_noun = "sites"
    columns = (
        Column(_("Site"), ordering="name"),
        Column(_("Status")),
        Column(_("Last report"), ordering="oldest"),
        Column(_("Alert")),
        Column(_("People accounted for"), "n"),
        Column(_("Plan")),
    )
    empty_heading = _("No sites yet")
    empty_text = _("A site is any place where people work for you: a plant, a depot, an office, a team at home.")

    @property
    def orderings(self) -> dict[str, tuple[str, ...]]:
        return {"name": by_place(self.actor), "oldest": ("current_status_at", "id")}

    def get_queryset(self) -> QuerySet:
        return SITE_ROWS.values(Site.objects.all(), also=("organisation__short_name", "current_status_at"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With `?view=map` the same filtered sites stand on the map, above their list."""
        context = super().get_context_data(**kwargs)
        if self.request.GET.get("view") == "map" and context["rows"]:
            sites = self.filterset_class(self.request.GET, queryset=Site.objects.all(), request=self.request).qs
            context |= map_context(sites, self.request, self.list_of, now=moment(), view="map")
        return context

    def list_of(self, **filters: Any) -> str:
        """This list with some filters changed, back in the table."""
        kept = {name: self.request.GET.getlist(name) for name in self.request.GET if name not in ("view", "after", "before")}
        return list_link(self.request.path, **(kept | filters))

    def has_ticks(self) -> bool:
        """Own sites that work goes on at are reminded and handed over together; of the past there is nothing to do."""
        return works_at_desk(self.actor) and self.actor.may(Permission.SITE_EDIT) and not as_of()

    def get_empty_action(self) -> tuple[Any, str] | None:
        return (_("Add a site"), reverse("members:site_add")) if self.actor.may(Permission.SITE_EDIT) else None

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate(moment())
        found = []
        for row in rows:
            shown = SITE_ROWS.present(row, self.actor)
            late = bool(shown["plan_review_on"] and shown["plan_review_on"] < today)
            mine = self.actor.owns(row["organisation_id"]) and shown["operational"] not in ENDED
            found.append(shown | {"alert_word": LEVEL_WORDS[shown["alert_level"]], "plan_is_late": late, "can_be_chosen": mine})
        return found


class SitePage(LooksBack, DetailPage):
    """One site: where it stands, what happened, and what the apps above add."""

    permission = Permission.SITE_READ
    sensitive = True
    neutral = _("Site")
    section = "sites"
    who = "site"
    noun = "site"
    queryset = SITES
    template_name = "members/site.html"

    @cached_property
    def shown(self) -> dict[str, Any]:
        return shown_site(self.object, self.actor)

    def get_heading(self) -> str:
        return self.shown["name"]

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Sites"), reverse("members:sites"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        site, now, then = self.object, moment(), as_of()
        own = self.actor.owns(site.organisation_id)
        exact = self.shown["precision"] == Precision.EXACT
        site.area_standing = status_on(self.known_area(), timezone.localdate(now))  # kept for the panels: they need it as well
        status_age = freshness(Fact.STATUS, observed_at=site.current_status_at, alert_level=site.alert_level, now=now)
        count_age = freshness(Fact.HEAD_COUNT, observed_at=site.current_headcount_at, alert_level=site.alert_level, now=now)
        return super().get_context_data(
            shown=self.shown, own=own, may_act=own and not then, exact=exact,
            group=shown_group(site.current_operational, status_age.band), status_age=status_age, count_age=count_age,
            alert_word=LEVEL_WORDS[site.alert_level], area_standing=site.area_standing,
            country=country_name(site.country), month=thirty_days(site, now=now), head_count=self.head_count() if exact else None,
            splits=self.splits(),
            accounted=as_percent(site.current_accounted, site.current_expected) if site.current_expected and exact else "",
            days=by_day(story(site, self.actor, as_of=then)),
            may_change_level=not then and site.organisation_id in self.actor.writes and self.actor.acts_at(site.pk)
            and self.actor.may(Permission.ALERT_RAISE),
            may_correct=own and not then and self.actor.may(Permission.SITE_STATUS_LOG) and self.actor.acts_at(site.pk),
            **kwargs,
        )  # fmt: skip

    def get_panels(self) -> list[SafeString]:
        """What the apps add is of now: of then what has a log is shown, and what has none is named."""
        if not as_of():
            return super().get_panels()
        of_then = [show(self.request, self.object) for show in (roll_call_panel, conditions_panel, plans_panel)]
        of_now = render_to_string("members/_only_of_now.html", {"site": self.object}, self.request)
        return [*filter(None, of_then), of_now]

    def known_area(self) -> AdminArea:
        """The smallest area that the reader may know: the status of a raion would tell which raion it is."""
        near = Precision(self.shown["precision"]).reaches(Precision.ADM2)
        return self.object.area if near and self.object.area else self.object.admin1

    def head_count(self) -> list[tuple[str, Any]]:
        """The states for the own coordinators, and for the reporter who typed them; reading the strict ones is logged.

        All nine or none: with the number expected, five of them tell the sum of the other four. A site with a safety profile
        has no others.
        """
        count = HeadCount.objects.filter(pk=self.object.current_headcount_id).first()
        if count is None:
            return []
        if has_five_states(self.object, count):
            return [(LABELS[State(code)], number) for code, number in count.states.items() if code not in STRICT_STATES]
        if not reads_strict(self.actor, count):
            return []
        record("members.read_strict_counts", subject=self.object)
        return [(LABELS[State(code)], number) for code, number in count.states.items()]

    def splits(self) -> list[tuple[str, list[tuple[Any, Any]]]]:
        """The people expected by contract group and gender, and what is counted beside the states, as the reader may know it."""
        found = HEAD_COUNT_ROWS.values(HeadCount.objects.filter(pk=self.object.current_headcount_id)).first()
        if found is None or not self.actor.may(Permission.HEADCOUNT_READ):
            return []
        shown = HEAD_COUNT_ROWS.present(found, self.actor)
        tables = (
            (gettext("By contract"), ContractGroup, shown["by_contract"]), (gettext("By gender"), Gender, shown["by_gender"]),
            (gettext("Beside the states"), Overlay, shown["overlays"]),
        )  # fmt: skip
        return [(name, [(one.label, said[one]) for one in codes if one in said]) for name, codes, said in tables if said]


class OfSite:
    """A desk form about a site of the own organisation; for everybody else the site is not there."""

    sensitive = True
    neutral = _("Site")
    section = "sites"
    who = "site"
    noun = "site"
    model = Site
    object: Site
    actor: Actor

    def get_queryset(self) -> QuerySet:
        return Site.objects.filter(organisation_id=self.actor.organisation_id)

    @cached_property
    def site_name(self) -> str:
        """As the reader may read it."""
        if self.actor.owns(self.object.organisation_id):
            return self.object.name
        return shown_site(self.object, self.actor)["name"]

    def get_lead(self) -> str:
        return self.site_name if self.object else ""

    def get_crumbs(self) -> list[tuple[Any, str]]:
        crumbs: list[tuple[Any, str]] = [(_("Sites"), reverse("members:sites"))]
        return [*crumbs, (self.site_name, self.get_back_url())] if self.object else crumbs

    def get_back_url(self) -> str:
        return reverse("members:site", args=[self.object.pk])

    def get_success_url(self) -> str:
        return self.get_back_url()


class AddSite(OfSite, ServicePage):
    service = services.register_site
    form_class = SiteForm
    heading = _("Add a site")
    submit = _("Add")
    success_message = _("The site was added.")

    def get_arguments(self, form: SiteForm) -> Mapping[str, Any]:
        return form.arguments() | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}

    def get_success_url(self) -> str:
        return reverse("members:site", args=[self.saved.pk])


class ChangeSite(OfSite, ServicePage):
    service = services.change_site
    form_class = SiteForm
    heading = _("Change the site")
    success_message = _("The site was changed.")

    def get_arguments(self, form: SiteForm) -> Mapping[str, Any]:
        return form.arguments()
