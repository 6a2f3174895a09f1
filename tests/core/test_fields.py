"""Encrypted columns: unreadable in the database, bound to their row and column, opened by any key in force."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import connection

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.exceptions import TamperedField
from aimprogress.core.fields import Token
from members.models import EvacuationPlan, Site
from tests.factories import a_site
from tests.members.plan_samples import an_evacuation_plan

pytestmark = pytest.mark.django_db
POINT = {"lat": 49.8397, "lon": 24.0297}


@pytest.fixture
def site():
    """Inside, the test acts as the system."""
    made = a_site(exact_location=POINT)
    with acting_as(SYSTEM):
        yield made


def token_of(row, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def test_a_value_comes_back_and_stands_in_no_column(site):
    assert Site.objects.get(pk=site.pk).exact_location == POINT
    with connection.cursor() as cursor:
        cursor.execute("SELECT site::text FROM members_site AS site WHERE id = %s", [site.pk])
        assert "49.8397" not in cursor.fetchone()[0]


def test_a_fast_read_gives_the_ciphertext(site):
    (row,) = Site.objects.filter(pk=site.pk).values("exact_location")
    assert isinstance(row["exact_location"], Token) and "49.8397" not in row["exact_location"]


def test_a_value_moved_to_another_row_is_refused(site):
    other = a_site(site.organisation)
    Site.objects.filter(pk=other.pk).update(exact_location=Token(token_of(site, "exact_location")))
    with pytest.raises(TamperedField):
        Site.objects.get(pk=other.pk).exact_location  # noqa: B018 - reading it is the test


def test_a_value_moved_to_another_column_is_refused(site):
    plan = an_evacuation_plan(site)
    EvacuationPlan.objects.filter(pk=plan.pk).update(shelters=Token(token_of(plan, "routes")))
    plan = EvacuationPlan.objects.get(pk=plan.pk)
    assert plan.routes
    with pytest.raises(TamperedField, match=r"routes was found in .*shelters"):
        plan.shelters  # noqa: B018 - reading it is the test


def test_an_older_key_still_opens_and_the_newest_closes(site, settings):
    (old,), new = settings.FIELD_KEYS, Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    kept = Site.objects.get(pk=site.pk)
    assert kept.exact_location == POINT
    kept.save()
    settings.FIELD_KEYS = [new]
    assert Site.objects.get(pk=site.pk).exact_location == POINT
    settings.FIELD_KEYS = [old]
    with pytest.raises(TamperedField, match="No key opens"):
        Site.objects.get(pk=site.pk).exact_location  # noqa: B018 - reading it is the test


def test_an_encrypted_column_is_never_searched_and_never_written_past_its_row(site):
    with pytest.raises(FieldError):
        Site.objects.filter(exact_location=POINT).exists()
    with pytest.raises(TypeError, match="through the row it belongs to"):
        Site.objects.filter(pk=site.pk).update(exact_location=POINT)
