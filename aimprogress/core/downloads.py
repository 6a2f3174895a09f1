"""Hand a stored file to somebody's browser: never shown in place, never kept by it, always on the record.

Whether the Actor may have the file is the calling page's decision; this module only makes the answer safe.
"""

import logging

from django.http import FileResponse, Http404
from django.utils.http import content_disposition_header

from .audit import record
from .files import StoredFile

log = logging.getLogger(__name__)


def download(file: StoredFile) -> FileResponse:
    """The file as an attachment, with an AuditEvent `core.download_file`. Raises Http404 where its bytes are gone.

    The name is sent as RFC 6266 says, so Cyrillic survives. `sandbox` and `nosniff` keep a browser that opens it anyway
    from running anything in the portal's name.
    """
    try:
        handle = file.path.open("rb")
    except FileNotFoundError:
        log.error("stored file %s has no bytes", file.pk)
        raise Http404 from None
    record("core.download_file", subject=file, sha256=file.sha256)
    response = FileResponse(handle, content_type=file.content_type)
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = content_disposition_header(True, file.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    return response
