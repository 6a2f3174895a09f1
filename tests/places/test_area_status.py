"""The look-up of the official list on a date, on the real list and on made-up lines."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta

import pytest
from django.db.models import Max
from django.utils import translation

from aimprogress.places.area_status import ACT_DATE, STATUS_OF_TABLE, code_of, status_on, statuses_on
from aimprogress.places.models import AdminArea, AreaConflictStatus, Settlement
from aimprogress.places.reference import load_reference

pytestmark = pytest.mark.django_db
NOW = date(2026, 11, 22)
Table = AreaConflictStatus.Table


def town(name: str, pcode: str) -> Settlement:
    return Settlement.objects.filter(name=name, country="UA", admin1__pcode=pcode).order_by("-population").first()


def oblast(pcode: str) -> AdminArea:
    return AdminArea.objects.get(pcode=pcode, level=1)


def line(
    area: AdminArea | str, table: str, start: str, end: str | None = None, exceptions: tuple[str, ...] = ()
) -> AreaConflictStatus:
    return AreaConflictStatus.objects.create(
        id=uuid.uuid4(),
        area_id=code_of(area),
        status=STATUS_OF_TABLE[table],
        table=table,
        valid_from=date.fromisoformat(start),
        valid_to=date.fromisoformat(end) if end else None,
        act="an act",
        act_date=ACT_DATE,
        exceptions=list(exceptions),
    )


@pytest.fixture
def hromada(db) -> dict[str, AdminArea]:
    """An invented oblast with a raion, a hromada and two listed villages."""
    made = {}
    parent = None
    codes = ["UA99000000000000001", "UA99020000000000002", "UA99020010000000003", "UA99020010010000004", "UA99020010020000005"]
    for level, (name, code) in enumerate(zip(("oblast", "raion", "hromada", "village", "other"), codes, strict=True), 1):
        above = made.get("hromada") if name == "other" else parent
        made[name] = parent = AdminArea.objects.create(
            code=code, level=min(level, 4), parent=above, country="UA", name_en=name.title(), name_local=name
        )
    return made


@pytest.mark.parametrize(
    ("name", "pcode", "status"),
    [
        ("Mariupol", "UA14", "OCCUPIED"),
        ("Melitopol", "UA23", "OCCUPIED"),
        ("Simferopol", "UA01", "OCCUPIED"),
        ("Sevastopol", "UA85", "OCCUPIED"),
        ("Luhansk", "UA44", "OCCUPIED"),
        ("Donetsk", "UA14", "OCCUPIED"),
        ("Lviv", "UA46", "UNKNOWN"),
        ("Vinnytsia", "UA05", "UNKNOWN"),
    ],
)
def test_real_towns_on_the_date_of_the_act(reference, name, pcode, status):
    assert status_on(town(name, pcode), ACT_DATE).status == status


def test_kherson_was_occupied_and_is_not_occupied_now(reference):
    kherson = town("Kherson", "UA65")
    then, now = status_on(kherson, date(2022, 6, 1)), status_on(kherson, ACT_DATE)
    assert then.status == "OCCUPIED"
    assert now.listed and now.status in ("TENSION", "ACTIVE_HOSTILITIES", "RETURNED")


def test_crimea_was_occupied_years_before_2022(reference):
    assert status_on(town("Simferopol", "UA01"), date(2020, 1, 1)).status == "OCCUPIED"
    assert status_on(town("Mariupol", "UA14"), date(2020, 1, 1)).status == "UNKNOWN"


def test_a_place_in_another_country_is_unknown_and_cites_no_act(reference):
    warsaw = Settlement.objects.get(name="Warsaw", country="PL")
    standing = status_on(warsaw, NOW)
    assert (standing.status, standing.listed, standing.act, standing.act_date) == ("UNKNOWN", False, "", None)
    assert standing.wording == "The official list covers Ukraine only."


def test_nothing_is_ever_stable(reference):
    places = Settlement.objects.values_list("area_id", flat=True)
    assert {standing.status for standing in statuses_on(places, NOW).values()} == {
        "UNKNOWN",
        "OCCUPIED",
        "ACTIVE_HOSTILITIES",
        "TENSION",
        "RETURNED",
    }


def test_every_oblast_and_settlement_is_read_in_three_queries(reference, django_assert_num_queries):
    codes = list(Settlement.objects.order_by("-country", "id").values_list("area_id", flat=True))
    with django_assert_num_queries(3):
        many = statuses_on(codes, ACT_DATE)
    assert len(many) == len(set(codes))
    with django_assert_num_queries(3):
        statuses_on(codes[:3], ACT_DATE)


def test_one_and_many_agree(reference):
    codes = list(Settlement.objects.filter(country="UA").order_by("id").values_list("area_id", flat=True)[:40])
    many = statuses_on(codes, ACT_DATE)
    assert all(status_on(code, ACT_DATE) == many[code] for code in codes)


def test_an_oblast_with_listed_places_says_that_parts_are_listed(reference):
    kharkiv, lviv = status_on(oblast("UA63"), ACT_DATE), status_on(oblast("UA46"), ACT_DATE)
    assert not kharkiv.listed and kharkiv.partly and "parts of it are" in kharkiv.wording
    assert not lviv.listed and not lviv.partly and lviv.wording == "Not listed on 7 May 2025."


def test_the_settlement_is_asked_before_its_hromada(hromada):
    line(hromada["hromada"], Table.POSSIBLE, "2022-02-24")
    line(hromada["village"], Table.OCCUPIED, "2022-03-01")
    assert status_on(hromada["village"], NOW).status == "OCCUPIED"
    assert status_on(hromada["other"], NOW).status == "TENSION"
    assert status_on(hromada["other"], NOW).area_code == hromada["hromada"].code


def test_the_walk_goes_up_to_the_oblast(hromada):
    line(hromada["oblast"], Table.ACTIVE_WITH_REGISTERS, "2022-02-24")
    standing = status_on(hromada["village"], NOW)
    assert (standing.status, standing.area_code) == ("ACTIVE_HOSTILITIES", hromada["oblast"].code)


def test_a_settlement_that_the_line_leaves_out_does_not_take_its_status(hromada):
    line(hromada["hromada"], Table.OCCUPIED, "2022-03-01", exceptions=(hromada["village"].code,))
    assert status_on(hromada["village"], NOW).status == "UNKNOWN"
    assert status_on(hromada["other"], NOW).status == "OCCUPIED"


def test_an_occupation_that_ended_is_returned_with_the_day_it_ended(hromada):
    line(hromada["village"], Table.OCCUPIED_TAIL, "2022-03-01", "2022-11-11")
    standing = status_on(hromada["village"], NOW)
    assert (standing.status, standing.listed, standing.since) == ("RETURNED", True, date(2022, 11, 11))
    assert "occupation ended on 11 November 2022" in standing.wording
    assert status_on(hromada["village"], date(2022, 2, 28)).status == "UNKNOWN"


def test_hostilities_that_ended_leave_the_place_unlisted_not_stable(hromada):
    line(hromada["village"], Table.ACTIVE, "2022-03-01", "2022-04-30")
    standing = status_on(hromada["village"], NOW)
    assert (standing.status, standing.listed) == ("UNKNOWN", False)


def test_on_the_day_when_two_tables_meet_the_graver_counts(hromada):
    line(hromada["village"], Table.OCCUPIED, "2022-03-01", "2022-11-11")
    line(hromada["village"], Table.POSSIBLE, "2022-11-11")
    assert status_on(hromada["village"], date(2022, 11, 11)).status == "OCCUPIED"
    assert status_on(hromada["village"], date(2022, 11, 12)).status == "TENSION"


@pytest.mark.parametrize(("days", "old"), [(0, False), (30, False), (31, True), (-400, False)])
def test_a_list_is_old_thirty_days_after_its_act(hromada, days, old):
    line(hromada["village"], Table.POSSIBLE, "2014-01-01")
    standing = status_on(hromada["village"], ACT_DATE + timedelta(days=days))
    assert standing.old is old
    assert standing.wording.endswith("Old, check.") is old
    assert status_on(hromada["raion"], ACT_DATE + timedelta(days=days)).old is old


def test_unknown_and_empty_codes_are_unknown(db):
    many = statuses_on(["", "UA00000000000000000", "XX"], NOW)
    assert {standing.status for standing in many.values()} == {"UNKNOWN"}
    assert statuses_on([], NOW) == {}
    assert code_of(None) == ""


def test_loading_twice_changes_nothing(reference):
    before = AreaConflictStatus.objects.count(), AdminArea.objects.count(), Settlement.objects.count()
    kept = list(Settlement.objects.order_by("id").values_list("id", flat=True)[:50])
    counts = load_reference()
    assert (counts["area_statuses"], counts["areas"], counts["settlements"]) == before
    assert kept == list(Settlement.objects.order_by("id").values_list("id", flat=True)[:50])


def test_loading_again_repairs_what_differs_and_drops_lines_that_left_the_list(reference):
    AdminArea.objects.filter(pcode="UA46", level=1).update(name_en="Somewhere")
    line(oblast("UA46"), Table.OCCUPIED, "2022-02-24")
    AreaConflictStatus.objects.filter(act="an act").update(act=AreaConflictStatus.objects.aggregate(m=Max("act"))["m"])
    load_reference()
    assert oblast("UA46").name_en == "Lviv"


def test_places_are_found_in_any_spelling(reference):
    for words in ("Lviv", "львів", "Львов", "lwów", "L'viv"):
        assert Settlement.objects.matching(words).first().name == "Lviv"
    assert Settlement.objects.matching("kryvyi rih").first().name == "Kryvyi Rih"
    assert {found.admin1.pcode for found in Settlement.objects.matching("yalta").filter(name="Yalta")} == {"UA01", "UA14"}


def test_labels_speak_the_readers_language(reference):
    lviv = oblast("UA46")
    assert str(lviv) == "Lviv oblast"
    assert [oblast(code).label for code in ("UA32", "UA80", "UA01")] == [
        "Kyiv oblast",
        "Kyiv city",
        "Autonomous Republic of Crimea",
    ]
    assert AdminArea.objects.get(pcode="UA6302").label == "Bohodukhivskyi raion"
    with translation.override("uk"):
        assert lviv.label == "Львівська область"
        assert oblast("UA80").label == "м. Київ"
        assert AdminArea.objects.get(code="PL-14").label == "Мазовецьке воєводство"
        regions = AdminArea.objects.filter(level=1).exclude(country="UA")
        assert [area.code for area in regions if not re.match("[А-ЯЄІЇҐ]", area.label)] == []
        assert town("Lviv", "UA46").label == "Львів"
