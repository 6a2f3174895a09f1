"""A site of a list is the site of the form: the same place, number and safety profile; and which row is which site."""

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.repeats import name_tokens
from aimprogress.exchange.services import apply_import, mend_cells, stage_import, undo_import
from aimprogress.places.models import AdminArea, Settlement
from members.models import Organisation, Site
from members.services.sites import change_site, register_site
from tests.exchange.test_imports import a_list
from tests.factories import a_coordinator, a_site, a_user, an_area, an_organisation
from tests.members.test_changing_sites import a_town, occupied
from tests.members.test_devices import a_phone, again
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HEADINGS = ("Site code", "Site name", "Country", "Region", "City", "Address", "Workers", "Status", "Status since")


@pytest.fixture
def mine() -> Organisation:
    return an_organisation()


@pytest.fixture
def melitopol() -> Settlement:
    """A town whose hromada the official list calls occupied; its oblast has no line of its own."""
    oblast = an_area("UA23000000000064947", "UA", "Zaporizhzhia")
    hromada = AdminArea.objects.create(
        code="UA23080070000068953", country="UA", level=3, parent=oblast, name_en="Melitopol", name_local="Мелітополь"
    )
    occupied(hromada, date(2022, 2, 25))
    town = a_town("Melitopol", oblast, population=150_000, lat=46.84, lon=35.36)
    Settlement.objects.filter(pk=town.pk).update(area=hromada)
    town.refresh_from_db()
    return town


def staged(mine: Organisation, *rows: tuple) -> ImportBatch:
    return stage_import(organisation=mine, target="sites", upload=a_list(*rows, headings=HEADINGS))


def row_of(batch: ImportBatch, row: int) -> ImportRow:
    return ImportRow.objects.get(batch=batch, row=row)


def codes_of(row: ImportRow, level: str = "error") -> list[str]:
    return [problem["code"] for problem in row.problems if problem["level"] == level]


def outcomes(batch: ImportBatch) -> list[str]:
    return list(ImportRow.objects.filter(batch=batch, row__gt=1).order_by("number").values_list("outcome", flat=True))


def a_row(code: str | None, name: str, town: str | None, address: str | None = None, **more: Any) -> tuple:
    told = {"region": None, "workers": 12, "status": None, "since": None} | more
    return (code, name, "UA", told["region"], town, address, told["workers"], told["status"], told["since"])


def as_it_is(site: Site) -> dict[str, Any]:
    names = ("name", "country", "admin1_id", "area_id", "settlement_id", "baseline", "safety_profile")
    return {name: getattr(site, name) for name in names}


def test_the_form_and_a_list_end_in_the_same_site(mine, melitopol):
    client = signed_in(a_user(mine, Role.MEMBER_COORDINATOR))
    answers = {
        "code": "F-1", "name": "Oil mill", "kind": "FACTORY", "country": "UA", "admin1": melitopol.admin1_id, "baseline": "12",
        "union_present": "unknown", "settlement_name": "Melitopol",
    }  # fmt: skip
    assert client.post("/sites/add/", answers).status_code == 302
    with acting_as(a_coordinator(mine)):
        by_form = Site.objects.get()
        Site.objects.filter(pk=by_form.pk).update(code="F-0", name="Another")
        apply_import(batch=staged(mine, a_row("F-2", "Oil mill", "Melitopol")))
        by_list = Site.objects.get(code="F-2")
    assert as_it_is(by_list) == as_it_is(by_form)
    assert (by_list.area_id, by_list.safety_profile) == ("UA23080070000068953", True)
    assert [by_form.number_in_area, by_list.number_in_area] == [1, 2]


def test_a_list_that_moves_a_site_does_what_the_form_does_and_undo_takes_it_back(mine, lviv, melitopol):
    client = signed_in(a_user(mine, Role.MEMBER_COORDINATOR))
    answers = {"name": "Oil mill", "kind": "FACTORY", "country": "UA", "baseline": "12", "union_present": "unknown"}
    there = a_site(mine, admin1=melitopol.admin1, settlement=melitopol, number_in_area=6)
    of_form, of_list = (a_site(mine, code=f"L-{n}", admin1=lviv.admin1, settlement=lviv, number_in_area=n) for n in (1, 2))
    phones = [a_phone(site)[1] for site in (of_form, of_list)]
    moved = answers | {"code": "L-1", "admin1": melitopol.admin1_id, "settlement_name": "Melitopol"}
    assert client.post(f"/sites/{of_form.pk}/change/", moved).status_code == 302
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, a_row("L-2", of_list.name, "Melitopol")))
        of_form.refresh_from_db(), of_list.refresh_from_db()
        assert as_it_is(of_list) | {"name": ""} == as_it_is(of_form) | {"name": ""}
        assert [site.number_in_area for site in (there, of_form, of_list)] == [6, 7, 8]
        assert [again(phone).ended for phone in phones] == ["CLOSED", "CLOSED"]
        assert undo_import(batch=batch).undone_counts["restored"] == 1
        of_list.refresh_from_db()
        assert (of_list.settlement, of_list.area, of_list.number_in_area) == (lviv, None, 2)
        assert not of_list.safety_profile


def test_undo_gives_no_number_that_another_site_has_got_meanwhile(mine, lviv, melitopol):
    site = a_site(mine, code="L-1", admin1=lviv.admin1, settlement=lviv, number_in_area=1)
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, a_row("L-1", site.name, "Melitopol")))
        other = register_site(organisation=mine, code="L-2", name="Depot", country="UA", admin1=lviv.admin1)
        undo_import(batch=batch)
        site.refresh_from_db()
        assert [other.number_in_area, site.number_in_area] == [1, 2]


def test_a_site_in_another_oblast_without_a_town_leaves_its_old_town(mine, lviv, melitopol):
    site = a_site(mine, code="L-1", name="Oil mill", admin1=melitopol.admin1, settlement=melitopol, area=melitopol.area)
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, a_row("L-1", "Oil mill", None, region="Lviv"))
        assert row_of(batch, 2).changes["settlement"] == ["Melitopol", ""]
        apply_import(batch=batch)
        site.refresh_from_db()
        assert (site.admin1, site.settlement, site.area, site.safety_profile) == (lviv.admin1, None, None, False)


def test_the_area_of_a_site_is_that_of_its_town_also_for_programs(mine, lviv, melitopol):
    with acting_as(a_coordinator(mine)):
        given = {"organisation": mine, "country": "UA", "admin1": melitopol.admin1, "settlement": melitopol}
        site = register_site(code="A", name="A", **given)
        assert (site.area, site.safety_profile) == (melitopol.area, True)
        assert register_site(code="B", name="B", **given, area=None).area == melitopol.area
        moved = change_site(site=site, admin1=lviv.admin1, settlement=lviv)
        assert (moved.area, moved.safety_profile) == (lviv.admin1, False)
        assert change_site(site=moved, name="C").area == lviv.admin1
        Site.objects.filter(pk=site.pk).update(settlement=None)  # as retention does
        assert change_site(site=site, settlement=None).area == lviv.admin1, "what is not said again stays"
        assert change_site(site=site, admin1=melitopol.admin1, settlement=None).area is None


def test_sites_that_came_before_get_the_area_of_their_town(mine, lviv, melitopol):
    took = import_module("members.migrations.0045_take_areas_from_towns")
    old = a_site(mine, admin1=melitopol.admin1, settlement=melitopol)
    finer = a_site(mine, admin1=melitopol.admin1, settlement=melitopol, area=melitopol.admin1)
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(took.AREAS)
        old.refresh_from_db(), finer.refresh_from_db()
    assert (old.area, finer.area) == (melitopol.area, melitopol.admin1)


def test_a_site_of_another_town_is_another_site_whatever_it_is_called(mine, lviv):
    stryi = a_town("Stryi", lviv.admin1, population=59_000)
    site = a_site(mine, code="LVI-01", name="Distribution centre", admin1=lviv.admin1, settlement=lviv, baseline=12)
    with acting_as(a_coordinator(mine)):
        assert outcomes(staged(mine, a_row(None, "Distribution centre", "Stryi"))) == ["new"]
        assert outcomes(staged(mine, a_row(None, "Distribution centre", "Lviv", workers=13))) == ["changed"]
        rows = a_row("LVI-02", "Distribution centre", "Stryi"), a_row(None, "Distribution centre", "Lviv", workers=13)
        batch = staged(mine, *rows)
        assert outcomes(batch) == ["new", "changed"]
        apply_import(batch=batch)
        site.refresh_from_db()
        assert (site.settlement, site.baseline, Site.objects.get(code="LVI-02").settlement) == (lviv, 13, stryi)


def test_a_name_that_the_portal_has_here_under_another_code_is_for_a_person_to_decide(mine, lviv):
    a_site(mine, code="LVI-01", name="Oil mill", admin1=lviv.admin1, settlement=lviv)
    client = signed_in(a_user(mine, Role.MEMBER_COORDINATOR))
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, a_row("SAP-7", "Oil mill", "Lviv"))
        row = row_of(batch, 2)
        assert (row.outcome, codes_of(row)) == ("problem", ["other_code_in_portal"])
        assert row_of(mend_cells(batch=batch, cells={"Sheet\t2": {"code": "LVI-01"}}), 2).outcome == "changed"
        mend_cells(batch=batch, cells={"Sheet\t2": {"code": "SAP-7"}})
        number = row_of(batch, 2).number
    assert f'name="own-{number}"' in client.get(batch.get_absolute_url()).content.decode()
    client.post(batch.get_absolute_url(), {"do": "check", f"own-{number}": "on"})
    with acting_as(a_coordinator(mine)):
        assert row_of(batch, 2).outcome == "new"


def test_a_name_that_several_sites_have_here_asks_for_the_code(mine, lviv):
    for n in (1, 2):
        a_site(mine, code=f"LVI-0{n}", name="Shop", admin1=lviv.admin1, settlement=lviv, address=f"Sadova {n}", baseline=12)
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, a_row(None, "Shop", "Lviv"), a_row(None, "Shop", "Lviv", "Sadova 2"))
        assert codes_of(row_of(batch, 2)) == [], "the other one has its own row"
        assert [row_of(batch, 3).outcome, row_of(batch, 3).target_id] == ["same", Site.objects.get(code="LVI-02").pk]
        row = row_of(staged(mine, a_row(None, "Shop", "Lviv", "Lisova 5")), 2)
        assert (row.outcome, codes_of(row)) == ("problem", ["several_sites"])


def test_two_rows_with_different_codes_are_two_sites_and_a_repeat_can_be_overruled(mine, lviv):
    client = signed_in(a_user(mine, Role.MEMBER_COORDINATOR))
    with acting_as(a_coordinator(mine)):
        batch = staged(
            mine, a_row("A-1", "Shop", "Lviv"), a_row("A-2", "Shop", "Lviv"), a_row(None, "Shop LLC", "Lviv", workers=3)
        )
        assert outcomes(batch) == ["new", "new", "duplicate"]
        assert codes_of(row_of(batch, 3), "check") == ["check_similar"]
        number = row_of(batch, 4).number
    assert f'name="own-{number}"' in client.get(batch.get_absolute_url()).content.decode()
    client.post(batch.get_absolute_url(), {"do": "check", f"own-{number}": "on"})
    with acting_as(a_coordinator(mine)):
        apply_import(batch=batch)
        assert sorted(Site.objects.values_list("code", flat=True)) == ["A-1", "A-2", "LVI-01"]


def test_the_same_list_a_second_time_is_all_the_same(mine, lviv):
    a_town("Stryi", lviv.admin1, population=59_000)
    rows = [
        a_row("P-1", "Plant A", "Lviv"), a_row("P-2", "Plant D", "Lviv"), a_row(None, "Shop", "Lviv", "Sadova 1"),
        a_row(None, "Shop", "Lviv", "Lisova 2"), a_row(None, "Shop", "Lviv"), a_row(None, "Shop", "Stryi"),
        a_row(None, "Shop", "Nowhere at all", region="Lviv"),
        a_row("P-3", "Mill", "Lviv", status="Operating", since="05.11.2025"),
    ]  # fmt: skip
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, *rows))
        assert outcomes(batch) == ["new"] * 8
        assert outcomes(staged(mine, *rows)) == outcomes(staged(mine, *reversed(rows))) == ["same"] * 8


@pytest.mark.parametrize(
    ("one", "other", "is_the_same"),
    [
        ("Plant A", "Plant D", False), ("Завод А", "Завод Б", False), ("Zoria S.A.", "Zoria", True),
        ("Zoria sp. z o.o.", "Zoria", True), ("Zoria sp. z oo", "Zoria", True), ("Zoria d.o.o.", "Zoria", True),
        ("Zoria B S.A.", "Zoria B", True), ("Zoria Sp.k.", "Zoria", True),
        ("Hall 2 A", "Hall 2 B", False), ("ТОВ «Зоря»", "Зоря", True),
    ],
)  # fmt: skip
def test_a_letter_tells_plants_apart_and_a_legal_form_does_not(one: str, other: str, is_the_same: bool):
    assert (name_tokens(one) == name_tokens(other)) is is_the_same


def test_what_a_list_says_of_a_new_site_and_the_portal_leaves_out_is_said(mine, lviv):
    with acting_as(a_coordinator(mine)):
        batch = staged(
            mine, a_row("A", "Plant", "Lviv", status="Operating"), a_row("B", "Shop", "Nowhere at all", region="Lviv"),
            a_row("C", "Depot", "Lviv", "x" * 201),
        )  # fmt: skip
        assert codes_of(row_of(batch, 2), "check") == ["status_without_day"]
        assert codes_of(row_of(batch, 3), "check") == ["town_left_out"]
        assert codes_of(row_of(batch, 4)) == ["too_long"] and row_of(batch, 4).problems[-1]["field"] == "address"
        assert batch.counts["checks"] == 2


def test_a_site_whose_row_has_a_problem_is_not_missing_in_the_list(mine, lviv):
    for n in (1, 2, 3):
        a_site(mine, code=f"LVI-0{n}", name=f"Plant {n}", admin1=lviv.admin1, settlement=lviv)
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, a_row("LVI-01", "Plant 1", "Lviv", workers="24O"), a_row(None, "Plant 2", "Lviv", workers="x"))
        assert outcomes(batch) == ["problem", "problem"] and batch.missing == ["Plant 3 (LVI-03)"]
