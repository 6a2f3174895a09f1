"""Romanisation, search keys, the grid and distances: pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimprogress.places.geo import distance_km
from aimprogress.places.names import romanise, search_key

LATITUDES = st.floats(-89.9, 89.9)
LONGITUDES = st.floats(-179.9, 179.9)


@pytest.mark.parametrize(
    ("local", "latin"),
    [
        ("Запоріжжя", "Zaporizhzhia"),
        ("Згурівка", "Zghurivka"),
        ("Кам’янець-Подільський", "Kamianets-Podilskyi"),
        ("Єнакієве", "Yenakiieve"),
        ("Юрʼївка", "Yurivka"),
        ("Щастя", "Shchastia"),
        ("Йосипівка", "Yosypivka"),
        ("", ""),
        ("Lviv", "Lviv"),
    ],
)
def test_ukrainian_is_romanised_by_the_official_table(local, latin):
    assert romanise(local) == latin


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ŁÓDŹ", "lodz"),
        ("Năsăud", "nasaud"),
        ("Мар’їнка", "мар'їнка"),
        ("L'viv", "lviv"),
        ("Кривий  Ріг", "кривий-ріг"),
        ("Ёлкино", "елкино"),
    ],
)
def test_spellings_of_one_place_share_a_key(one, other):
    assert search_key(one) == search_key(other)


def test_letters_that_tell_places_apart_are_kept():
    assert search_key("Київ") != search_key("Киiв".replace("i", "и"))
    assert search_key("й") != search_key("и")


def test_kyiv_to_lviv_is_about_469_kilometres():
    assert distance_km((50.4547, 30.5238), (49.8383, 24.0232)) == pytest.approx(469, abs=2)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distance_is_symmetric_and_bounded(lat_a, lon_a, lat_b, lon_b):
    there, back = distance_km((lat_a, lon_a), (lat_b, lon_b)), distance_km((lat_b, lon_b), (lat_a, lon_a))
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= 20016
    assert distance_km((lat_a, lon_a), (lat_a, lon_a)) == 0
