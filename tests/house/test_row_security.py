"""The second wall stands around every table that is not named, with a reason, in `OPEN_TABLES`."""

import pytest
from django.apps import apps
from django.db import connection

from aimprogress.core.scoping import ScopedForeignKey, ScopedModel
from aimprogress.core.tables import OPEN_TABLES

pytestmark = [pytest.mark.house, pytest.mark.django_db]

PROTECTED = """
SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
COMPOSITE = """
SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
       array(SELECT attname::text FROM unnest(c.conkey) WITH ORDINALITY k(num, pos)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY k.pos)
FROM pg_constraint c WHERE c.contype = 'f' AND cardinality(c.conkey) = 2
"""


def tables() -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(PROTECTED)
        return dict(cursor.fetchall())


def test_every_table_has_row_security_or_a_reason():
    open_tables = {name for name, protected in tables().items() if not protected}
    assert open_tables == set(OPEN_TABLES) | {"django_migrations"}
    assert all(len(reason.split()) >= 3 for reason in OPEN_TABLES.values())


def test_every_scoped_model_is_protected():
    protected = tables()
    missing = [
        model._meta.label for model in apps.get_models() if issubclass(model, ScopedModel) and not protected[model._meta.db_table]
    ]
    assert not missing


def test_every_scoped_key_is_composite_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute(COMPOSITE)
        composite = {
            (child, parent, columns[1]) for child, parent, columns in cursor.fetchall() if columns[0] == "organisation_id"
        }
    missing = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, ScopedForeignKey)
        and (model._meta.db_table, field.remote_field.model._meta.db_table, field.column) not in composite
    ]
    assert not missing


def test_scoped_rows_point_to_scoped_rows_only_by_scoped_keys():
    plain = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if issubclass(model, ScopedModel)
        for field in model._meta.local_fields
        if field.many_to_one and issubclass(field.remote_field.model, ScopedModel) and not isinstance(field, ScopedForeignKey)
    ]
    assert not plain


def test_the_application_owns_nothing_and_bypasses_nothing():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == "portal_app"
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
        assert cursor.fetchone()[0] == 0


@pytest.mark.parametrize(
    "table",
    [
        "core_auditevent", "members_sitestatus", "members_headcount", "members_alertlevelchange", "members_sharepull",
        "members_casemessage", "members_otheranswers", "members_hazardreport", "members_strictmonth", "jobs_jobtransition",
        "humanitarian_wagesupportreport", "members_rollcallanswer",
    ],
)  # fmt: skip
def test_the_application_cannot_rewrite_what_was_said(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege(%s, 'UPDATE'), has_table_privilege(%s, 'DELETE'), has_table_privilege(%s, 'INSERT')",
            [table] * 3,
        )
        assert cursor.fetchone() == (False, False, True)


@pytest.mark.parametrize("table", ["jobs_job", "members_legalhold", "members_departure"])
def test_the_application_cannot_make_undone_what_was_asked_or_decided(table):
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'DELETE'), has_table_privilege(%s, 'TRUNCATE')", [table] * 2)
        assert cursor.fetchone() == (False, False)


def test_scoped_lists_have_an_index_for_the_owner_and_one_for_the_secretariat():
    """The newest of one organisation, and the newest over all: without the second the secretariat sorts everything."""
    ours = [
        apps.get_model(label)
        for label in ("members.SiteStatus", "members.HeadCount", "humanitarian.SafetyAction", "risks.RightsIssue")
    ]
    for model in ours:
        firsts = {index.fields[0] for index in model._meta.indexes}
        order = model._meta.ordering[0]
        assert "organisation" in firsts and order in firsts, model
