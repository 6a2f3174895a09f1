"""What the demo loaders of the apps share: a moment, a repeatable dice, and what they made for each other."""

import json
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

Load = Callable[["Demo"], None]
LOADERS: list[tuple[int, str, Load]] = []


class Demo:
    """One loading of the demo. `kept` carries what one loader made and another needs, by name."""

    def __init__(self) -> None:
        self.now: datetime = timezone.now().replace(microsecond=0)
        self.dice = random.Random(2022)
        self.kept: dict[str, Any] = {}
        self.first_run: dict[str, str] = {}

    def write_first_run(self) -> None:
        """Leave what is shown only once where `make run` prints and deletes it."""
        if self.first_run:
            settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
            path = settings.DATA_DIR / "first-run.json"
            path.touch(mode=0o600)
            path.write_text(json.dumps(self.first_run))


def demo_loader(name: str, *, order: int) -> Callable[[Load], Load]:
    """Register a function of an app's `demo` module; lower orders load first."""

    def register(load: Load) -> Load:
        if not any(known == name for _order, known, _load in LOADERS):
            LOADERS.append((order, name, load))
        return load

    return register
