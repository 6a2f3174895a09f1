"""One source row on its way: what it says as understood, and what is to be said about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ERROR, CHECK, NOTE = "error", "check", "note"
OF_ITS_OWN = "of its own"
"""Among the cells that a person typed: this row is no repeat, and no record that the portal has under another code."""


@dataclass(slots=True)
class Record:
    """One source row. `outcome` is "" for a record that can be compared with the portal, else problem, duplicate or ignored.

    `of_its_own`: a person said that it is another one than the row or the record that it looks like.
    """

    sheet: str
    row: int
    outcome: str = ""
    why: tuple[str, dict[str, Any]] | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    of_its_own: bool = False

    def remark(
        self, level: str, name: str, code: str, params: Mapping[str, Any], *, value: str = "", suggestion: str = ""
    ) -> None:
        """Add a problem, a cell to check, or a note to this row."""
        said = {"level": level, "field": name, "code": code, "params": dict(params)}
        self.problems.append(said | {"value": value or str(params.get("value", "")), "suggestion": suggestion})
        if level == ERROR:
            self.outcome = "problem"
