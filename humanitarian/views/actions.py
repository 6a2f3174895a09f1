"""Safety actions: list, board, one action, its proof, new ones."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.downloads import download
from aimprogress.core.permissions import Permission
from aimprogress.core.uploads import LARGEST_EVIDENCE, receive_evidence
from aimprogress.figures.registry import FigureScope, measure
from aimprogress.web.forms import DateInput
from aimprogress.web.pages import Column, DetailPage, ListPage, Page, ServicePage
from aimprogress.web.uploads import UploadPage
from humanitarian.filters import SafetyActionFilterSet
from humanitarian.models import SafetyAction
from humanitarian.origins import named
from humanitarian.rows import ACTION_ROWS
from humanitarian.services import actions as services
from humanitarian.services.gaps import closed_by_plan
from humanitarian.wording import in_the_readers_language
from members.models import Site

NO_NAMES = _("No names, no exact places.")
STATUS_ICONS = {
    SafetyAction.Status.OPEN: "clock", SafetyAction.Status.IN_PROGRESS: "reduced", SafetyAction.Status.BLOCKED: "paused",
    SafetyAction.Status.DONE: "ok", SafetyAction.Status.CANCELLED: "closed",
}  # fmt: skip
TOLD = {1: _("owner told"), 7: _("coordinator told"), 14: _("AIM-Progress told")}
VIEWS = [
    ("open", _("Open")),
    ("overdue", _("Overdue")),
    ("week", _("Due within a week")),
    ("blocked", _("Blocked")),
    ("done", _("Done")),
]
ON_BOARD = (SafetyAction.Status.OPEN, SafetyAction.Status.IN_PROGRESS, SafetyAction.Status.BLOCKED, SafetyAction.Status.DONE)
CARDS = 25
DONE_SHOWN_DAYS = 30


class ActionForm(forms.ModelForm):
    class Meta:
        model = SafetyAction
        fields = ["title", "type", "owner_role", "due_on", "status", "blocked_by", "evidence", "effect"]
        widgets = {"due_on": DateInput()}
        help_texts = {
            "title": NO_NAMES,
            "evidence": _("A photo seen, an invoice, an inspection: one line."),
            "effect": _("Did people become safer by it? Ask them, and come back to it after some weeks."),
        }


class NewActionForm(forms.ModelForm):
    """A new action: what, who, until when. The site comes from the page or is chosen."""

    site = forms.ModelChoiceField(label=_("Site"), queryset=Site.objects.none())

    class Meta:
        model = SafetyAction
        fields = ["site", "title", "type", "owner_role", "due_on"]
        widgets = {"due_on": DateInput()}
        help_texts = {"title": NO_NAMES}

    def __init__(self, *args: Any, sites: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites


class AboutForm(forms.Form):
    """What a new action is about, from the address of the page that led here."""

    origin = forms.ChoiceField(choices=SafetyAction.Origin.choices[1:])
    origin_id = forms.UUIDField()
    origin_key = forms.CharField(required=False, max_length=40)


class EvidenceForm(forms.Form):
    file = forms.FileField(
        label=_("Picture or document"),
        help_text=_(
            "JPEG, PNG or PDF, at most 5 MB. Hidden data of a picture is removed, also within a PDF; one that says where it "
            "was taken is refused. Look through a PDF for names first."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf", "class": "in"}),
    )


class OfActions:
    section = "actions"
    who = "action"
    noun = "action"
    sensitive = True
    neutral = _("Actions")
    actor: Any

    def own_sites(self) -> QuerySet:
        mine = Site.objects.filter(organisation_id=self.actor.organisation_id)
        if self.actor.reports_at is not None:
            mine = mine.filter(pk__in=self.actor.reports_at)
        return mine.open().order_by("name", "id")

    def own_actions(self) -> QuerySet:
        return SafetyAction.objects.filter(organisation_id=self.actor.organisation_id).select_related("site")

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row of the specification as a list or card prints it."""
        late = (timezone.localdate() - row["due_on"]).days if row["status"] in SafetyAction.OPEN else 0
        shown = ACTION_ROWS.present(row, self.actor)
        return shown | {
            "title": in_the_readers_language(shown["title"], shown["origin"], shown["origin_key"]),
            "overdue_days": max(0, late),
            "told": TOLD.get(row["escalated"], "") if late > 0 else "",
            "status_word": STATUS_WORDS[row["status"]],
            "icon": STATUS_ICONS[row["status"]],
            "type_word": TYPE_WORDS[row["type"]],
            "origin_word": ORIGIN_WORDS[row["origin"]] if row["origin"] else "",
            "own": self.actor.owns(row["organisation_id"]),
            "unverified": row["status"] == SafetyAction.Status.DONE and not (row["evidence"] or row["evidence_file_id"]),
        }


STATUS_WORDS = dict(SafetyAction.Status.choices)
TYPE_WORDS = dict(SafetyAction.Type.choices)
ORIGIN_WORDS = dict(SafetyAction.Origin.choices)


class ActionList(OfActions, ListPage):
    """Actions by due day; chips are links, the bulk bar is one form."""

    permission = Permission.ACTION_READ
    heading = _("Safety actions")
    template_name = "humanitarian/action_list.html"
    row_template = "humanitarian/_action_row.html"
    filterset_class = SafetyActionFilterSet
    export_noun = "safety-actions"
    orderings = {"due": ("due_on", "id"), "newest": ("-created_at", "-id")}
    columns = (
        Column(_("Action")),
        Column(_("Site")),
        Column(_("Who")),
        Column(_("Kind")),
        Column(_("Status")),
        Column(_("Until"), ordering="due"),
    )
    empty_heading = _("No actions yet")
    empty_text = _("An action says what has to be done so that people are safer, who does it, and until when.")

    def get_queryset(self) -> QuerySet:
        return ACTION_ROWS.values(SafetyAction.objects.all(), also=("created_at",))

    def get_empty_action(self) -> tuple[Any, str] | None:
        return (_("Add an action"), reverse("humanitarian:action_add")) if self.actor.may(Permission.ACTION_OPEN) else None

    def has_ticks(self) -> bool:
        return self.actor.may(Permission.ACTION_EDIT)

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return [self.shown(row) for row in rows]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen, scope = self.request.GET.get("state", ""), FigureScope()
        return super().get_context_data(
            views=VIEWS, chosen=chosen, statuses=SafetyAction.Status.choices,
            overdue=measure("actions.overdue", scope), unverified=measure("actions.unverified", scope), **kwargs,
        )  # fmt: skip


class ActionBoard(OfActions, Page):
    """The same actions as cards in four columns, by status."""

    permission = Permission.ACTION_READ
    heading = _("Safety actions")
    template_name = "humanitarian/action_board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filterset = SafetyActionFilterSet(self.request.GET or None, queryset=SafetyAction.objects.all(), request=self.request)
        valid = not filterset.is_bound or filterset.is_valid()
        found = filterset.qs if valid else SafetyAction.objects.none()
        chips = filterset.chips(self.request.GET) if filterset.is_bound and valid else []
        return super().get_context_data(
            filterset=filterset, chips=chips, columns=[self.column(found, status) for status in ON_BOARD], views=VIEWS, **kwargs
        )

    def column(self, found: QuerySet, status: str) -> dict[str, Any]:
        mine = found.filter(status=status)
        order = ("due_on", "id")
        if status == SafetyAction.Status.DONE:
            mine = mine.filter(done_on__gte=timezone.localdate() - timedelta(days=DONE_SHOWN_DAYS))
            order = ("-done_on", "-id")
        count = mine.aggregate(n=Count("pk"))["n"]
        rows = [self.shown(row) for row in ACTION_ROWS.values(mine).order_by(*order)[:CARDS]]
        query = self.request.GET.copy()
        query["state"] = status.lower() if status in (SafetyAction.Status.BLOCKED, SafetyAction.Status.DONE) else "open"
        return {
            "key": status, "label": STATUS_WORDS[status], "icon": STATUS_ICONS[status], "count": count, "rows": rows,
            "more": count - len(rows), "more_url": f"{reverse('humanitarian:actions')}?{query.urlencode()}",
        }  # fmt: skip


class ActionPage(OfActions, DetailPage):
    permission = Permission.ACTION_READ
    template_name = "humanitarian/action.html"
    queryset = SafetyAction.objects.select_related("site", "site__organisation", "site__admin1")

    def get_heading(self) -> str:
        return self.object.title_read if self.actor.owns(self.object.organisation_id) else f"A-{self.object.number}"

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Actions"), reverse("humanitarian:actions"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        action, own = self.object, self.actor.owns(self.object.organisation_id)
        row = ACTION_ROWS.values(SafetyAction.objects.filter(pk=action.pk)).get()
        return super().get_context_data(
            shown=self.shown(row), own=own, about=named(action.origin, action.origin_id) if own else None,
            closed_by=closed_by_plan(action) if own else None, **kwargs,
        )  # fmt: skip


class DownloadEvidence(OfActions, DetailPage):
    """The file that shows that an action is done: for the own organisation only."""

    permission = Permission.ACTION_READ
    queryset = SafetyAction.objects.select_related("evidence_file")
    http_method_names = ["get"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> FileResponse:
        if not self.actor.owns(self.object.organisation_id) or self.object.evidence_file is None:
            raise Http404
        return download(self.object.evidence_file)


class AddAction(OfActions, ServicePage):
    """A new action. `?site=` chooses the site; `?origin=&origin_id=&origin_key=` say what it is about."""

    service = services.open_action
    form_class = NewActionForm
    template_name = "humanitarian/action_form.html"
    heading = _("Add an action")
    submit = _("Add")
    success_message = _("The action was added.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"sites": self.own_sites()}

    def get_initial(self) -> dict[str, Any]:
        return {"site": self.request.GET.get("site", ""), "title": self.request.GET.get("title", "")[:160]}

    def about(self) -> dict[str, Any]:
        """What the address says that the action is about; nothing where it is not there to be read."""
        form = AboutForm(self.request.GET)
        if not form.is_valid() or named(form.cleaned_data["origin"], form.cleaned_data["origin_id"]) is None:
            return {}
        return form.cleaned_data

    def get_arguments(self, form: forms.BaseForm) -> dict[str, Any]:
        return form.cleaned_data | self.about()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = self.about()
        words = named(about["origin"], about["origin_id"])[0] if about else ""
        return super().get_context_data(about=words, about_key=about.get("origin_key", ""), **kwargs)

    def get_success_url(self) -> str:
        return reverse("members:site", args=[self.saved.site_id])


class ChangeAction(OfActions, ServicePage):
    service = services.change_action
    form_class = ActionForm
    heading = _("Change the action")
    success_message = _("The action was changed.")
    model = SafetyAction

    def get_queryset(self) -> QuerySet:
        return self.own_actions()

    def get_success_url(self) -> str:
        return reverse("humanitarian:action", args=[self.object.pk])


class AttachEvidence(OfActions, UploadPage):
    """A picture or a document that shows that an action is done."""

    service = services.attach_evidence
    form_class = EvidenceForm
    heading = _("Show that it is done")
    submit = _("Attach")
    success_message = _("The file was attached.")
    model = SafetyAction
    largest = LARGEST_EVIDENCE
    too_large = _("The file is larger than 5 MB. Send a smaller picture, or only the pages that matter.")

    def get_queryset(self) -> QuerySet:
        return self.own_actions()

    def get_arguments(self, form: forms.BaseForm) -> dict[str, Any]:
        file = form.cleaned_data["file"]
        return {"file": receive_evidence(file, size=file.size)}

    def get_success_url(self) -> str:
        return reverse("humanitarian:action", args=[self.object.pk])
