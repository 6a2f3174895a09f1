"""The bundled slice of real lists, the shared real files where a folder of them is found, and the bundled places."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from aimprogress.exchange.gazetteer import Gazetteer, from_rows
from aimprogress.exchange.reading import read_book
from aimprogress.exchange.safety import receive
from aimprogress.exchange.understanding import ListSpec, Understanding, understand
from aimprogress.places.models import Settlement
from tests.factories import an_area

DATA = Path(__file__).parent / "data"
SAMPLES = Path(settings.BASE_DIR) / "aimprogress" / "exchange" / "samples"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files that cannot be bundled: AIM_SHARED_DATA, else one beside the checkout. Skips without it."""
    folder = Path(os.environ.get("AIM_SHARED_DATA") or Path(settings.BASE_DIR).parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("the real lists are not here: set AIM_SHARED_DATA to their folder")
    return folder


@cache
def bundled_places() -> Gazetteer:
    from aimprogress.places.reference import areas, settlements

    return from_rows(
        [(s.id, s.name, s.country, s.admin1_id, s.area_id, s.lat, s.lon, s.population, s.search_key) for s in settlements()],
        [(a.code, a.country, a.name_en, a.name_local) for a in areas() if a.level == 1],
    )


@pytest.fixture
def lviv(db: None) -> Settlement:
    """A town that lists are about, in its oblast."""
    area = an_area("UA46000000000026241", "UA", "Lviv", pcode="UA46")
    return Settlement.objects.create(
        id=UUID("6f1b1e0a-0000-5000-8000-000000000001"), country="UA", admin1=area, area=area, name="Lviv", name_local="Львів",
        lat=49.8383, lon=24.0232, population=717273, search_key="lviv|львів|lwow|lemberg",
    )  # fmt: skip


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return bundled_places()


@pytest.fixture(scope="session")
def understood() -> Callable[..., Understanding]:
    """Read a file by a target's spec, with the bundled places."""

    def read(path: Path, spec: ListSpec, **more: object) -> Understanding:
        with path.open("rb") as handle:
            return understand(read_book(receive(handle, name=path.name)), spec, bundled_places(), **more)

    return read
