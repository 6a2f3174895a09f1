"""The first page of the day: what changed, what is late, the figures. One page for a member, one for the AIM-Progress team."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.freshness import Fact, freshness, in_bands
from aimprogress.figures.moment import as_of
from aimprogress.figures.registry import FigureScope, figure_kind, list_link, measure_all
from aimprogress.places.countries import country_name
from aimprogress.web.looking_back import LooksBack
from aimprogress.web.pages import ActionPage, Column, ListPage
from aimprogress.web.statuses import mark_of
from members.access import note_first_page
from members.changes import SHOWN, Changes, changes_since
from members.desk import desks_of, late_to_remind, with_others, works_at_desk
from members.figures import coverage, sites_of
from members.map import Link, map_context, saves_data
from members.models import CheckIn, Organisation, OtherAnswers, Site, StatusGroup
from members.rows import SITE_ROWS
from members.services.follow_ups import follow_up_check_in, may_acknowledge
from members.standing import LATE, WORST_FIRST, urgency
from members.trend import twelve_weeks

HEADLINE = (
    "people.accounted_rate",
    "sites.checked_in",
    "plans.adequate",
    "people.paid_full_rate",
    "actions.open",
    "issues.salient",
)
ALARMS = (
    ("help.open", "evac", ngettext_lazy("site where someone needs help", "sites where someone needs help")),
    ("calls.due", "lost", ngettext_lazy("site that has to be called", "sites that have to be called")),
    ("sites.evacuating", "evac", ngettext_lazy("evacuation under way", "evacuations under way")),
    ("roll_calls.late", "evac", ngettext_lazy("roll call with an overdue round", "roll calls with an overdue round")),
    ("roll_calls.open", "reduced", ngettext_lazy("roll call open", "roll calls open")),
    ("sites.awaiting_return", "reduced", ngettext_lazy("site not cleared to return", "sites not cleared to return")),
    ("sites.silent", "lost", ngettext_lazy("site out of contact", "sites out of contact")),
    ("plans.waiting", "reduced", ngettext_lazy("plan waits for approval", "plans wait for approval")),
    ("plans.missing", "reduced", ngettext_lazy("site without an adequate plan", "sites without an adequate plan")),
    ("drills.overdue", "reduced", ngettext_lazy("drill overdue", "drills overdue")),
    ("actions.overdue", "reduced", ngettext_lazy("safety action overdue", "safety actions overdue")),
)
LATE_SHOWN = 6
WAFFLE_AT_MOST = 121
GRAVEST_FIRST = (
    StatusGroup.EVACUATED, StatusGroup.NO_CONTACT, StatusGroup.PAUSED, StatusGroup.REDUCED, StatusGroup.MOVED,
    StatusGroup.OPERATING, StatusGroup.CLOSED,
)  # fmt: skip


class FirstPage(LooksBack, TemplateView):
    """What changed, what is late and the figures, within the scope that a page of it says."""

    permission = Permission.DASHBOARD_READ
    sensitive = True
    neutral = _("Overview")
    section = "overview"
    who = "site"

    def get_organisations(self) -> frozenset[UUID] | None:
        """Whose sites are told of. None: all that the reader may see."""
        return None

    def get_scope(self) -> FigureScope:
        """`?country=` narrows every figure and its list alike."""
        country = self.request.GET.get("country", "")
        known = country if country_name(country) != country else None
        return FigureScope(organisations=self.get_organisations(), country=known)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scope = self.get_scope()
        found = measure_all(scope)
        groups = [(group, found[f"sites.group.{group.value}"]) for group in StatusGroup]
        sites = sites_of(scope)
        now = {group.value: figure.value for group, figure in groups}
        whole = map_context(sites, self.request, self.list_of(scope), now=scope.as_of)
        shown = None if "changes" in self.request.GET else SHOWN
        changes = None if as_of() else changes_since(note_first_page(self.request.user), self.actor, shown=shown)
        unchanged = self.list_of(scope)(unchanged_since=changes.since.isoformat()) if changes else ""
        late = late_sites(scope, self.actor)
        desks = {} if as_of() else desks_of({row["id"] for row in late} | site_ids(changes), self.actor)
        return super().get_context_data(
            scope=scope, changes=changes, changes_link=list_link(self.request.path, country=scope.country, changes="all"),
            unchanged_link=unchanged, sites_link=self.list_of(scope)(),
            headline=[(figure_kind(name).title, found[name]) for name in HEADLINE if name in found],
            alarms=[
                (found[name], mark, words % found[name].value)
                for name, mark, words in ALARMS
                if name in found and found[name].value
            ],
            groups=groups, total=sum(figure.value for _group, figure in groups), coverage=coverage(scope),
            late=late, desks=desks, may_round=works_at_desk(self.actor),
            to_remind=0 if as_of() else len(late_to_remind(late_of(scope), self.actor)),
            late_link=self.list_of(scope)(freshness=LATE),
            left_out_link=self.list_of(scope)(counted="false"),
            follow_ups=[] if as_of() else open_follow_ups(self.actor)[:5], waffle=drawn_one_by_one(groups),
            trend=None if saves_data(self.request) else twelve_weeks(scope, now, self.list_of(scope)), **whole, **kwargs,
        )  # fmt: skip

    def list_of(self, scope: FigureScope) -> Link:
        """The list of sites within the same scope."""
        kept = {"country": scope.country}
        return lambda **filters: list_link(reverse("members:sites"), **(kept | filters))


class Overview(FirstPage):
    """A member's first page."""

    heading = _("Overview")
    template_name = "members/overview.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The team has no sites of its own: its first page is the dashboard, with the same question."""
        if self.actor.is_secretariat:
            return redirect(reverse("members:dashboard", query=request.GET))
        return super().get(request, *args, **kwargs)

    def get_organisations(self) -> frozenset[UUID]:
        return frozenset({self.actor.organisation_id})


class Dashboard(FirstPage):
    """The AIM-Progress team's first page: all members, at reduced precision."""

    heading = _("All members")
    template_name = "members/dashboard.html"

    def refuse(self, request: Any) -> Any:
        answer = super().refuse(request)
        if answer is None and not request.actor.is_secretariat:
            raise PermissionDenied
        return answer


def late_of(scope: FigureScope) -> QuerySet:
    """The open sites whose report is late, those never heard of among them."""
    return sites_of(scope).open().filter(in_bands(LATE, Fact.STATUS, now=scope.as_of))


def late_sites(scope: FigureScope, actor: Any) -> list[dict[str, Any]]:
    """The worst of the sites whose report is late, in the order of the call round, named as the reader may name them."""
    late = late_of(scope).annotate(urgency=urgency(now=scope.as_of)).order_by(*WORST_FIRST)
    found = []
    for row in SITE_ROWS.values(late)[:LATE_SHOWN]:
        age = freshness(Fact.STATUS, observed_at=row["current_status_at"], alert_level=row["alert_level"], now=scope.as_of)
        late_by = _late_by(age.overdue_hours) if row["current_status_at"] else gettext("never reported")
        found.append(SITE_ROWS.present(row, actor) | {"overdue_hours": age.overdue_hours, "late_by": late_by})
    return found


def site_ids(changes: Changes | None) -> set[UUID]:
    """The sites whose changes are shown."""
    classes = (changes.danger, changes.worse, changes.better) if changes else ()
    return {change.site_id for one in classes for change in one.shown}


def _late_by(hours: Decimal) -> str:
    """ "4 d 2 h", or "23.5 h" within the first two days."""
    if hours < 48:
        return gettext("%(hours)s h") % {"hours": localize(hours)}
    days, rest = divmod(int(hours), 24)
    return gettext("%(days)s d %(hours)s h") % {"days": days, "hours": rest}


def drawn_one_by_one(groups: list[tuple[StatusGroup, Any]]) -> list[tuple[str, str]]:
    """One mark a site, the gravest first; nothing where there are too many to look at one by one."""
    numbers = {group: figure.value for group, figure in groups}
    if sum(numbers.values()) > WAFFLE_AT_MOST:
        return []
    return [(mark_of(group).key, mark_of(group).icon) for group in GRAVEST_FIRST for _one in range(numbers[group])]


def open_follow_ups(actor: Actor) -> QuerySet:
    """Check-ins that left something open, calls for help first; of sites that a colleague follows up only calls for help."""
    help_ = Q(follow_up=CheckIn.FollowUp.HELP, followed_up_at=None)
    mine = CheckIn.objects.filter(help_ | ~Q(site__in=with_others(actor)))
    ranked = mine.annotate(is_help=ExpressionWrapper(help_, BooleanField()))
    return with_something_open(ranked).order_by("-is_help", "received_at", "id")


def with_something_open(check_ins: QuerySet) -> QuerySet:
    """Follow-ups that nobody has taken on, text lines that nobody has confirmed, and what was sent twice (`other_id`)."""
    other = OtherAnswers.objects.filter(check_in=OuterRef("pk"), settled="").order_by("id").values("pk")[:1]
    waiting = check_ins.annotate(other_id=Subquery(other))
    left = Q(~Q(follow_up=""), followed_up_at=None) | ~Q(also_open=[])
    line = Q(channel=CheckIn.Channel.LINE, confirmed_at=None, put_aside_at=None)
    return waiting.filter(left | line | Q(other_id__isnull=False)).select_related("site")


def followed_up_by(actor: Actor) -> QuerySet:
    """The check-ins whose follow-ups `actor` may take on: of an analyst's members only calls for help."""
    theirs = CheckIn.objects.filter(organisation_id__in=actor.writes)
    return theirs if actor.may(Permission.SITE_STATUS_LOG) else theirs.filter(follow_up=CheckIn.FollowUp.HELP)


class FollowUps(ListPage):
    """What check-ins left open, for the coordinator; calls for help for the analysts who look after the member as well."""

    permission = Permission.FOLLOW_UP_CLOSE
    sensitive = True
    heading = _("Follow-ups")
    neutral = _("Follow-ups")
    section = "overview"
    who = "site"
    template_name = "members/follow_ups.html"
    row_template = "members/_follow_up_row.html"
    orderings = {"newest": ("-received_at", "-id")}
    columns = (Column(_("Site")), Column(_("What is open")), Column(_("Since")), Column(""))
    empty_heading = _("Nothing is open")
    empty_text = _("What a check-in leaves open appears here: a call for help, people not reached, a missing reason.")

    def get_queryset(self) -> QuerySet:
        waiting = with_something_open(followed_up_by(self.actor))
        return waiting if self.actor.may(Permission.SITE_STATUS_LOG) else waiting.filter(followed_up_at=None)

    def prepare_rows(self, rows: list[CheckIn]) -> list[CheckIn]:
        """The sites as the reader may name them."""
        sites = SITE_ROWS.values(Site.objects.filter(pk__in=[row.site_id for row in rows]))
        names = {row["id"]: SITE_ROWS.present(row, self.actor)["name"] for row in sites}
        for row in rows:
            row.site_name = names[row.site_id]
        return rows


class CloseFollowUp(ActionPage):
    """A person has taken on one thing that a check-in left open (`?what=`); the phone that asked for help says so."""

    service = follow_up_check_in
    queryset = CheckIn.objects.all()
    noun = "check_in"
    sensitive = True
    who = "site"
    neutral = _("Follow-ups")
    section = "overview"
    question = _("Have you taken care of it?")
    verb = _("I have taken it on")
    success_message = _("Noted.")

    def get_queryset(self) -> QuerySet:
        return followed_up_by(self.actor).select_related("site")

    @property
    def what(self) -> str:
        if not self.actor.may(Permission.SITE_STATUS_LOG):
            return CheckIn.FollowUp.HELP
        return self.request.GET.get("what", "") or next(iter(self.object.left_open), "")

    def get_arguments(self) -> dict[str, Any]:
        return {"what": self.what}

    def get_back_url(self) -> str:
        return reverse("members:follow_ups")

    def get_success_url(self) -> str:
        return self.get_back_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        explanation = CheckIn.FollowUp(self.what).label if self.what in self.object.left_open else _("Somebody has taken it on.")
        more: dict[str, Any] = {"explanation": explanation}
        if explanation == CheckIn.FollowUp.HELP.label:
            more["explanation"] = _("The person who reported it will read that somebody has taken it on.")
            if not may_acknowledge(self.object):
                more = {
                    "explanation": _("A call for help is taken on by a coordinator who did not send it."),
                    "not_offered": True,
                }
        return super().get_context_data(**more | kwargs)


class Members(ListPage):
    """The members, for the AIM-Progress team; a member sees who belongs, nothing more."""

    permission = Permission.MEMBER_READ
    heading = _("Members")
    row_template = "members/_member_row.html"
    orderings = {"name": ("short_name", "id")}
    columns = (Column(_("Member")), Column(_("Sector")))

    def get_queryset(self) -> QuerySet:
        return Organisation.objects.filter(kind=Organisation.Kind.MEMBER)
