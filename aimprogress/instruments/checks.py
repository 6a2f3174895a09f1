"""`manage.py check` reads the whole library: one error per broken file, with the place and the reason."""

from typing import Any

from django.core.checks import CheckMessage, Error

from . import engine
from .definition import InstrumentError
from .schema import read_instrument


def check_library(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """An Error for each file of the library that cannot be read as an instrument."""
    problems: list[CheckMessage] = []
    for path in sorted(engine.LIBRARY.glob("*.yaml")):
        try:
            read_instrument(path)
        except InstrumentError as error:
            problems.append(Error(str(error), hint="See aimprogress/instruments/schema.py.", id="instruments.E001"))
    return problems
