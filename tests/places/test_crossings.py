"""Border crossings: which are offered, in what order, and that nothing says more than the list did on its day."""

from datetime import date

import pytest
from django.utils import translation

from aimprogress.places.crossings import LISTED_ON, crossings, nearest_first, standing_words
from tests.factories import a_user, the_secretariat
from tests.signing import signed_in

LVIV, CHERNIVTSI = (49.84, 24.03), (48.29, 25.94)


def test_the_list_holds_crossings_to_five_neighbours_and_none_to_russia_or_belarus():
    assert len(crossings()) == 46
    assert {one.country for one in crossings().values()} == {"HU", "MD", "PL", "RO", "SK"}
    assert all(44 < one.lat < 53 and 22 < one.lon < 31 for one in crossings().values())


def test_the_nearest_stand_first():
    assert nearest_first(LVIV)[0][0].country == "PL"
    first, km = nearest_first(CHERNIVTSI)[0]
    assert first.country in ("RO", "MD") and km < 50
    distances = [km for _one, km in nearest_first(LVIV)]
    assert distances == sorted(distances)


def test_without_a_place_they_stand_by_name_and_without_distance():
    found = nearest_first(None)
    assert [one.name for one, _km in found] == sorted(one.name_en for one in crossings().values())
    assert {km for _one, km in found} == {None}


def test_names_are_in_the_readers_script():
    with translation.override("uk"):
        assert crossings()["krakivets-korczowa"].name == "Краківець – Корчова"
    assert crossings()["krakivets-korczowa"].label == "Krakivets – Korczowa (Poland, road)"


@pytest.mark.parametrize(
    ("today", "old"), [(LISTED_ON, False), (date(2023, 6, 29), False), (date(2023, 6, 30), True), (date(2026, 11, 22), True)]
)
@pytest.mark.parametrize("language", ["en", "uk"])
def test_what_is_said_has_the_date_and_never_that_it_is_open(language, today, old):
    with translation.override(language):
        words = standing_words(today)
    assert "2023" in words and "open" not in words and "відкри" not in words
    assert (("old" in words) or ("застаріл" in words)) == old


@pytest.mark.django_db
def test_the_api_says_when_it_was_listed():
    client = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    said = client.get("/api/v1/border-crossings/?country=SK").json()
    assert (said["listed_on"], said["is_old"], len(said["results"])) == ("2023-05-30", True, 3)
    assert {row["listed_on"] for row in said["results"]} == {"2023-05-30"}
    assert client.get("/api/v1/border-crossings/?country=RU").status_code == 400
    assert client.get("/api/v1/border-crossings/?colour=red").status_code == 400
