"""Search over every noun (`/` on the keyboard). Each app offers its nouns in a module `search`, discovered at start:

    from aimprogress.web.search import Hit, searchable

    @searchable("site", _("Sites"), permission=Permission.SITE_READ, order=10)
    def find_sites(actor, q) -> Iterable[Hit]:
        return [Hit(site.name, site.get_absolute_url(), site.code) for site in Site.objects.matching(q)[:LIMIT]]

What is found is what the Actor sees: a search function reads through scoped managers and shows names at the Actor's
precision. Under row security trigram indexes are not used (decisions 2.5), so filter by organisation first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.web.guarded import Guarded

LIMIT = 8
SHORTEST = 2
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: its name, its page, and a line that tells it from others."""

    name: str
    url: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Noun:
    order: int
    key: str
    label: str | Promise
    permission: Permission
    find: Callable[[Actor, str], Iterable[Hit]]


_nouns: dict[str, Noun] = {}


def searchable(key: str, label: str | Promise, *, permission: Permission, order: int = 50) -> Callable[..., Any]:
    """Offer a noun to the search page. The function gets the Actor and at least two characters without NUL."""

    def register(function: Callable[[Actor, str], Iterable[Hit]]) -> Callable[[Actor, str], Iterable[Hit]]:
        _nouns[key] = Noun(order, key, label, permission, function)
        return function

    return register


def search_all(actor: Actor, q: str) -> list[tuple[Noun, list[Hit]]]:
    """The hits for `q`, grouped by noun; nouns the Actor may not read, and nouns without a hit, are left out."""
    if len(q) < SHORTEST:
        return []
    nouns = sorted((noun for noun in _nouns.values() if actor.may(noun.permission)), key=lambda noun: noun.order)
    groups = ((noun, list(islice(noun.find(actor, q), LIMIT))) for noun in nouns)
    return [(noun, hits) for noun, hits in groups if hits]


def cleaned(q: str) -> str:
    """What may be searched for: no control characters, one space between words, at most 100 characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in q).split())[:LONGEST]


class Search(Guarded, TemplateView):
    """One field, hits of every noun, grouped; with htmx the list follows the typing."""

    permission = Permission.SEARCH_USE
    sensitive = True
    who = "own"
    neutral = _("Find")
    heading = _("Find")
    template_name = "web/search.html"

    def get_template_names(self) -> list[str]:
        return [f"{self.template_name}#results" if self.request.htmx else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        q = cleaned(self.request.GET.get("q", ""))
        groups = search_all(self.actor, q)
        return super().get_context_data(q=q, groups=groups, is_short=0 < len(q) < SHORTEST, limit=LIMIT, **kwargs)
