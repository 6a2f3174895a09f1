"""Make the figures of a report again from the records, as they were known at its cut-off, and say which are still the same.

What was observed at sites is only ever added, so it can be told again exactly, until it is deleted after 36 months. Registers
(what a site is, drafts of plans, actions, issues, suppliers, contributions) keep their newest state only: where such a figure
comes out differently and the member's log tells of changes since, it cannot be recomputed; where the log tells of none, it
differs.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from aimprogress.core.actor import SYSTEM, Actor, acting_as, at_one_moment, current_actor
from aimprogress.core.scoping import DataClass
from members.models import Organisation, Site
from risks.models import Report
from risks.reports.differences import ABSENT, Difference, differences
from risks.reports.evidence import Evidence
from risks.reports.gather import collect_evidence
from risks.reports.gather.ledger import Place
from risks.reports.printing import moment_of
from risks.reports.since import Outcome, Recomputed, Since
from risks.services.reports import evidence_of, report_before


@dataclass
class Recomputation:
    """Every figure of a report, and what else does not agree with the portal. `problems` is empty where all does."""

    figures: list[Recomputed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.problems and not any(figure.outcome is Outcome.DIFFERS for figure in self.figures)


class NotOurs(Exception):
    """This portal does not know the member of the report, or the Actor does not see all of it: nothing can be compared."""


def recompute(evidence: Evidence, actor: Actor, *, pdf_sha256: str = "", evidence_sha256: str = "") -> Recomputation:
    """Compare a snapshot with the records as `actor` sees them. Raises NotOurs; KeyError and the like for a broken snapshot."""
    with at_one_moment(actor):
        organisation = Organisation.objects.filter(pk=evidence["meta"]["organisation"]["id"]).first()
        if organisation is None or not _sees_all_of(organisation):
            raise NotOurs
        with acting_as(SYSTEM):
            report = _report(organisation, evidence)
            since = Since(organisation, evidence)
            problems = [*_sealed(report, pdf_sha256, evidence_sha256), *since.problems()]
            before = _before(report, evidence)
        records = _again(organisation, evidence, before)
        found = _by_figure(evidence, records)
        with acting_as(SYSTEM):
            found["E-001"] += _sites_left_out(evidence, organisation, since)
            figures = [since.judged(reference, found[reference]) for reference in sorted(evidence["figures"])]
        problems += [f"{one.path} belongs to no figure, and is different" for one in found[""]]
    return Recomputation(figures, problems)


def _sees_all_of(organisation: Organisation) -> bool:
    actor = current_actor()
    return actor.sites is None and all(organisation.pk in actor.sees(data_class) for data_class in DataClass.values)


def _report(organisation: Organisation, evidence: Evidence) -> Report | None:
    meta = evidence["meta"]
    rows = Report.objects.filter(organisation=organisation, number=meta["number"], revision=meta["revision"])
    return rows.select_related("pdf", "evidence").first()


def _sealed(report: Report | None, pdf_sha256: str, evidence_sha256: str) -> list[str]:
    """Whether the file is the one that the portal keeps under this number."""
    if report is None or not report.is_ready:
        return ["This portal has sealed no report of this number."]
    if evidence_sha256 and report.sha256 != evidence_sha256:
        return [f"This portal sealed {report} over another snapshot: {report.sha256}."]
    if pdf_sha256 and report.pdf is not None and report.pdf.sha256 != pdf_sha256:
        return [f"This is not the file that this portal sealed as {report}; that has the sha256 {report.pdf.sha256}."]
    return []


def _before(report: Report | None, evidence: Evidence) -> Evidence | None:
    """The snapshot that the report compared itself with, if it did."""
    if report is None or evidence["chapters"]["issues"]["added"] is None:
        return None
    earlier = report_before(report, moment_of(evidence["meta"]["as_of"]))
    return evidence_of(earlier) if earlier else None


def _again(organisation: Organisation, evidence: Evidence, before: Evidence | None) -> Evidence:
    meta = evidence["meta"]
    return collect_evidence(
        organisation=organisation,
        period_from=date.fromisoformat(meta["period_from"]),
        period_to=date.fromisoformat(meta["period_to"]),
        as_of=moment_of(meta["as_of"]),
        number=meta["number"],
        revision=meta["revision"],
        language=meta["language"],
        audience=meta["audience"],
        asked_by=meta["asked_by"],
        before=before,
        replaces=meta["replaces"],
        only=_places(evidence),
    )


def _places(evidence: Evidence) -> set[Place]:
    return {(row["area"], row["ordinal"]) for row in evidence["chapters"]["people"]["sites"]}


def _by_figure(evidence: Evidence, records: Evidence) -> dict[str, list[Difference]]:
    """The differences by the figure that they belong to. Figures that only one side may see are not compared."""
    found: dict[str, list[Difference]] = defaultdict(list)
    missing = evidence["figures"].keys() - records["figures"].keys()
    alike = evidence["figures"].keys() == records["figures"].keys()
    for one in differences(evidence, records):
        if one.path.startswith("chapters.summary") and not alike:
            continue  # it is made from all the others
        if not one.figure or one.figure in evidence["figures"]:
            found[one.figure].append(one)
    for reference in missing:
        found[reference] = [Difference(reference, f"figures.{reference}", evidence["figures"][reference]["sha256"], ABSENT)]
    return found


def _sites_left_out(evidence: Evidence, organisation: Organisation, since: Since) -> list[Difference]:
    """Sites in the records that the report does not name, although the log does not say that they came later."""
    rows = Site.objects.filter(organisation=organisation).exclude(pk__in=since.registered())
    places = rows.order_by("admin1_id", "number_in_area").values_list("admin1_id", "number_in_area")
    left_out = [place for place in places if place not in _places(evidence)]
    return [Difference("E-001", f"chapters.people.sites[{area} {number}]", ABSENT, "a site") for area, number in left_out]
