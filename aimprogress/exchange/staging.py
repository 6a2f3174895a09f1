"""From an upload to staged rows: understood, compared with the portal, counted. Writes only the staging tables."""

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from aimprogress.exchange.columns import Match
from aimprogress.exchange.gazetteer import Gazetteer, from_database
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.reading import Book, read_book
from aimprogress.exchange.records import CHECK
from aimprogress.exchange.safety import Upload
from aimprogress.exchange.targets import Candidate, ImportTarget
from aimprogress.exchange.understanding import Understanding, understand
from aimprogress.places.models import Settlement

BATCH_SIZE = 1000
NEVER_SHOWN = {"contact", "military", "lat", "lon", "point"}


@lru_cache(maxsize=1)
def _gazetteer(settlements: int) -> Gazetteer:
    return from_database()


def gazetteer() -> Gazetteer:
    """The portal's places, kept in memory until their number changes."""
    return _gazetteer(Settlement.objects.count())


def sealed(upload: Upload) -> dict[str, str]:
    """The columns of a batch that hold the upload."""
    return {
        "file_name": upload.name,
        "file_kind": upload.kind,
        "content": base64.b64encode(upload.data).decode(),
        "sha256": hashlib.sha256(upload.data).hexdigest(),
    }


def opened(batch: ImportBatch) -> Upload:
    """The upload of a batch, checked when it came in."""
    return Upload(name=batch.file_name, kind=batch.file_kind, data=base64.b64decode(batch.content))


def read_batch(batch: ImportBatch, target: ImportTarget, upload: Upload) -> tuple[Book, Understanding, list[Candidate]]:
    """The upload as understood with the batch's choices and corrections, and compared with the portal."""
    book = read_book(upload)
    chosen = {sheet: {int(at): name for at, name in columns.items()} for sheet, columns in batch.chosen.items()}
    understanding = understand(book, target.spec, gazetteer(), chosen=chosen, corrections=_corrections(batch))
    candidates = [Candidate(record) for record in understanding.records]
    target.compare(batch.organisation, [candidate for candidate in candidates if not candidate.record.outcome])
    return book, understanding, candidates


def _corrections(batch: ImportBatch) -> dict[tuple[str, int], Mapping[str, str]]:
    found = {}
    for place, fields in (batch.corrections or {}).items():
        sheet, _tab, row = place.rpartition("\t")
        found[sheet, int(row)] = fields
    return found


def store_rows(batch: ImportBatch, candidates: Sequence[Candidate]) -> None:
    """Replace the rows of a batch that is not applied yet, and count them."""
    ImportRow.objects.filter(batch=batch).delete()
    rows = [_row(batch, number, candidate) for number, candidate in enumerate(candidates, start=1)]
    ImportRow.objects.bulk_create(rows, batch_size=BATCH_SIZE)
    counts = Counter(row.outcome for row in rows)
    batch.counts = {"rows": len(rows), **{outcome: counts.get(outcome, 0) for outcome in ImportRow.Outcome.values}}
    batch.counts["checks"] = sum(row.has_checks for row in rows)


def replace_rows(rows: Sequence[ImportRow]) -> None:
    """Store applied rows with what undo needs: in one INSERT, because encrypted values are written through their rows."""
    ImportRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
    ImportRow.objects.bulk_create(rows, batch_size=BATCH_SIZE)


def _row(batch: ImportBatch, number: int, candidate: Candidate) -> ImportRow:
    record = candidate.record
    body = {"fields": record.fields, "problems": record.problems, "changes": candidate.changes}
    empty = not (record.fields or record.problems or candidate.changes)
    return ImportRow(
        organisation_id=batch.organisation_id, batch=batch, number=number, sheet=record.sheet[:120], row=record.row,
        outcome=record.outcome, why=list(record.why) if record.why else None, body=None if empty else body,
        has_checks=any(problem["level"] == CHECK for problem in record.problems), target_id=candidate.target_id,
    )  # fmt: skip


def column_facts(matches: Mapping[str, Sequence[Match]]) -> list[dict[str, Any]]:
    """What the columns page shows of each column; the values of a column that is never read are not shown."""
    return [
        {
            "sheet": sheet, "at": match.column.at, "heading": match.column.heading, "above": match.column.above,
            "field": match.field, "how": match.how,
            "example": "" if match.how in NEVER_SHOWN or match.field in NEVER_SHOWN else match.column.example,
        }
        for sheet, found in matches.items()
        for match in found
    ]  # fmt: skip


def as_record(row: ImportRow) -> dict[str, Any]:
    """One source row as `manage.py import --json` writes it."""
    from aimprogress.exchange.wording import sentence

    return {
        "sheet": row.sheet, "row": row.row, "outcome": row.outcome,
        "why": {"code": row.why[0], "text": sentence(*row.why)} if row.why else None,
        "fields": row.fields,
        "problems": [problem | {"text": sentence(problem["code"], problem["params"])} for problem in row.problems],
        "changes": row.changes,
    }  # fmt: skip
