"""Many rows at once go through COPY unharmed, and through both walls like one."""

import datetime as dt
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.copying import LINES_AT_ONCE, MANY, column_types, copy_into, insert_rows, temporary_table, update_rows
from aimprogress.core.ids import uuid7
from members.models import HeadCount, Site
from tests.factories import a_coordinator, a_site, an_area, an_organisation

pytestmark = pytest.mark.django_db

HARD = ["", None, "a,b", 'say "x"', "two\nlines", "tab\there", "\\N", "\\.", "Київ", "'; DROP TABLE x; --", " ", "NULL", "\r\n"]


def test_every_text_arrives_as_it_was():
    with transaction.atomic(), temporary_table("t", "n integer, x text") as table, connection.cursor() as cursor:
        copy_into(table, ["n", "x"], enumerate(HARD))
        cursor.execute(f"SELECT x FROM {table} ORDER BY n")
        assert [row[0] for row in cursor.fetchall()] == HARD


def test_more_rows_than_go_at_once_all_arrive():
    count = 2 * LINES_AT_ONCE + 7
    with (
        transaction.atomic(),
        temporary_table("t", "n integer, at timestamptz, ok boolean") as table,
        connection.cursor() as cursor,
    ):
        copy_into(table, ["n", "at", "ok"], ([n, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), n % 2 == 0] for n in range(count)))
        cursor.execute(f"SELECT count(DISTINCT n), count(at), count(*) FILTER (WHERE ok) FROM {table}")
        assert cursor.fetchone() == (count, count, LINES_AT_ONCE + 4)


def test_the_table_is_gone_after_its_block():
    with transaction.atomic(), connection.cursor() as cursor:
        for _time in range(2):
            with temporary_table("t", column_types(Site, ["id", "admin1_id"])):
                cursor.execute("SELECT count(*) FROM t")
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute("SELECT count(*) FROM t")


def rows_for(organisation: UUID) -> list[list]:
    return [[uuid7(), organisation, "NEW-1", "New", "UA", an_area().pk, "code-of-check-in"]]


NAMES = ["id", "organisation_id", "code", "name", "country", "admin1_id", "checkin_code"]


def test_rows_are_added_with_the_defaults_of_their_model():
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        insert_rows(Site, NAMES, rows_for(mine.pk))
        site = Site.objects.get()
        assert (site.kind, site.baseline, site.version, site.current_utilities, site.languages) == ("FACTORY", 0, 1, {}, [])
        assert site.updated_at is not None and site.exact_location is None


def test_rows_of_another_organisation_are_refused_by_the_database():
    mine, other = an_organisation(), an_organisation()
    with acting_as(a_coordinator(mine)), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        insert_rows(Site, NAMES, rows_for(other.pk))
    theirs = a_site(other, name="Theirs")
    with acting_as(a_coordinator(mine)):
        update_rows(Site, ["name"], [[theirs.pk, "Mine"]])
    with acting_as(SYSTEM):
        theirs.refresh_from_db()
        assert (theirs.name, theirs.version) == ("Theirs", 1)


def test_after_many_rows_the_database_looks_at_the_table_again():
    site = a_site()
    names = ["id", "organisation_id", "site_id", "observed_at", "expected"]
    with acting_as(SYSTEM), connection.cursor() as cursor:
        insert_rows(HeadCount, names, ([uuid7(), site.organisation_id, site.pk, timezone.now(), 0] for _ in range(MANY)))
        cursor.execute("SELECT reltuples >= %s, current_setting('server_version_num')::int FROM pg_class"
                       " WHERE oid = 'members_headcount'::regclass", [MANY])  # fmt: skip
        looked, version = cursor.fetchone()
    assert looked or version < 170_000
