"""What is measured. Every function yields records; the database is loaded (data.py)."""

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import psycopg2
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aimprogress.core.actor import acting_as
from aimprogress.core.scoping import InScope
from aimprogress.environment import read
from members.access import actor_for_user
from members.models import Site, User
from members.rows import SITE_ROWS

from .data import Loaded
from .imports import imports
from .timing import Record, record, side_by_side

PAGE_BUDGET, CHECK_IN_BUDGET = 60 * 1024, 20 * 1024
PAGES = {"overview": "/overview/", "sites": "/sites/", "actions": "/actions/", "suppliers": "/suppliers/", "risks": "/risks/"}
PEER_ASKS = "/peer/sites/?limit=50"
TIMES = 20


def a_client(user: User) -> Client:
    """Signed in, with the second factor shown."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password"}, {"method": "mfa", "type": "totp"}]
    session.save()
    return client


def asks(client: Client, path: str) -> Callable[[], bytes]:
    """A request that must be answered with 200."""

    def ask() -> bytes:
        response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path}: {response.status_code}")
        return response.content

    return ask


def statements(work: Callable[[], object]) -> list[str]:
    """The SELECTs that a piece of work sends."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"] for query in captured if query["sql"].lstrip().upper().startswith("SELECT")]


def bare(user: User, sql: list[str]) -> Callable[[], None]:
    """The same statements through a cursor: the floor under a request, without Django, templates or JSON."""

    def send() -> None:
        with acting_as(actor_for_user(user)), connection.cursor() as cursor:
            for statement in sql:
                cursor.execute(statement)
                cursor.fetchall()

    return send


def inside(user: User, statement: str, times: int = 1) -> Callable[[], None]:
    """One statement, `times` in a row, as `user`; the Actor itself is made before."""
    actor = actor_for_user(user)

    def send() -> None:
        with acting_as(actor), connection.cursor() as cursor:
            for _time in range(times):
                cursor.execute(statement)
                cursor.fetchall()

    return send


def requests(loaded: Loaded) -> Iterator[Record]:
    """API list and site page against their own SQL sent bare, and the list against a plain serializer."""
    from aimprogress.api import throttling

    client, user = a_client(loaded.coordinator), loaded.coordinator
    with patch.object(throttling, "LIMITS", {}):
        listing = asks(client, "/api/v1/sites/?limit=50")
        page = asks(client, f"/sites/{loaded.site.pk}/")
        floor = "the same SELECTs sent bare"
        yield side_by_side("API list of 50 sites", listing, floor, bare(user, statements(listing)), goal=6)
        yield side_by_side("site page", page, floor, bare(user, statements(page)), goal=8)
        peer = asks(client, PEER_ASKS)
        yield side_by_side("API list of 50 sites, peer", listing, "ModelSerializer, same columns and middleware", peer, goal=1)
        one = len(statements(asks(client, "/api/v1/sites/?limit=1")))
        yield record("queries of a list of 50", len(statements(listing)), "a list of one", one, 1, "queries")


@contextmanager
def undone() -> Iterator[None]:
    """Rolls back what is done inside, so that the same again meets the same rows."""
    block = transaction.atomic()
    block._from_testcase = True  # as Django's TestCase does: ActorMiddleware's durable block may stand inside
    with block:
        yield
        transaction.set_rollback(True)


def check_in(loaded: Loaded) -> Iterator[Record]:
    """A check-in sent from the phone's page, against the statements it sends; neither is kept."""
    client, answers = a_client(loaded.coordinator), {"id": str(uuid4()), "operational": "REDUCED", "people": "all"}

    def send() -> None:
        with undone():
            response = client.post(f"/c/{loaded.site.checkin_code}/", answers)
            if "/sent/" not in response.get("Location", ""):
                raise RuntimeError(f"the check-in was not stored: {response.status_code}")

    with CaptureQueriesContext(connection) as captured:
        send()
    sql = [one["sql"] for one in captured if one["sql"].split()[0] in ("SELECT", "INSERT", "UPDATE")]

    def send_bare() -> None:
        with undone(), connection.cursor() as cursor:
            for statement in sql:
                cursor.execute(statement)

    what = f"its {len(sql)} statements sent bare, {loaded.statuses} statuses stored"
    yield side_by_side("check-in sent by the phone", send, what, send_bare, goal=8)


def walls(loaded: Loaded) -> Iterator[Record]:
    """The two walls: scope in the SQL and row security, against a role that passes both and names its organisation."""
    actor = actor_for_user(loaded.coordinator)

    def rows(own: bool = False) -> str:
        sites = Site.objects.filter(organisation_id=actor.organisation_id) if own else Site.objects.all()
        return "".join(statements(lambda: list(SITE_ROWS.values(sites).order_by("id")[:50])))

    with acting_as(actor):
        walled = rows()
        with patch.object(InScope, "as_sql", lambda *_given: ("TRUE", [])):
            unwalled = rows(own=True)
    outside = psycopg2.connect(read("BACKUP_DATABASE_URL"))

    def without() -> None:
        with outside, outside.cursor() as cursor:
            for _time in range(TIMES):
                cursor.execute(unwalled)
                cursor.fetchall()

    ours = inside(loaded.coordinator, walled, TIMES)
    yield side_by_side(
        f"{TIMES} x 50 sites through both walls", ours, "the same without scope and row security", without, goal=1.5
    )
    outside.close()


GROUPS_NOW = "SELECT current_operational, count(*) FROM members_site GROUP BY 1"
GROUPS_FROM_LOG = """
SELECT operational, count(*) FROM (SELECT DISTINCT ON (site_id) operational FROM members_sitestatus
WHERE retracted_at IS NULL ORDER BY site_id, observed_at DESC, id DESC) newest GROUP BY 1
"""


def dashboard(loaded: Loaded) -> Iterator[Record]:
    """Figures over every member: from the projection, and what they would cost from the log."""
    what, log = f"DISTINCT ON over {loaded.statuses} statuses", inside(loaded.analyst, GROUPS_FROM_LOG)
    now = inside(loaded.analyst, GROUPS_NOW)
    yield side_by_side("sites by status, projection", now, what, log, goal=0.2, rounds=3)
    page = asks(a_client(loaded.analyst), "/dashboard/")
    floor = bare(loaded.analyst, statements(page))
    yield side_by_side("dashboard page of the team", page, "the same SELECTs sent bare", floor, goal=8, rounds=3)


def report(_loaded: Loaded) -> Iterator[Record]:
    """The whole report, in its child process and with its attachments, against WeasyPrint alone on the same HTML."""
    from risks.reports.document import document
    from risks.reports.render import fetcher, libraries_missing, render_pdf
    from tests.risks.reports.evidence_sample import sample

    if libraries_missing():
        return
    import weasyprint

    evidence = sample("en")
    html = document(evidence)
    yield side_by_side(
        "report of the sample evidence", lambda: render_pdf(evidence), "bare WeasyPrint, same HTML",
        lambda: weasyprint.HTML(string=html, url_fetcher=fetcher()).write_pdf(), goal=1.5, rounds=2,
    )  # fmt: skip


def weights(loaded: Loaded) -> Iterator[Record]:
    """Bytes of a first visit, compressed: the page and every file of ours that it names."""
    client = a_client(loaded.coordinator)
    pages = PAGES | {"site": f"/sites/{loaded.site.pk}/"}
    for name, path in pages.items():
        yield record(f"weight of {name}", _weight(asks(client, path)()), "budget", PAGE_BUDGET, 1, "bytes")
    check_in = asks(client, f"/c/{loaded.site.checkin_code}/")()
    own = sum(len(gzip.compress(asks(client, f"/c/{name}")(), 6)) for name in ("style.css", "app.js", "sw.js"))
    yield record("weight of check-in", _weight(check_in) + own, "budget", CHECK_IN_BUDGET, 1, "bytes")


def _weight(page: bytes) -> int:
    files = set(re.findall(r'(?:href|src)="/static/([^"?#]+)"', page.decode()))
    total = len(gzip.compress(page, 6))
    for name in files:
        found = finders.find(name) or finders.find(re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", name))
        total += len(gzip.compress(_bytes_of(found), 6)) if found else 0
    return total


def _bytes_of(path: str) -> bytes:
    return Path(path).read_bytes()


ALL = (requests, check_in, walls, dashboard, report, imports, weights)
