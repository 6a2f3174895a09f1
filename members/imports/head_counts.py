"""Head counts from a list: whose count each row is, what it would add or correct, writing it, and taking it back.

Counts are facts: none is changed and none is deleted. A row of a day that already has a count corrects it; undo retracts what
the import added, so that what stood before stands again. The four states that endanger people are never read from a list:
a new count carries on what the portal has of them, and the row must add up with them.
"""

import datetime as dt
import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.copying import copy_into, insert_rows, temporary_table
from aimprogress.core.exceptions import Conflict
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Permission
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.records import ERROR, Record
from aimprogress.exchange.repeats import is_first
from aimprogress.exchange.rules import Rule, column_rules
from aimprogress.exchange.targets import Candidate, ImportTarget, Undone, register_target
from members.head_count_columns import HEAD_COUNTS, SPLITS
from members.headcounts import balance, split_problem
from members.models import HeadCount, Site
from members.models.codes import SourceType
from members.projection import refresh_head_counts, standing
from members.site_of_row import KnownSites, open_sites_left_out

STATES = ("safe_local", "safe_idp", "safe_abroad", "injured", "unaccounted")
NUMBERS = ("expected", *STATES)
SPLIT_FIELDS = frozenset(code.lower() for kinds in SPLITS.values() for code in kinds.values)
BESIDE = ("by_contract", "by_gender", "overlays")
"""Stays with a count that is corrected where a list says nothing of it, as long as as many people are expected."""
WRITTEN = ("site_id", "observed_at", *NUMBERS, "supersedes_id", "reason", *BESIDE)
COUNTED = " + ".join(STATES)
STRICT_SUM = "coalesce(strict::bigint, 0)"  # the strict states are staged as their sum; each is written sealed

RULES = (
    *column_rules(HeadCount, NUMBERS),
    Rule("expected", f"expected <> {COUNTED} + {STRICT_SUM}", reason=lambda row: _unbalanced(row), also=STATES),
)


def _unbalanced(row: Mapping[str, Any]) -> str:
    """The words of the form: how many people have no state, or too many."""
    return balance(row["expected"] - (row["strict"] or 0), {name.upper(): row[name] for name in STATES})


class HeadCountImport(ImportTarget):
    """Lists of head counts, one row a site and day."""

    name = "head_counts"
    title = _("Head counts")
    order = 20
    about_sample = _("Counts of the invented sites of the sample of sites: import that one first.")
    permission = Permission.HEADCOUNT_LOG
    spec = HEAD_COUNTS
    model = HeadCount
    columns = (*NUMBERS, "strict")
    rules = RULES

    def compare(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """Find each row's site and the count of that day, if the portal has one; carry on the strict states."""
        sites = KnownSites(organisation)
        zone, now, seen = timezone.get_current_timezone(), timezone.now(), {}
        noon: dict[str, dt.datetime] = {}
        rows = []
        for candidate in candidates:
            fields = candidate.record.fields
            site = sites.of(candidate.record)
            if site is None:
                continue
            day = fields["counted_on"]
            if day not in noon:
                noon[day] = min(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(12), tzinfo=zone), now)
            numbers = {name: fields.get(name, 0) for name in NUMBERS}
            splits = _splits(candidate.record, numbers["expected"])
            if not is_first(candidate.record, (site, day), numbers | splits, seen, shown="counted_on", code="counted_twice"):
                continue
            if candidate.record.outcome:
                continue
            candidate.values = {
                **numbers, "site_id": site, "observed_at": noon[day], "supersedes_id": None, "reason": "", "strict": None,
                **dict.fromkeys(BESIDE, "{}"), **{name: json.dumps(parts) for name, parts in splits.items()},
            }  # fmt: skip
            rows.append(candidate)
        _meet(organisation, rows)

    def to_fill_in(self, organisation: models.Model) -> list[dict[str, Any]]:
        """The organisation's open sites, with the day of today."""
        sites = Site.objects.filter(organisation=organisation).open().order_by("code").values("code", "name")
        return [{**site, "counted_on": timezone.localdate()} for site in sites]

    def missing(self, organisation: models.Model, candidates: Sequence[Candidate]) -> list[str]:
        """Open sites without a row for the listed day."""
        return open_sites_left_out(organisation, (candidate.record for candidate in candidates), "counted_on")

    def apply(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """All counts in one INSERT, and the projection of their sites in one UPDATE."""
        sites = {candidate.values["site_id"] for candidate in candidates}
        _hold(sites)
        _still_standing([pk for candidate in candidates if (pk := candidate.values["supersedes_id"])])
        sealed, rows = HeadCount._meta.get_field("strict").sealed, []
        for candidate in candidates:
            pk, strict = uuid7(), candidate.values.get("states")
            rows.append([pk, *map(candidate.values.get, WRITTEN), None if strict is None else sealed(strict, pk)])
            candidate.before = {"corrects": str(candidate.target_id)} if candidate.target_id else None
            candidate.target_id = pk
        of, by, source = str(organisation.pk), current_actor().user_id, SourceType.DOC.value
        names = ["id", *WRITTEN, "strict", "organisation_id", "reported_by_id", "source_type"]
        insert_rows(HeadCount, names, ([*row, of, by, source] for row in rows))
        refresh_head_counts(sites)

    def locked_by_undo(self, written: models.QuerySet) -> models.QuerySet:
        """The sites that show the counts."""
        return Site.objects.filter(pk__in=HeadCount.objects.filter(pk__in=written).order_by().values("site_id"))

    def undo(self, organisation: models.Model, rows: Sequence[ImportRow]) -> Undone:
        """Retract what the import added; a count that somebody corrected or took back since stays as they left it."""
        undone = Undone()
        ours = HeadCount.objects.filter(pk__in=[row.target_id for row in rows])
        _hold(set(ours.order_by().values_list("site_id", flat=True)))
        standing_now = dict(standing(ours).values_list("pk", "site_id"))
        HeadCount.objects.filter(pk__in=list(standing_now)).update(retracted_at=timezone.now())
        refresh_head_counts(set(standing_now.values()))
        for row in rows:
            if row.target_id not in standing_now:
                undone.kept.append(f"{row.fields.get('code') or row.fields.get('name')}, {row.fields.get('counted_on')}")
            elif row.outcome == ImportRow.Outcome.NEW:
                undone.removed += 1
            else:
                undone.restored += 1
        return undone


def _splits(record: Record, expected: int) -> dict[str, dict[str, int]]:
    """The people expected by contract group and by gender, where the row says it; the form's own rule says what is wrong."""
    found: dict[str, dict[str, int]] = {}
    if SPLIT_FIELDS.isdisjoint(record.fields):
        return found
    for name, kinds in SPLITS.items():
        parts = {code: record.fields[code.lower()] for code in kinds.values if code.lower() in record.fields}
        if problem := split_problem(expected, parts, kinds.values):
            first, *others = [code.lower() for code in parts]
            told = {"reason": problem, "also": [*others, "expected"]}
            record.remark(ERROR, first, "refused_by_rules", told, value=str(record.fields[first]))
        elif parts:
            found[name] = parts
    return found


OF_THE_DAY = """
SELECT DISTINCT ON (s.number) s.number, h.id, h.observed_at, h.expected, h.safe_local, h.safe_idp, h.safe_abroad, h.injured,
    h.unaccounted, h.by_contract, h.by_gender, h.overlays
FROM {table} s JOIN members_headcount h ON h.site_id = s.site_id AND h.observed_at >= s.day AND h.observed_at < s.next_day
WHERE h.organisation_id = %s AND h.retracted_at IS NULL AND NOT EXISTS (
    SELECT FROM members_headcount c WHERE c.supersedes_id = h.id AND c.retracted_at IS NULL)
ORDER BY s.number, h.observed_at DESC, h.id DESC
"""


def _meet(organisation: models.Model, candidates: Sequence[Candidate]) -> None:
    """Compare with the counts that stand, all rows at once, and carry on the strict states of each site."""
    zone, days = timezone.get_current_timezone(), {}
    for day in {candidate.record.fields["counted_on"] for candidate in candidates}:
        start = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), tzinfo=zone)
        days[day] = (start, start + dt.timedelta(days=1))
    columns = "number integer, site_id uuid, day timestamptz, next_day timestamptz"
    with temporary_table("counted", columns) as table, connection.cursor() as cursor:
        rows = ([at, c.values["site_id"], *days[c.record.fields["counted_on"]]] for at, c in enumerate(candidates))
        copy_into(table, ["number", "site_id", "day", "next_day"], rows)
        cursor.execute(f"ANALYZE {table}")
        cursor.execute(OF_THE_DAY.format(table=table), [organisation.pk])
        met = cursor.fetchall()
    for at, pk, observed_at, *numbers in met:
        candidate, said = candidates[at], dict(zip((*NUMBERS, *BESIDE), numbers, strict=True))
        candidate.target_id = pk
        candidate.values["observed_at"] = observed_at
        candidate.changes = {n: [said[n], candidate.values[n]] for n in NUMBERS if said[n] != candidate.values[n]}
        for name in SPLITS:
            if (told := candidate.values[name]) != "{}":
                before = json.loads(said[name])
                parts = json.loads(told).items()
                candidate.changes |= {c.lower(): [before.get(c, ""), n] for c, n in parts if before.get(c) != n}
        if candidate.changes:
            candidate.values |= {"supersedes_id": pk, "reason": str(_("From a list"))}
            if said["expected"] == candidate.values["expected"]:
                candidate.values |= {name: said[name] for name in BESIDE if candidate.values[name] == "{}"}
    _carry_on(organisation, candidates)


def _carry_on(organisation: models.Model, candidates: Iterable[Candidate]) -> None:
    """The strict states as the portal last knew them before each count."""
    strict = HeadCount.objects.filter(organisation=organisation, strict__isnull=False)
    with_any = set(strict.order_by().values_list("site_id", flat=True).distinct())
    mine = [candidate for candidate in candidates if candidate.values["site_id"] in with_any]
    if not mine:
        return
    log: dict[UUID, tuple[list[dt.datetime], list[HeadCount]]] = {}
    counts = HeadCount.objects.filter(site__in={candidate.values["site_id"] for candidate in mine}).only(
        "id", "site_id", "observed_at", "strict"
    )
    for count in standing(counts).order_by("observed_at", "id"):
        moments, rows = log.setdefault(count.site_id, ([], []))
        moments.append(count.observed_at)
        rows.append(count)
    for candidate in mine:
        moments, rows = log.get(candidate.values["site_id"], ([], []))
        at = bisect_right(moments, candidate.values["observed_at"])
        known = rows[at - 1].strict if at else None
        if known and any(known.values()):
            candidate.values |= {"states": known, "strict": sum(known.values())}


def _hold(sites: Collection[UUID]) -> None:
    """Lock the sites, in one order, so that two reports cannot mix their projections."""
    list(Site.objects.select_for_update(of=("self",)).filter(pk__in=sites).order_by("pk").values_list("pk"))


def _still_standing(corrected: Collection[UUID]) -> None:
    """What was compared is still so, now that nobody else writes. Raises Conflict where a count was corrected meanwhile."""
    if standing(HeadCount.objects.filter(pk__in=corrected)).count() != len(corrected):
        raise Conflict(_("Somebody corrected one of these counts just now. Look at the list again."))


register_target(HeadCountImport())
