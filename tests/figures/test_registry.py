"""The registry: one figure, one function, one permission."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from aimprogress.core import actor as actors
from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures import registry
from aimprogress.figures.registry import Figure, FigureScope, Unit, figure, list_link, measure, measure_all


@pytest.fixture
def kinds(monkeypatch):
    monkeypatch.setattr(registry, "_kinds", {})

    @figure("people.total", title="People", unit=Unit.PEOPLE, permission=Permission.SITE_READ)
    def total(scope: FigureScope) -> Figure:
        return Figure(value=scope.once("rows", lambda: calls.append(1) or 7), text="7", as_of=scope.as_of)

    @figure("money.spent", title="Money", unit=Unit.MONEY, permission=Permission.CONTRIBUTION_READ)
    def spent(scope: FigureScope) -> Figure:
        return Figure(value=scope.once("rows", lambda: calls.append(1) or 7), text="7", as_of=scope.as_of)

    calls: list[int] = []
    return calls


@pytest.fixture
def reader(monkeypatch):
    somebody = Actor(kind="person", organisation_id=uuid4(), permissions=frozenset({Permission.SITE_READ}))
    token = actors._current.set(somebody)
    yield somebody
    actors._current.reset(token)


def test_a_face_gets_only_the_figures_that_its_actor_may_ask_for(kinds, reader):
    assert list(measure_all(FigureScope())) == ["people.total"]
    with pytest.raises(PermissionDenied):
        measure("money.spent", FigureScope())


def test_what_figures_share_is_computed_once_for_a_scope_and_again_for_another(kinds, reader):
    scope = FigureScope()
    measure("people.total", scope)
    measure("people.total", scope)
    assert len(kinds) == 1
    measure("people.total", FigureScope(country="UA"))
    assert len(kinds) == 2


def test_two_functions_cannot_be_the_same_figure(kinds):
    with pytest.raises(ValueError, match="two figures"):

        @figure("people.total", title="Again", unit=Unit.PEOPLE)
        def another(scope: FigureScope) -> Figure: ...


def test_an_unknown_figure_is_a_key_error(kinds, reader):
    with pytest.raises(KeyError):
        measure("people.nothing", FigureScope())


def test_a_link_to_the_rows_has_the_filters_that_are_set_in_a_stable_order():
    assert list_link("/sites/", status="PAUSED", country="UA", area=None) == "/sites/?country=UA&status=PAUSED"
    assert list_link("/sites/") == "/sites/"
