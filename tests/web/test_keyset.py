"""Pages of a list: nothing twice, nothing missing, in both directions, and no cursor that is not one."""

import random
from datetime import UTC, datetime

import pytest
from django.core.exceptions import BadRequest
from django.db.models import F, QuerySet

from aimprogress.core.audit import AuditEvent
from aimprogress.places.models import AdminArea
from aimprogress.web.keyset import cursor_of, keyset_page, parse_cursor

ORDERS = [("code",), ("-code",), ("lat", "code"), ("-lat", "-code"), ("-name_en", "lat", "code"), ("parent__name_en", "code")]


@pytest.fixture
def areas(db: None) -> QuerySet:
    """Areas with equal names, unknown places, unknown parents, and names that a cursor could trip over."""
    dice = random.Random(22)
    names = ["Kharkiv", "Kharkiv", "~", "a,b", "50%", "Львів", "x y"]
    for i in range(40):
        AdminArea.objects.create(
            code=f"T{i:02}", country="UA", level=1, name_en=dice.choice(names), name_local="",
            lat=dice.choice([None, None, 1.5, 2.0, 48.123456789]),
            parent_id=f"T{dice.randrange(i):02}" if i and dice.random() < 0.6 else None,
        )  # fmt: skip
    return AdminArea.objects.filter(code__startswith="T")


def walk(rows: QuerySet, ordering: tuple[str, ...], size: int) -> list[str]:
    seen, page = [], keyset_page(rows, ordering, size=size)
    while True:
        seen += [row.pk for row in page.rows]
        if page.next is None:
            return seen
        page = keyset_page(rows, ordering, after=page.next, size=size)


def walk_back(rows: QuerySet, ordering: tuple[str, ...], size: int) -> list[str]:
    page = keyset_page(rows, ordering, size=size)
    while page.next:
        page = keyset_page(rows, ordering, after=page.next, size=size)
    seen = [row.pk for row in page.rows]
    while page.previous:
        page = keyset_page(rows, ordering, before=page.previous, size=size)
        seen = [row.pk for row in page.rows] + seen
    return seen


@pytest.mark.parametrize("ordering", ORDERS)
@pytest.mark.parametrize("size", [1, 7, 40, 50])
def test_the_pages_hold_every_row_once_and_in_order(areas: QuerySet, ordering: tuple[str, ...], size: int) -> None:
    expected = [row.pk for row in areas.order_by(*ordering)]
    assert walk(areas, ordering, size) == expected
    assert sorted(walk_back(areas, ordering, size)) == sorted(expected)
    assert walk_back(areas, ordering, size) == expected


def test_the_first_page_has_no_way_back_and_the_last_none_forward(areas: QuerySet) -> None:
    first = keyset_page(areas, ("code",), size=30)
    assert first.previous is None and first.next is not None
    last = keyset_page(areas, ("code",), after=first.next, size=30)
    assert last.next is None and last.previous is not None
    assert keyset_page(areas, ("code",), before=last.previous, size=30).previous is None


def test_rows_added_before_the_cursor_move_nothing(areas: QuerySet) -> None:
    first = keyset_page(areas, ("code",), size=10)
    AdminArea.objects.create(code="T000", country="UA", level=1, name_en="new", name_local="")
    assert keyset_page(areas, ("code",), after=first.next, size=10).rows[0].pk == "T10"


def test_a_page_of_an_empty_list_has_no_neighbours(areas: QuerySet) -> None:
    page = keyset_page(areas.none(), ("code",), after="T05", size=10)
    assert (page.rows, page.next, page.previous) == ([], None, None)


def test_an_annotation_can_order_a_list(areas: QuerySet) -> None:
    rows = areas.annotate(where=F("lat"))
    assert walk(rows, ("-where", "code"), 9) == [row.pk for row in rows.order_by("-where", "code")]


def test_a_cursor_reads_as_the_row_it_stands_for() -> None:
    row = {"name_en": "a,~b%", "lat": None, "code": "T1"}
    cursor = cursor_of(row, ("name_en", "lat", "code"))
    assert cursor == "a%2C%7Eb%25,~,T1"
    assert parse_cursor(cursor, AdminArea.objects.all(), ("name_en", "lat", "code")) == ["a,~b%", None, "T1"]


def test_a_time_in_a_cursor_keeps_its_zone_and_its_microseconds() -> None:
    at = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)
    cursor = cursor_of({"at": at}, ("-at",))
    assert parse_cursor(cursor, AuditEvent.unscoped.all(), ("-at",)) == [at]


@pytest.mark.parametrize(
    ("cursor", "ordering"),
    [
        ("", ("at", "id")),
        ("x", ("at", "id")),
        ("2026-11-22T09:00:00+00:00,not-a-uuid", ("at", "id")),
        ("yesterday,01938f00-0000-7000-8000-000000000000", ("at", "id")),
        ("2026-11-22T09:00:00,01938f00-0000-7000-8000-000000000000", ("at", "id")),
        ("2026-13-41T09:00:00+00:00", ("at",)),
        ("%00", ("action",)),
        ("1e400", ("seq",)),
        ("x" * 1001, ("action",)),
        ("a,b,c", ("action", "id")),
        ("a", ("no_such_column",)),
    ],
)
def test_what_is_not_a_cursor_of_this_list_is_refused(cursor: str, ordering: tuple[str, ...]) -> None:
    with pytest.raises(BadRequest):
        parse_cursor(cursor, AuditEvent.unscoped.all(), ordering)
