"""Everything that the portal holds of a member as one documented ZIP, for its coordinator."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from aimprogress.core.actor import Actor, current_actor
from aimprogress.core.audit import AuditEvent
from aimprogress.core.files import PIECE, StoredFile, open_file, store_stream
from aimprogress.core.permissions import Permission
from aimprogress.core.scoping import ScopedModel
from aimprogress.exchange.cells import csv_parts
from aimprogress.exchange.exports import EXPORTS
from aimprogress.jobs.kinds import Progress, job_kind
from aimprogress.jobs.models import Job

LEFT_OUT = {
    "api.IdempotencyKey": "answers kept for a day for repeated requests",
    "core.StoredFile": "the files themselves are in files/",
    "exchange.ImportBatch": "lists on their way in; what they brought is in the records",
    "exchange.ImportRow": "lists on their way in; what they brought is in the records",
    "members.Notification": "who was told that something waits; it names records only",
    "members.NoticeSetting": "how each person wants to be told",
    "web.FormDraft": "unfinished forms belong to the person who typed them",
}
"""Scoped tables that are no part of a member's records, each with the reason."""
SECRETS = frozenset({"line_key", "link_hash", "token_hash"})
"""Columns that open something."""
MADE_HERE = ("export", "archive")
AUDIT = ("seq", "at", "action", "actor_kind", "actor_label", "object_type", "object_id", "body_hash", "previous", "hash")


def may_open_archive(job: Job, actor: Actor) -> bool:
    return actor.may(Permission.LEAVE_ASK) and actor.owns(job.organisation_id)


@job_kind("archive", title=_("All data of our organisation"), max_runtime=timedelta(minutes=60), may_open=may_open_archive)
def write_archive(job: Job, progress: Progress) -> StoredFile:
    """Write the archive as the requester, who sees all of it. Running it again is safe. It is never in memory as a whole."""
    room = Path(settings.FILES_DIR)  # the disk for large files, and private: the machine's temporary folder may be neither
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryFile(dir=room) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
            _fill(Bundle(bundle), progress)
        name = f"all-data-{timezone.localdate()}.zip"
        return store_stream(file, name=name, content_type="application/zip", kind="archive", organisation_id=job.organisation_id)


class Bundle:
    """A ZIP that remembers what was put into it: name -> sha256 and number of rows."""

    def __init__(self, bundle: zipfile.ZipFile) -> None:
        self.bundle, self.held = bundle, {}

    def put(self, name: str, parts: Iterable[bytes], *, counted: bool = True) -> None:
        """Write one file from its parts; each part is a row where it is `counted`."""
        digest, rows = hashlib.sha256(), 0
        with self.bundle.open(name, "w", force_zip64=True) as out:
            for part in parts:
                out.write(part)
                digest.update(part)
                rows += 1
        self.held[name] = {"sha256": digest.hexdigest()} | ({"rows": rows} if counted else {})


def _fill(bundle: Bundle, progress: Progress) -> None:
    actor, models = current_actor(), list(archived_models())
    steps = len(models) + 3
    for place, model in enumerate(models):
        bundle.put(f"records/{model._meta.label_lower}.ndjson", _rows_of(model, actor))
        progress(place + 1, steps, gettext_noop("Writing the rows"))
    for export in EXPORTS.values():
        if export.is_for(actor):
            columns = [(key, str(label)) for key, label in export.columns]
            with closing(export.rows(QueryDict())) as rows:
                bundle.put(f"lists/{export.noun}.csv", csv_parts(columns, rows), counted=False)
    progress(steps - 2, steps, gettext_noop("Writing the files"))
    for file in StoredFile.objects.filter(organisation=actor.organisation_id).exclude(kind__in=MADE_HERE):
        if file.path.exists():
            bundle.put(f"files/{file.pk}-{get_valid_filename(file.name)}", _bytes_of(file), counted=False)
    events = AuditEvent.objects.filter(organisation_id=actor.organisation_id).order_by("seq")
    bundle.put("audit-trail.ndjson", (_line(row) for row in events.values(*AUDIT, "body").iterator(chunk_size=2000)))
    bundle.put("manifest.json", [json.dumps(bundle.held, indent=1).encode()], counted=False)
    bundle.put("README.txt", [_read_me(models).encode()], counted=False)


def archived_models() -> Iterator[type[Model]]:
    """The nouns whose rows belong to a member: all scoped tables but those left out for a reason."""
    for model in apps.get_models():
        if issubclass(model, ScopedModel) and model._meta.label not in LEFT_OUT:
            yield model


def _rows_of(model: type[Model], actor: Actor) -> Iterator[bytes]:
    fields = [field.attname for field in model._meta.concrete_fields if field.attname not in SECRETS]
    stored = getattr(model._default_manager, "with_withdrawn", model._default_manager.all)
    own = stored().filter(organisation=actor.organisation_id).order_by("pk")
    with closing(own.iterator(chunk_size=1000)) as rows:
        for row in rows:
            yield _line({name: getattr(row, name) for name in fields})


def _line(values: dict[str, Any]) -> bytes:
    return json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False).encode() + b"\n"


def _bytes_of(file: StoredFile) -> Iterator[bytes]:
    with open_file(file) as handle:
        while piece := handle.read(PIECE):
            yield piece


READ_ME = """All data of {organisation}, written on {today:%Y-%m-%d} for {who}.

records/*.ndjson     every record of yours: one JSON object a line, in UTF-8. Moments are UTC, ids UUIDs, codes those of the API
                     (docs/openapi.yaml). Encrypted columns are written in plain: keep this archive as safe as the portal was.
lists/*.csv          the lists that people export, as a spreadsheet reads them.
files/               evidence, snapshots and reports, named <id>-<name>; the id is that of the record that names it.
audit-trail.ndjson   what was done, in order. hash = sha256 over the entry and the hash before it; body holds references and keyed
                     fingerprints, never values. An empty body was dropped by retention; body_hash stays.
manifest.json        sha256 and number of rows of each file.

Not in here, and why:
{left_out}
Secrets of phones and keys are left out, too.

The records:
{models}
"""


def _read_me(models: list[type[Model]]) -> str:
    actor = current_actor()
    organisation = apps.get_model("members", "Organisation").objects.get(pk=actor.organisation_id)
    left_out = "".join(f"{label.lower()}: {reason}\n" for label, reason in LEFT_OUT.items())
    about = "".join(f"{model._meta.label_lower}: {(model.__doc__ or '').strip().splitlines()[0]}\n" for model in models)
    told = {"organisation": organisation.short_name, "today": timezone.now(), "who": actor.label}
    return READ_ME.format(**told, left_out=left_out, models=about)
