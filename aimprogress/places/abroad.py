"""What regions outside Ukraine are called in Ukrainian. No native has read the list yet."""

import csv
from functools import cache
from pathlib import Path

LIST = Path(__file__).parent / "data" / "regions_uk.csv"


@cache
def ukrainian_names() -> dict[str, str]:
    """By ISO 3166-2 code: "PL-14" -> "Мазовецьке воєводство"."""
    with LIST.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row["name"] for row in csv.DictReader(lines)}
