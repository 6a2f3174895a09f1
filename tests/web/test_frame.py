"""What stands around every page: navigation by role, search, and the box that says who can see it."""

from collections.abc import Iterator
from typing import Any

import pytest

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import CHECK_IN_ONLY, ROLE_PERMISSIONS, Permission, Role
from aimprogress.core.scoping import DataClass
from aimprogress.web import context, panels, search, who_sees
from aimprogress.web.search import LIMIT, Hit, search_all, searchable


@pytest.fixture(autouse=True, scope="module")
def no_numbers_of_other_apps() -> Iterator[None]:
    """The frame is drawn without a database here; the counters of the apps above need one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panels, "_nav_counts", {})
        yield


def acting(role: Role, **more: Any) -> Actor:
    return Actor(kind="person", roles=frozenset({role}), permissions=ROLE_PERMISSIONS[role], **more)


@pytest.fixture
def all_pages_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "page_exists", lambda path: True)


def keys(actor: Actor) -> list[str]:
    return [entry["key"] for entry in context.navigation(actor)]


def test_navigation_shows_only_what_the_role_may_enter(all_pages_stand: None) -> None:
    everything = ["overview", "sites", "actions", "suppliers", "risks", "humanitarian", "reports", "support"]
    assert keys(acting(Role.MEMBER_COORDINATOR)) == everything
    assert keys(acting(Role.SITE_REPORTER)) == ["sites", "actions", "support"]
    assert keys(acting(Role.PARTNER_CLIENT)) == ["humanitarian", "support"]
    assert keys(Actor(kind="person", permissions=CHECK_IN_ONLY)) == []


def test_navigation_never_leads_to_a_page_that_does_not_stand() -> None:
    assert keys(acting(Role.MEMBER_COORDINATOR)) == []


@pytest.mark.parametrize(
    ("actor", "path"),
    [
        (Actor(kind="person", permissions=CHECK_IN_ONLY), "/check-in/"),
        (acting(Role.SITE_REPORTER), "/check-in/"),
        (acting(Role.MEMBER_COORDINATOR), "/overview/"),
        (acting(Role.MEMBER_VIEWER), "/overview/"),
        (acting(Role.AIM_ANALYST, is_secretariat=True), "/dashboard/"),
        (acting(Role.PARTNER_CLIENT), "/humanitarian/"),
        (acting(Role.AIM_ADMIN), "/people/"),
        (Actor(kind="person"), "/settings/"),
    ],
)
def test_everybody_arrives_where_their_work_is(all_pages_stand: None, actor: Actor, path: str) -> None:
    assert context.home_path(actor) == path


def test_a_count_stands_beside_its_entry(all_pages_stand: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_nav_counts", {})
    panels.nav_count("actions", "overdue")(lambda actor: 9)
    counted = {entry["key"]: entry.get("count") for entry in context.navigation(acting(Role.MEMBER_COORDINATOR))}
    assert counted["actions"] == 9
    assert counted["sites"] is None


def test_search_asks_only_the_nouns_that_the_actor_may_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_nouns", {})
    searchable("site", "Sites", permission=Permission.SITE_READ, order=1)(
        lambda actor, q: (Hit(f"{q} {i}", f"/sites/{i}/") for i in range(100))
    )
    searchable("supplier", "Suppliers", permission=Permission.SUPPLIER_READ, order=2)(lambda actor, q: [Hit(q, "/suppliers/1/")])
    searchable("empty", "Empty", permission=Permission.SITE_READ, order=3)(lambda actor, q: [])
    found = [(noun.key, len(hits)) for noun, hits in search_all(acting(Role.MEMBER_COORDINATOR), "bakery")]
    assert found == [("site", LIMIT), ("supplier", 1)]
    assert [noun.key for noun, _hits in search_all(acting(Role.SITE_REPORTER), "bakery")] == ["site"]
    assert search_all(acting(Role.MEMBER_COORDINATOR), "b") == []


@pytest.mark.parametrize("noun", who_sees.NOUNS)
def test_the_box_names_every_role_of_the_organisation_that_reads_it(noun: str) -> None:
    text = " ".join(who_sees.who_box(noun, acting(Role.MEMBER_COORDINATOR)))
    for role in who_sees.MEMBER_ROLES:
        allowed = who_sees.NOUNS[noun].read in ROLE_PERMISSIONS[role]
        named = f"{who_sees.ROLE_NAMES[role]}" in text.split(". ")[0]
        assert named is allowed, role


def cells(key: str) -> dict[str, str]:
    (row,) = (row for row in who_sees.matrix() if row["key"] == key)
    return {str(cell["role"]): str(cell["words"]) for cell in row["cells"]}


def test_the_matrix_follows_the_permissions_and_the_data_class() -> None:
    assert cells("supplier")["AIM-Progress analyst"] == "only where it is shared, or in a staff session"
    assert cells("site")["AIM-Progress analyst"] == "reads at reduced precision"
    assert cells("strict")["Site reporter"] == "writes, reads back only what they typed"
    assert cells("issue")["Site reporter"] == "adds, reads nothing of it"
    assert cells("headcount")["Auditor"] == "totals by country"
    assert cells("exact")["Viewer"] == "nothing"
    assert cells("site")["Coordinator"] == "reads and changes"
    assert all(noun.data_class in DataClass.values for noun in who_sees.NOUNS.values())


def test_a_page_that_names_an_unknown_noun_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        who_sees.who_box("weather", acting(Role.MEMBER_VIEWER))
