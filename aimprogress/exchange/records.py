"""One source row on its way: what it says as understood, and what is to be said about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ERROR, CHECK, NOTE = "error", "check", "note"


@dataclass(slots=True)
class Record:
    """One source row. `outcome` is "" for a record that can be compared with the portal, else problem, duplicate or ignored."""

    sheet: str
    row: int
    outcome: str = ""
    why: tuple[str, dict[str, Any]] | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)

    def remark(
        self, level: str, name: str, code: str, params: Mapping[str, Any], *, value: str = "", suggestion: str = ""
    ) -> None:
        """Add a problem, a cell to check, or a note to this row."""
        said = {"level": level, "field": name, "code": code, "params": dict(params)}
        self.problems.append(said | {"value": value or str(params.get("value", "")), "suggestion": suggestion})
        if level == ERROR:
            self.outcome = "problem"
