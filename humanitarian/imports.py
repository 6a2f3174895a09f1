"""Pay from a list: which report each row is about, what it would add or correct, writing it, and taking it back.

Reports are facts: none is changed and none is deleted. A row about a month that is reported already corrects that report, and
what the list does not say is taken over; undo takes back what the import added, so that what stood before stands again.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.copying import copy_into, insert_rows, temporary_table
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Permission
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.repeats import is_first
from aimprogress.exchange.rules import Rule, column_rules
from aimprogress.exchange.targets import Candidate, ImportTarget, Undone, register_target
from humanitarian.figures.pay import due_month
from humanitarian.models import WageSupportReport
from humanitarian.models.pay import LEAST_IDLE_PERCENT, PART_OF_THE_WAGE, PaySentence, unbalanced
from humanitarian.pay_columns import PAY
from members.models import Site
from members.models.codes import SourceType
from members.site_of_row import KnownSites, open_sites_left_out

KEY = ("site_id", "month", "group", "policy")
PARTS = ("paid_full", "paid_partial", "paid_none")
SAID = ("percent", "advance_months", "entitled", *PARTS, "months_continued", "arrears_days", "channel_risk", "currency")
"""What a list may say of a month; the total, a band, is not read from lists."""
WRITTEN = (*KEY, *SAID, "supersedes_id", "reason")
NEW = {name: WageSupportReport._meta.get_field(name).get_default() for name in SAID}
NAMES = ("month", "group", "policy", *SAID)
_PARTLY = ", ".join(f"'{code}'" for code in sorted(PART_OF_THE_WAGE))
RULES = (
    *column_rules(WageSupportReport, NAMES),
    Rule("month", f"month > (now() AT TIME ZONE '{settings.TIME_ZONE}')::date", reason=PaySentence.NOT_BEGUN),
    Rule("entitled", f"entitled <> {' + '.join(PARTS)}", reason=lambda row: _unbalanced(row), also=PARTS),
    Rule("percent", "policy = 'PARTIAL' AND coalesce(percent, 0) = 0", reason=PaySentence.WHAT_PART),
    Rule("percent", f"policy = 'DOWNTIME' AND percent <> 0 AND percent < {LEAST_IDLE_PERCENT}", reason=PaySentence.IDLE_PAY),
    Rule("advance_months", "policy = 'ADVANCE' AND coalesce(advance_months, 0) = 0", reason=PaySentence.HOW_FAR_AHEAD),
    Rule("paid_full", f"policy IN ({_PARTLY}) AND paid_full <> 0", reason=PaySentence.NOBODY_IN_FULL),
    Rule("policy", "policy = 'NONE' AND (paid_full <> 0 OR paid_partial <> 0)", reason=PaySentence.NOBODY_PAID),
    Rule("currency", "currency <> '' AND currency !~ '^[[:upper:]]{3}$'", reason=PaySentence.THREE_LETTERS),
)


def _unbalanced(row: Mapping[str, Any]) -> str:
    return unbalanced(row["entitled"], map(row.__getitem__, PARTS))


class PayImport(ImportTarget):
    """Lists of pay, one row a site, month, contract group and rule."""

    name = "pay"
    title = _("Pay of workers")
    order = 30
    about_sample = _("Pay at the invented sites of the sample of sites: import that one first.")
    permission = Permission.PAY_EDIT
    spec = PAY
    model = WageSupportReport
    columns = NAMES
    rules = RULES

    def compare(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """Find each row's site, and the report of that month, group and rule, if one stands."""
        sites, seen, rows = KnownSites(organisation), {}, []
        for candidate in candidates:
            record, fields = candidate.record, candidate.record.fields
            if (site := sites.of(record)) is None:
                continue
            about = (site, fields["month"], fields["group"], fields["policy"])
            said = {name: fields[name] for name in SAID if fields.get(name) not in (None, "")}
            if is_first(record, about, said, seen, shown="month", code="reported_twice"):
                candidate.values = {**NEW, **said, **dict(zip(KEY, about, strict=True)), "supersedes_id": None, "reason": ""}
                candidate.values["month"] = dt.date.fromisoformat(fields["month"])
                rows.append((candidate, said))
        _meet(organisation, rows)

    def to_fill_in(self, organisation: models.Model) -> list[dict[str, Any]]:
        """The organisation's open sites, for their own employees in the last month that is due."""
        sites = Site.objects.filter(organisation=organisation).open().order_by("code").values("code", "name")
        month = due_month(timezone.localdate())
        return [{**site, "month": month, "group": "OWN", "policy": "FULL"} for site in sites]

    def missing(self, organisation: models.Model, candidates: Sequence[Candidate]) -> list[str]:
        """Open sites without a row for the listed month."""
        return open_sites_left_out(organisation, (candidate.record for candidate in candidates), "month")

    def apply(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """All reports in one INSERT. Raises Conflict where somebody reported or corrected one of them meanwhile."""
        sealed = WageSupportReport._meta.get_field("total").sealed
        corrected = [candidate.target_id for candidate in candidates if candidate.target_id]
        with_total = WageSupportReport.objects.filter(pk__in=corrected, total__isnull=False).only("id", "total")
        totals = {report.pk: report.total for report in with_total}
        of, by, source, now, rows = str(organisation.pk), current_actor().user_id, SourceType.DOC.value, timezone.now(), []
        for candidate in candidates:
            pk, total = uuid7(), totals.get(candidate.target_id)
            rows.append([pk, *map(candidate.values.get, WRITTEN), total and sealed(total, pk), of, by, source, now])
            candidate.before = {"corrects": str(candidate.target_id)} if candidate.target_id else None
            candidate.target_id = pk
        names = ["id", *WRITTEN, "total", "organisation_id", "reported_by_id", "source_type", "observed_at"]
        insert_rows(WageSupportReport, names, rows)

    def undo(self, organisation: models.Model, rows: Sequence[ImportRow]) -> Undone:
        """Take back what the import added; a report that somebody corrected since stays as they left it."""
        undone = Undone()
        ours = WageSupportReport.objects.filter(pk__in=[row.target_id for row in rows])
        list(ours.select_for_update(of=("self",)).order_by("pk").values_list("pk"))  # nobody corrects one meanwhile
        standing = set(ours.standing().values_list("pk", flat=True))
        WageSupportReport.objects.filter(pk__in=standing).update(retracted_at=timezone.now())
        for row in rows:
            if row.target_id not in standing:
                undone.kept.append(f"{row.fields.get('code')}, {str(row.fields.get('month'))[:7]}")
            elif row.outcome == ImportRow.Outcome.NEW:
                undone.removed += 1
            else:
                undone.restored += 1
        return undone


ABOUT_THE_SAME = """
SELECT s.number, r.id, {said} FROM {table} s JOIN humanitarian_wagesupportreport r
    ON r.site_id = s.site_id AND r.month = s.month AND r."group" = s."group" AND r.policy = s.policy
WHERE r.organisation_id = %s AND r.retracted_at IS NULL AND NOT EXISTS (
    SELECT FROM humanitarian_wagesupportreport c WHERE c.supersedes_id = r.id AND c.retracted_at IS NULL)
"""


def _meet(organisation: models.Model, rows: Sequence[tuple[Candidate, Mapping[str, Any]]]) -> None:
    """Compare with the reports that stand, all rows at once: what a row does not say stays as it was reported."""
    columns = 'number integer, site_id uuid, month date, "group" text, policy text'
    with temporary_table("reported", columns) as table, connection.cursor() as cursor:
        copy_into(table, ["number", *KEY], ([at, *map(candidate.values.get, KEY)] for at, (candidate, _said) in enumerate(rows)))
        cursor.execute(f"ANALYZE {table}")
        cursor.execute(ABOUT_THE_SAME.format(table=table, said=", ".join(f"r.{name}" for name in SAID)), [organisation.pk])
        met = cursor.fetchall()
    for at, pk, *reported in met:
        candidate, said = rows[at]
        known = dict(zip(SAID, reported, strict=True))
        candidate.target_id = pk
        candidate.values |= known | said
        candidate.changes = {name: [known[name], value] for name, value in said.items() if known[name] != value}
        if candidate.changes:
            candidate.values |= {"supersedes_id": pk, "reason": str(_("From a list"))}


register_target(PayImport())
