"""CPU of an import, Python and PostgreSQL together, against django-import-export on the same file with the same rules.

Both sides do what a person sees: a preview of every row with its outcome, then the import. Ours also understands spellings,
keeps every row with its explanation encrypted, and keeps what undo needs. The peer is given what can be given to it: the
model's own `clean` once a row instead of twice, and the projection of all sites written at once by our own function.
"""

import csv
import datetime as dt
import gc
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection, models
from django.utils import timezone

from aimprogress.core.actor import Actor, acting_as
from aimprogress.core.permissions import Role
from aimprogress.exchange.safety import receive
from aimprogress.exchange.services import apply_import, stage_import
from members.access import actor_for_user
from members.models import HeadCount, Organisation, RoleGrant, Site, User
from members.projection import refresh_head_counts

from .data import Loaded
from .timing import Record, at_least

TIMES_LESS = 20
ROUNDS = 2
ROWS, FEWEST_ROWS_OF_A_JOB, ROWS_OF_A_JOB = 2_000, 10_000, 100_000
HEADINGS = ["Site code", "Date", "Expected", "Safe", "Displaced in country", "Abroad", "Injured", "Not reached"]
TICKS = 100  # of a second, as Linux tells CPU time in /proc


def imports(loaded: Loaded) -> Iterator[Record]:
    """Head counts: the same rows for two members of the same size, one by each way; then a hundred thousand by ours alone."""
    try:
        import import_export  # noqa: F401 - asked only whether it is there
    except ImportError:
        print("--  import: django-import-export is not installed (group bench)")
        return
    first, second = Organisation.objects.filter(kind=Organisation.Kind.MEMBER).order_by("pk")[:2]
    ours, peers = [], []
    for before in range(0, ROUNDS * ROWS, ROWS):
        ours.append(cpu(import_ours, first, listed(first, ROWS, before=before)))
        peers.append(cpu(import_peer, second, listed(second, ROWS, before=before)))
    if (said := told(first)) != told(second) or said[0] != ROUNDS * ROWS:
        raise RuntimeError(f"The two ways wrote different counts: {said}, {told(second)}.")
    name, peer = f"CPU of importing {ROWS} head counts", "django-import-export, same file and rules"
    yield at_least(name, min(ours), peer, min(peers), TIMES_LESS, "s")
    more = (listed(second, ROWS, before=before) for before in range(ROUNDS * ROWS, 2 * ROUNDS * ROWS, ROWS))
    bulk = [cpu(import_peer, second, data, bulk=True) for data in more]
    yield at_least(f"{name}, bulk", min(ours), f"{peer}, in bulk: it shows no difference, knows no row that is there",
                   min(bulk), TIMES_LESS, "s")  # fmt: skip
    many = max(FEWEST_ROWS_OF_A_JOB, round(ROWS_OF_A_JOB * min(1.0, loaded.sites / 10_000)))
    each = cpu(import_ours, first, listed(first, many, before=ROUNDS * ROWS)) / many
    yield at_least(f"CPU of one of {many} rows", each * 1e6, f"one of {ROWS}, twice", 2e6 * min(ours) / ROWS, 1, "µs")


def cpu(work: Callable[..., object], *args: Any, **kwargs: Any) -> float:
    """Seconds of CPU that `work` took, in this process and in every process of PostgreSQL; garbage of before is not counted."""
    gc.collect()
    postgres, python = _cpu_of_postgres(), time.process_time()
    work(*args, **kwargs)
    return time.process_time() - python + _cpu_of_postgres() - postgres


def _cpu_of_postgres() -> float:
    """The postmaster with its children, those that are gone included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        postmaster = int(_stat(cursor.fetchone()[0])[1])
    ticks = sum(map(int, _stat(postmaster)[11:15]))
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and (stat := _stat(int(path.name))) and int(stat[1]) == postmaster:
            ticks += sum(map(int, stat[11:13]))
    return ticks / TICKS


def _stat(pid: int) -> list[str]:
    """The words of /proc/<pid>/stat behind the name: state, parent, …, utime, stime, cutime, cstime; none where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def listed(member: Organisation, rows: int, *, before: int = 0) -> bytes:
    """A CSV of head counts: the member's sites, day after day backwards from ten days ago, `before` rows further back."""
    with acting_as(_coordinator(member)):
        codes = list(Site.objects.filter(organisation=member).order_by("number_in_area").values_list("code", flat=True))
    out, last = io.StringIO(newline=""), timezone.localdate() - dt.timedelta(days=10 + -(-before // len(codes)))
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for n in range(rows):
        day = last - dt.timedelta(days=n // len(codes))
        expected, away, open_now = 100 + n % 50, n % 7, n % 3
        writer.writerow(
            [codes[n % len(codes)], day.isoformat(), expected, expected - 2 * away - open_now, away, away, 0, open_now]
        )
    return out.getvalue().encode()


def import_ours(member: Organisation, data: bytes) -> None:
    """Preview and import, as `manage.py import` does them and the Job."""
    upload = receive(io.BytesIO(data), name="counts.csv")
    with acting_as(_coordinator(member)):
        batch = stage_import(organisation=member, target="head_counts", upload=upload, now=True)
        apply_import(batch=batch, now=True)


def import_peer(member: Organisation, data: bytes, *, bulk: bool = False) -> None:
    """Preview and import, as the admin of django-import-export does them."""
    import tablib

    dataset = tablib.Dataset().load(data.decode(), format="csv")
    with acting_as(_coordinator(member)) as actor:
        resource = _peer(member, actor, bulk)
        for dry_run in (True, False):
            result = resource.import_data(dataset, dry_run=dry_run, raise_errors=True)
            if result.has_errors() or result.has_validation_errors():
                raise RuntimeError("The peer refused rows that we take.")
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM members_site WHERE organisation_id = %s", [member.pk])
            refresh_head_counts([row[0] for row in cursor.fetchall()])


def _peer(member: Organisation, actor: Actor, bulk: bool) -> Any:
    from import_export.fields import Field
    from import_export.resources import ModelResource
    from import_export.widgets import ForeignKeyWidget, IntegerWidget, Widget

    class Noon(Widget):
        def clean(self, value: str, row: Any = None, **kwargs: Any) -> dt.datetime:
            return dt.datetime.combine(dt.date.fromisoformat(value), dt.time(12), tzinfo=timezone.get_current_timezone())

    class PeerHeadCounts(ModelResource):
        site = Field("site", HEADINGS[0], ForeignKeyWidget(Site, "code"))
        observed_at = Field("observed_at", HEADINGS[1], Noon())
        expected = Field("expected", HEADINGS[2], IntegerWidget())
        safe_local = Field("safe_local", HEADINGS[3], IntegerWidget())
        safe_idp = Field("safe_idp", HEADINGS[4], IntegerWidget())
        safe_abroad = Field("safe_abroad", HEADINGS[5], IntegerWidget())
        injured = Field("injured", HEADINGS[6], IntegerWidget())
        unaccounted = Field("unaccounted", HEADINGS[7], IntegerWidget())

        class Meta:
            model = HeadCount
            fields = ("site", "observed_at", "expected", "safe_local", "safe_idp", "safe_abroad", "injured", "unaccounted")
            import_id_fields = ("site", "observed_at")
            clean_model_instances = True
            skip_unchanged = not bulk
            use_bulk = skip_diff = skip_html_diff = force_init_instance = bulk

        def init_instance(self, row: Any = None) -> HeadCount:
            return HeadCount(organisation_id=member.pk, reported_by_id=actor.user_id, source_type="DOC")

        def do_instance_save(self, instance: HeadCount, is_create: bool) -> None:
            models.Model.save(instance, force_insert=is_create)  # the model's own save would clean once more

    return PeerHeadCounts()


def told(member: Organisation) -> tuple[int, list[tuple]]:
    """How many counts there are, and what the sites show of the newest."""
    with acting_as(_coordinator(member)):
        shown = Site.objects.filter(organisation=member).order_by("number_in_area")
        return HeadCount.objects.filter(organisation=member).count(), list(
            shown.values_list("current_expected", "current_unaccounted")
        )


def _coordinator(member: Organisation) -> Actor:
    grant = RoleGrant.objects.filter(organisation=member, role=Role.MEMBER_COORDINATOR).select_related("user").first()
    if grant is None:
        user = User.objects.create_user(email=f"import@{member.slug}.example", password=None)
        grant = RoleGrant.objects.create(user=user, organisation=member, role=Role.MEMBER_COORDINATOR)
    return actor_for_user(grant.user, member.pk)
