"""Romanisation, search keys, the grid and distances: pure."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimprogress.places.geo import distance_km, snap_to_grid
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


@pytest.mark.parametrize(
    ("point", "cell"),
    [
        ((50.4547, 30.5238), (50.45, 30.55)),
        ((49.9, 36.2), (49.95, 36.25)),
        ((49.99, 36.29), (49.95, 36.25)),
        ((-0.01, -0.01), (-0.05, -0.05)),
        ((0.0, 0.0), (0.05, 0.05)),
    ],
)
def test_a_point_goes_to_the_middle_of_its_cell(point, cell):
    assert snap_to_grid(*point) == cell


@given(LATITUDES, LONGITUDES)
def test_the_grid_keeps_its_secret(lat, lon):
    snapped = snap_to_grid(lat, lon)
    # half a cell at most, and nothing more to learn by asking again
    assert abs(snapped[0] - lat) <= 0.0501 and abs(snapped[1] - lon) <= 0.0501
    assert snap_to_grid(*snapped) == snapped


@pytest.mark.parametrize("point", [(91, 0), (0, 181), (math.nan, 0), (0, math.inf)])
def test_a_point_that_is_not_on_earth_is_refused(point):
    with pytest.raises(ValueError, match="degrees"):
        snap_to_grid(*point)
    with pytest.raises(ValueError, match="degrees"):
        distance_km(point, (0, 0))


def test_kyiv_to_lviv_is_about_469_kilometres():
    assert distance_km((50.4547, 30.5238), (49.8383, 24.0232)) == pytest.approx(469, abs=2)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distance_is_symmetric_and_bounded(lat_a, lon_a, lat_b, lon_b):
    there, back = distance_km((lat_a, lon_a), (lat_b, lon_b)), distance_km((lat_b, lon_b), (lat_a, lon_a))
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= 20016
    assert distance_km((lat_a, lon_a), (lat_a, lon_a)) == 0
