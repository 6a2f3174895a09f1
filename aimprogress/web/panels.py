"""Fragments that one app shows on another app's page, without either knowing the other by import.

A module `panels` in any app is discovered at start:

    from aimprogress.web.panels import nav_count, panel

    @panel("site", order=20)
    def actions_panel(request, site) -> SafeString | None:
        return render_to_string("humanitarian/_site_actions.html", {...}, request)     # None: nothing to show

    @nav_count("actions", _("overdue"))
    def overdue_actions(actor) -> int: ...                                             # the dot beside "Actions"
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from aimprogress.core.actor import Actor

PanelFunction = Callable[[HttpRequest, Any], SafeString | None]
CountFunction = Callable[[Actor], int]


@dataclass(frozen=True, slots=True)
class NavCount:
    """A number beside a navigation entry, and the word that a screen reader hears before it."""

    section: str
    word: str | Promise
    count: CountFunction


_panels: dict[str, list[tuple[int, str, PanelFunction]]] = {}
_nav_counts: dict[str, NavCount] = {}


def panel(noun: str, *, order: int = 50) -> Callable[[PanelFunction], PanelFunction]:
    """Add a fragment to the pages of `noun`. Lower orders stand first."""

    def register(function: PanelFunction) -> PanelFunction:
        entries = _panels.setdefault(noun, [])
        entries.append((order, f"{function.__module__}.{function.__qualname__}", function))
        entries.sort(key=lambda entry: entry[:2])
        return function

    return register


def panels_of(noun: str, request: HttpRequest, subject: Any) -> list[SafeString]:
    """The fragments for one object of `noun`, in order; those with nothing to show are left out."""
    fragments = (function(request, subject) for _order, _name, function in _panels.get(noun, []))
    return [fragment for fragment in fragments if fragment]


def nav_count(section: str, word: str | Promise) -> Callable[[CountFunction], CountFunction]:
    """Show a number beside the navigation entry `section`: one cheap query, asked for on every page."""

    def register(function: CountFunction) -> CountFunction:
        _nav_counts[section] = NavCount(section, word, function)
        return function

    return register


def nav_count_of(section: str) -> NavCount | None:
    return _nav_counts.get(section)
