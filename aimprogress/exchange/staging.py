"""From an upload to staged rows: understood, compared with the portal, counted. Writes only the staging tables."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext_noop

from aimprogress.core.audit import keyed_hash
from aimprogress.core.copying import insert_rows, update_rows
from aimprogress.core.fields import as_json
from aimprogress.core.ids import uuid7
from aimprogress.exchange.columns import Match
from aimprogress.exchange.gazetteer import Gazetteer, from_database
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.reading import read_book
from aimprogress.exchange.records import CHECK, NOTE, Record
from aimprogress.exchange.safety import Upload
from aimprogress.exchange.targets import Candidate, ImportTarget
from aimprogress.exchange.understanding import TELL_EVERY, Tell, Understanding, tell_nobody, understand
from aimprogress.exchange.wording import sentence

MOST_NAMED = 50
KEPT = ("new", "changed", "same")
WRITTEN = ("new", "changed")
KEEP = gettext_noop("Keeping the rows with what was understood")
NEVER_SHOWN = {"contact", "military", "address", "lat", "lon", "point"}


@lru_cache(maxsize=1)
def _gazetteer(written: tuple[Any, ...]) -> Gazetteer:
    return from_database()


def gazetteer() -> Gazetteer:
    """The portal's places, kept in memory until one of them is written."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN_BY)
        return _gazetteer(cursor.fetchone())


WRITTEN_BY = """
SELECT t.many, t.by, a.many, a.by
FROM (SELECT count(*) AS many, sum(xmin::text::bigint) AS by FROM places_settlement) t,
    (SELECT count(*) AS many, sum(xmin::text::bigint) AS by FROM places_adminarea WHERE level = 1) a
"""
"""Changes with every list of places that is loaded: the numbers of the transactions that wrote the rows, added up."""


def sealed(upload: Upload) -> dict[str, Any]:
    """The columns of a batch that hold the upload."""
    return {
        "file_name": upload.name,
        "file_kind": upload.kind,
        "content": base64.b64encode(upload.data).decode(),
        "sha256": hashlib.sha256(upload.data).hexdigest(),
        "size": upload.weight,
    }


def opened(batch: ImportBatch) -> Upload:
    """The upload of a batch, checked when it came in."""
    return Upload(name=batch.file_name, kind=batch.file_kind, data=base64.b64decode(batch.content))


_tell: ContextVar[Tell] = ContextVar("tell", default=tell_nobody)


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """Whoever works on a list inside the block tells `tell(rows done, rows in all, what is being done)` how far it is."""
    token = _tell.set(tell)
    try:
        yield
    finally:
        _tell.reset(token)


def read_batch(batch: ImportBatch, target: ImportTarget, upload: Upload) -> tuple[Understanding, list[Candidate]]:
    """The upload as understood with the batch's choices and corrections, compared with the portal and judged by the rules."""
    book = read_book(upload)
    chosen = {sheet: {int(at): name for at, name in columns.items()} for sheet, columns in batch.chosen.items()}
    places = gazetteer() if target.spec.of_places else None
    understanding = understand(book, target.spec, places, chosen=chosen, corrections=typed_cells(batch), tell=_tell.get())
    candidates = [Candidate(record) for record in understanding.records]
    target.compare(batch.organisation, [candidate for candidate in candidates if not candidate.record.outcome])
    target.judge([candidate for candidate in candidates if not candidate.record.outcome])
    return understanding, candidates


def typed_cells(batch: ImportBatch) -> dict[tuple[str, int], Mapping[str, str]]:
    """What a person put in the place of cells, by sheet and row."""
    found = {}
    for place, fields in (batch.corrections or {}).items():
        sheet, _tab, row = place.rpartition("\t")
        found[sheet, int(row)] = fields
    return found


def store_rows(batch: ImportBatch, target: ImportTarget, candidates: Sequence[Candidate]) -> None:
    """Replace the rows of a batch, with one COPY and one INSERT, and count them; what the list does not mention is named."""
    ImportRow.objects.filter(batch=batch).delete()
    said = hashlib.sha256()
    insert_rows(ImportRow, COLUMNS, _rows(batch, candidates, said))
    batch.rows_hash = keyed_hash(said.hexdigest())
    _count(batch, target, candidates)


def are_as_stored(batch: ImportBatch, candidates: Sequence[Candidate]) -> bool:
    """Whether the stored rows say the same as these candidates, word for word: then nothing of them is sealed once more."""
    said = hashlib.sha256()
    for candidate in candidates:
        said.update(_identity(candidate, _body(candidate)))
    return batch.rows_hash == keyed_hash(said.hexdigest())


def tell_rows(batch: ImportBatch, target: ImportTarget, candidates: Sequence[Candidate]) -> None:
    """Tell the stored rows, which say the same as the candidates, what was written of each and what undo needs."""
    before = ImportRow._meta.get_field("before").sealed
    ids = dict(ImportRow.objects.filter(batch=batch).order_by().values_list("number", "pk"))
    written = ((ids[number], c) for number, c in enumerate(candidates, start=1) if c.record.outcome in WRITTEN)
    rows = ([pk, c.target_id, None if c.before is None else before(c.before, pk)] for pk, c in written)
    update_rows(ImportRow, ["target_id", "before"], rows, changed=False)
    _count(batch, target, candidates)


def _count(batch: ImportBatch, target: ImportTarget, candidates: Sequence[Candidate]) -> None:
    counts = Counter(candidate.record.outcome for candidate in candidates)
    batch.counts = {"rows": len(candidates), **{outcome: counts.get(outcome, 0) for outcome in ImportRow.Outcome.values}}
    told = [(number, candidate.record) for number, candidate in enumerate(candidates, start=1)
            if candidate.record.problems and candidate.record.outcome in KEPT]  # fmt: skip
    noted = [number for number, record in told if any(problem["level"] == NOTE for problem in record.problems)]
    batch.counts["checks"] = sum(_has_checks(record) for _number, record in told)
    batch.counts["notes"], batch.counts["first_notes"] = len(noted), noted[:MOST_NAMED]
    missing = target.missing(batch.organisation, candidates)
    batch.counts["missing"], batch.missing = len(missing), missing[:MOST_NAMED]


COLUMNS = (
    "id", "organisation_id", "batch_id", "number", "sheet", "row", "outcome", "why", "body", "has_checks", "target_id", "before",
)  # fmt: skip


def _rows(batch: ImportBatch, candidates: Sequence[Candidate], said: Any) -> Iterator[list[Any]]:
    """The rows as they are stored; `said` is the hash that takes in what they say."""
    tell = _tell.get()
    body_of, before_of = (ImportRow._meta.get_field(name) for name in ("body", "before"))
    organisation, of = str(batch.organisation_id), str(batch.pk)  # the same in every row: written out once
    for number, candidate in enumerate(candidates, start=1):
        if number % TELL_EVERY == 0:
            tell(number, len(candidates), KEEP)
        record, before, pk, body = candidate.record, candidate.before, str(uuid7()), _body(candidate)
        said.update(_identity(candidate, body))
        yield [
            pk, organisation, of, number, record.sheet, record.row, record.outcome,
            json.dumps(record.why) if record.why else None, body_of.sealed_json(body, pk) if body else None,
            _has_checks(record), candidate.target_id, None if before is None else before_of.sealed(before, pk),
        ]  # fmt: skip


def _body(candidate: Candidate) -> str:
    record = candidate.record
    if not (record.fields or record.problems or candidate.changes):
        return ""
    return as_json({"fields": record.fields, "problems": record.problems, "changes": candidate.changes})


def _identity(candidate: Candidate, body: str) -> bytes:
    """All that a stored row says before anything is written of it."""
    record = candidate.record
    return f"{record.sheet}\t{record.row}\t{record.outcome}\t{record.why}\t{candidate.target_id}\t{body}\n".encode()


def _has_checks(record: Record) -> bool:
    return any(problem["level"] == CHECK for problem in record.problems)


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
    return {
        "sheet": row.sheet, "row": row.row, "outcome": row.outcome,
        "why": {"code": row.why[0], "text": sentence(*row.why)} if row.why else None,
        "fields": row.fields,
        "problems": [problem | {"text": sentence(problem["code"], problem["params"])} for problem in row.problems],
        "changes": row.changes,
    }  # fmt: skip
