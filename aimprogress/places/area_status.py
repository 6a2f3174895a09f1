"""What the official list says about a place on a date: an explainable look-up that can be cited, never a live front line.

The list is a legal act with delay (order no. 376 of Ukraine's Ministry for Development of Communities and Territories). A place
takes the status of the nearest listed level above it: the settlement, its hromada, its raion, its oblast. An unlisted place is
UNKNOWN, never STABLE; no gate, alert level or check passes on it (decisions.md 5.5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.db.models.functions import Left
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aimprogress.places.models import AdminArea, AreaConflictStatus, Settlement

Status, Table = AreaConflictStatus.Status, AreaConflictStatus.Table

ACT = gettext_noop(
    "Order no. 376 of 28 February 2025 of the Ministry for Development of Communities and Territories of Ukraine, "
    "as amended by orders no. 748 of 23 April 2025 and no. 779 of 30 April 2025"
)
ACT_DATE = date(2025, 5, 7)
"""State of the bundled list: nothing taken from it is newer than this day."""

OLD_AFTER = timedelta(days=30)

STATUS_OF_TABLE = {
    Table.OCCUPIED: Status.OCCUPIED,
    Table.OCCUPIED_TAIL: Status.OCCUPIED,
    Table.ACTIVE: Status.ACTIVE_HOSTILITIES,
    Table.ACTIVE_WITH_REGISTERS: Status.ACTIVE_HOSTILITIES,
    Table.POSSIBLE: Status.TENSION,
}
_GRAVEST_FIRST = [Status.OCCUPIED, Status.ACTIVE_HOSTILITIES, Status.NEAR_FRONT, Status.TENSION]


@dataclass(frozen=True, slots=True)
class AreaStanding:
    """What the list says about one place on one day.

    listed: a line of the list decides (also one about an occupation that has ended). table, since, until, area_code: that line;
    for RETURNED `since` is the day the occupation ended. partly: the place itself is not listed but something inside it is.
    old: the day asked for lies more than 30 days after the act's date; show "old, check".
    act and act_date are empty where the list does not reach (outside Ukraine).
    """

    status: str
    listed: bool
    table: str = ""
    act: str = ""
    act_date: date | None = None
    since: date | None = None
    until: date | None = None
    old: bool = False
    area_code: str = ""
    partly: bool = False

    @property
    def status_label(self) -> str:
        """The status in words."""
        return str(Status(self.status).label)

    @property
    def is_occupied(self) -> bool:
        """Whether the safety profile of occupied areas holds here (decisions.md 5.1)."""
        return self.status == Status.OCCUPIED

    @property
    def wording(self) -> str:
        """One citable sentence for pages and reports; it names the act's date and never says that a place is safe."""
        if self.act_date is None:
            return _("The official list covers Ukraine only.")
        words = {"act_date": date_format(self.act_date), "since": date_format(self.since) if self.since else ""}
        if not self.listed and self.partly:
            text = _("Not listed as a whole on %(act_date)s; parts of it are.") % words
        elif not self.listed:
            text = _("Not listed on %(act_date)s.") % words
        elif self.status == Status.RETURNED:
            text = _("Listed on %(act_date)s: occupation ended on %(since)s.") % words
        else:
            text = _LISTED[self.status]() % words
        return " ".join([text, _("Old, check.")]) if self.old else text


_LISTED = {
    Status.OCCUPIED: lambda: _("Listed on %(act_date)s as temporarily occupied since %(since)s."),
    Status.ACTIVE_HOSTILITIES: lambda: _("Listed on %(act_date)s as a territory of active hostilities since %(since)s."),
    Status.TENSION: lambda: _("Listed on %(act_date)s as a territory of possible hostilities since %(since)s."),
    Status.NEAR_FRONT: lambda: _("Entered on %(act_date)s as near the front since %(since)s."),
}


def status_on(place: AdminArea | Settlement | str, on: date) -> AreaStanding:
    """The standing of an area, a settlement or an area code on a day. Never raises: what we do not know is UNKNOWN."""
    code = code_of(place)
    return statuses_on([code], on)[code]


def code_of(place: AdminArea | Settlement | str | None) -> str:
    """The code the look-up starts from: the smallest known area around the place, "" where there is none."""
    if isinstance(place, Settlement):
        return place.area_id or place.admin1_id or ""
    return place.code if isinstance(place, AdminArea) else place or ""


def statuses_on(codes: Iterable[str], on: date) -> dict[str, AreaStanding]:
    """The standing of many area codes on a day, in three queries however many there are. Unknown codes are UNKNOWN."""
    wanted = set(codes)
    chains = _chains(code for code in wanted if code.startswith("UA"))
    lines = _lines(chains)
    inside = _listed_inside(on) if any(not lines.get(code) for code in chains) else set()
    old = on - ACT_DATE > OLD_AFTER
    return {code: _standing(code, chains.get(code), lines, inside, on, old) for code in wanted}


def _chains(codes: Iterable[str]) -> dict[str, list[str]]:
    """Each code with the codes above it, nearest first; one query."""
    up = ["parent_id", "parent__parent_id", "parent__parent__parent_id", "parent__parent__parent__parent_id"]
    rows = AdminArea.objects.filter(code__in=list(codes), country="UA").values_list("code", *up)
    return {row[0]: [code for code in row if code] for row in rows}


def _lines(chains: dict[str, list[str]]) -> dict[str, list[AreaConflictStatus]]:
    areas = {code for chain in chains.values() for code in chain}
    found = defaultdict(list)
    for line in AreaConflictStatus.objects.filter(area__in=areas).order_by("valid_from", "id") if areas else ():
        found[line.area_id].append(line)
    return found


def _listed_inside(on: date) -> set[str]:
    """Prefixes of the oblasts, raions and hromadas that hold a listed place on the day: codes of the codifier nest by prefix."""
    covering = Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    hromadas = AreaConflictStatus.objects.filter(covering).order_by().values_list(Left("area_id", 9), flat=True).distinct()
    return {prefix[:length] for prefix in hromadas for length in (4, 6, 9)}


def _standing(
    code: str, chain: list[str] | None, lines: dict[str, list[AreaConflictStatus]], inside: set[str], on: date, old: bool
) -> AreaStanding:
    if chain is None:
        return AreaStanding(Status.UNKNOWN, listed=False)
    ended: AreaConflictStatus | None = None
    for at, area in enumerate(chain):
        nearer = set(chain[:at])
        applying = [line for line in lines.get(area, ()) if line.valid_from <= on and nearer.isdisjoint(line.exceptions)]
        covering = [line for line in applying if line.valid_to is None or line.valid_to >= on]
        if covering:
            # on the day when one table follows another both cover it: the graver one counts
            line = min(covering, key=lambda line: _GRAVEST_FIRST.index(Status(line.status)))
            return _listed(line, line.status, line.valid_from, old)
        past = [line for line in applying if line.status == Status.OCCUPIED]
        ended = ended or max(past, key=lambda line: line.valid_to, default=None)
    if ended:
        return _listed(ended, Status.RETURNED, ended.valid_to, old)
    partly = code[: _prefix_length(code)] in inside
    return AreaStanding(Status.UNKNOWN, listed=False, act=_(ACT), act_date=ACT_DATE, old=old, partly=partly)


def _prefix_length(code: str) -> int:
    """How many leading characters of a codifier code name its area: 4 oblast, 6 raion, 9 hromada, 12 a settlement."""
    # the last five digits are a running number; before them, empty levels are zeros
    body = code[:-5]
    for length in (4, 6, 9):
        if set(body[length:]) <= {"0"}:
            return length
    return 12


def _listed(line: AreaConflictStatus, status: str, since: date | None, old: bool) -> AreaStanding:
    return AreaStanding(
        status=status,
        listed=True,
        table=line.table,
        act=_(line.act),
        act_date=line.act_date,
        since=since,
        until=line.valid_to,
        old=old,
        area_code=line.area_id,
    )
