"""Lists: one FilterSet, one declared order, keyset pages, and the filters in force as chips that can be taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest, ImproperlyConfigured
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from aimprogress.figures.moment import as_of
from aimprogress.web.filters import FilterSet
from aimprogress.web.guarded import Guarded, OfRows
from aimprogress.web.keyset import keyset_page
from aimprogress.web.saved import views_of

PAGE_SIZE = 50
COUNTED_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its heading, the css classes of its cells ("n" = number), and the ordering it offers."""

    label: str | Promise
    classes: str = ""
    ordering: str = ""


class ListPage(OfRows, Guarded, TemplateView):
    """A filtered list, 50 rows a page.

    model or queryset      what is listed (scoped by its manager)
    filterset_class        a web.filters.FilterSet; its form is shown above the list, its state stands in the url and can be
                           saved under a name (web/saved.py)
    orderings              {"name": ("name", "id"), "newest": ("-observed_at", "-id")}; the first is the default and
                           `?ordering=` chooses another by its key. The last column of each must be unique.
    columns                [Column(_("Site")), Column(_("People"), "n", ordering="people")]
    row_template           the htmx fragment that prints one `<tr>` for `object`
    template_name          default components/list_page.html, which extends base.html; override its blocks
                           `list_actions` (buttons beside the h1) and `above_list`
    empty_heading, empty_text, empty_action = (label, url)     what is shown when nothing was ever recorded
    export_noun            the noun given to the page `exports:request`, which starts an export Job; "" for none
    shows_count            False for lists of millions of rows
    has_ticks()            whether rows can be chosen for the form "bulk" in the block `below_list` (web/chosen.py)

    Context: rows, filterset, chips, columns, ticks, page_next, page_previous (cursors), count, counted_all, ordering,
    is_filtered, export_url. An invalid filter shows its error and no rows; an invalid cursor or order is a 400.
    With htmx and `hx-target="#list"` only `list_template` is answered.
    """

    template_name = "components/list_page.html"
    list_template: str = "components/list_page.html#list"
    filterset_class: type[FilterSet] | None = None
    orderings: dict[str, Sequence[str]] = {}
    page_size: int = PAGE_SIZE
    columns: Sequence[Column] = ()
    row_template: str = ""
    empty_heading: str | Promise = _("Nothing here yet")
    empty_text: str | Promise = ""
    empty_action: tuple[str | Promise, str] | None = None
    export_noun: str = ""
    shows_count: bool = True

    def get_template_names(self) -> list[str]:
        if self.request.htmx and self.request.htmx.target == "list":
            return [self.list_template]
        return [self.template_name]

    def get_empty_action(self) -> tuple[str | Promise, str] | None:
        return self.empty_action

    def get_ordering(self) -> tuple[str, Sequence[str]]:
        """The key and the columns of the order asked for. Raises BadRequest for an order that is not offered."""
        if not self.orderings:
            raise ImproperlyConfigured(f"{type(self).__qualname__} must declare its orderings.")
        key = self.request.GET.get("ordering") or next(iter(self.orderings))
        if key not in self.orderings:
            raise BadRequest(gettext("This order is not offered."))
        return key, self.orderings[key]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        queryset, filterset, is_valid = self.get_queryset(), None, True
        if self.filterset_class is not None:
            filterset = self.filterset_class(self.request.GET or None, queryset=queryset, request=self.request)
            is_valid = not filterset.is_bound or filterset.is_valid()
            queryset = filterset.qs if is_valid else queryset.none()
        key, ordering = self.get_ordering()
        get = self.request.GET
        page = keyset_page(queryset, ordering, after=get.get("after", ""), before=get.get("before", ""), size=self.page_size)
        count = queryset.order_by()[: COUNTED_AT_MOST + 1].count() if self.shows_count else None
        chips = filterset.chips(get) if filterset is not None else []
        views = views_of(self.request) if filterset is not None else None
        return super().get_context_data(
            rows=self.prepare_rows(page.rows), filterset=filterset, chips=chips, is_filtered=bool(chips) or not is_valid,
            columns=self.columns, ticks=self.has_ticks(), row_template=self.row_template,
            page_next=page.next, page_previous=page.previous, count=count,
            counted_all=count is None or count <= COUNTED_AT_MOST, counted_at_most=COUNTED_AT_MOST,
            ordering=key, orders=self.get_orders(), empty_heading=self.empty_heading, empty_text=self.empty_text,
            empty_action=self.get_empty_action(), export_url=self.get_export_url(), saved_views=views,
            saved_view_is_open=any(view.is_current for view in views or ()), **kwargs,
        )  # fmt: skip

    def has_ticks(self) -> bool:
        return False

    def get_orders(self) -> list[tuple[str, str | Promise]]:
        """The orders that the filter form offers, named after their columns: a phone shows no column headings."""
        named = {column.ordering: column.label for column in self.columns if column.ordering in self.orderings}
        usual = {key: _("Usual order") for key in list(self.orderings)[:1] if key not in named}
        return list((usual | named).items())

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        """The rows as the template gets them; override to attach what a row shows without a query of its own."""
        return rows

    def get_export_url(self) -> str:
        """Where a POST starts the export of this list with the same filters; "" where there is no export.

        An export is made later, of what is known by then: there is none of the past.
        """
        if as_of():
            return ""
        from aimprogress.exchange.exports import EXPORTS  # late: exports stand on models, lists on none

        export = EXPORTS.get(self.export_noun)
        if export is None or not export.is_for(self.actor):
            return ""
        try:
            return reverse("exports:request", args=[self.export_noun])
        except NoReverseMatch:
            return ""
