"""The register of issues, the supply chain in counts, and humanitarian money."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.percent import rate
from humanitarian.models import Contribution
from risks.models import RightsIssue
from risks.reports.gather.ledger import Ledger, iso
from risks.reports.gather.plans import actions_of_issues
from suppliers.models import AssessmentState, Exposure, Supplier, SupplyLink

PILLAGE_RISK = frozenset({"SFO", "WHE", "BAR", "MAI", "GAS", "STE", "WOO", "FIS", "FER"})
ATTACHED = (
    "code", "title", "countries", "rights", "groups", "involvement", "scale", "scope", "irremediability", "likelihood",
    "is_actual", "severity_level", "likelihood_counted", "score", "shown_band", "conflict_driver", "is_salient", "response",
    "steps_open", "steps_late", "assessed_on", "review_on",
)  # fmt: skip
"""What issues.csv says of an issue."""
VALID = (AssessmentState.DONE_OPEN_CAP, AssessmentState.DONE_CLOSED, AssessmentState.RECOGNISED)


def issues(ledger: Ledger, before: dict[str, Any] | None) -> dict[str, Any]:
    """Chapter 5: every issue that is not closed, most severe first."""
    steps = actions_of_issues(ledger)
    kept = RightsIssue.objects.filter(organisation=ledger.organisation).exclude(status=RightsIssue.Status.CLOSED)
    found = list(kept.select_related("site").order_by("-score", "number"))
    rows = [_issue(ledger, issue, steps.get(issue.pk)) for issue in found]
    countries = {one.site.country for one in ledger.sites}
    assessed = {country for row in rows for country in row["countries"]} & countries
    figure = ledger.add(
        "E-041",
        "issues",
        gettext_noop("The register of salient issues that are not closed, with the inputs of their scores"),
        [
            [row["code"], row["scale"], row["scope"], row["irremediability"], row["likelihood"], row["is_actual"], row["score"]]
            for row in rows
        ],
        observed=[issue.last_assessed_at for issue in found],
        coverage={"unit": "country", "counted": len(assessed), "needed": len(countries), "people": None, "of_people": None},
    )
    ledger.table("issues", list(ATTACHED), [[row[column] for column in ATTACHED] for row in rows])
    now, then = [row["code"] for row in rows], [row["code"] for row in before["rows"]] if before else []
    return {
        "figure": figure,
        "rows": rows,
        "countries_assessed": len(assessed),
        "of_countries": len(countries),
        "added": sorted(set(now) - set(then)) if before else None,
        "dropped": sorted(set(then) - set(now)) if before else None,
    }


def _issue(ledger: Ledger, issue: RightsIssue, steps: list[dict[str, Any]] | None) -> dict[str, Any]:
    country = issue.country or (issue.site.country if issue.site else "")
    if country:
        ledger.name_country(country)
    open_steps = [step for step in steps or () if step["is_open"]]
    return {
        "code": f"R-{issue.number:03}",
        "kind": issue.catalogue,
        "title": issue.title,
        "countries": [country] if country else [],
        "rights": issue.rights,
        "groups": issue.groups,
        "involvement": issue.involvement,
        "scale": issue.scale,
        "scope": issue.scope,
        "irremediability": issue.irremediability,
        "likelihood": issue.likelihood,
        "is_actual": issue.is_actual,
        "severity_level": issue.severity_level,
        "severity_sum": issue.severity_sum,
        "likelihood_counted": issue.effective_likelihood,
        "score": str(issue.score),
        "band": issue.band,
        "shown_band": issue.band,
        "open_flags": [],
        "conflict_driver": issue.conflict_driver,
        "is_salient": issue.salient,
        "response": issue.narrative or None,
        "steps_open": len(open_steps) if steps is not None else None,
        "steps_late": sum(bool(step["overdue_days"]) for step in open_steps) if steps is not None else None,
        "assessed_on": iso(issue.last_assessed_at.date()),
        "review_on": iso(issue.next_review_on),
        "actions": [{key: step[key] for key in ("title", "owner", "due_on", "status", "overdue_days")} for step in open_steps],
    }


def supply(ledger: Ledger) -> dict[str, Any] | None:
    """Chapter 11, counts only; None where nothing is recorded or the Actor may not see it."""
    if not current_actor().may(Permission.SUPPLIER_READ):
        return None
    suppliers = list(
        Supplier.objects.filter(organisation=ledger.organisation).only(
            "country", "exposure", "assessment_state", "identifier", "updated_at"
        )
    )
    if not suppliers:
        return None
    links = list(SupplyLink.objects.filter(organisation=ledger.organisation).select_related("supplier"))
    figure = ledger.add(
        "E-062",
        "suppliers",
        gettext_noop("All suppliers of the member and their supply links, counted and not named"),
        [[str(link.pk), link.tier, link.commodity, link.status] for link in links] or [str(one.pk) for one in suppliers],
        observed=[one.updated_at for one in suppliers],
        coverage={"unit": "supplier", "counted": len(suppliers), "needed": len(suppliers), "people": None, "of_people": None},
    )
    slice_ = {
        "figure": figure,
        "suppliers": len(suppliers),
        "links": len(links),
        "by_country": _by_country(ledger, suppliers, links),
        "by_tier": _by_tier(links),
        "by_commodity": _by_commodity(links),
        "measures": _measures(suppliers, links),
    }
    rows = [["country", row["country"], row["suppliers"], row["links"]] for row in slice_["by_country"]]
    rows += [["tier", row["tier"], row["suppliers"], row["links"]] for row in slice_["by_tier"]]
    rows += [["commodity", row["commodity"], None, row["links"]] for row in slice_["by_commodity"]]
    ledger.table("supply_chain", ["by", "value", "suppliers", "links"], rows)
    return slice_


def _by_country(ledger: Ledger, suppliers: list[Supplier], links: list[SupplyLink]) -> list[dict[str, Any]]:
    of_links = Counter(link.supplier.country for link in links)
    exposed = Counter(one.country for one in suppliers if one.exposure != Exposure.NONE)
    return [
        {"country": ledger.name_country(country), "suppliers": count, "links": of_links[country], "exposed": exposed[country]}
        for country, count in sorted(Counter(one.country for one in suppliers).items())
    ]


def _by_tier(links: list[SupplyLink]) -> list[dict[str, Any]]:
    found: dict[str, list[SupplyLink]] = defaultdict(list)
    for link in links:
        found[link.tier].append(link)
    return [
        {"tier": tier.value, "links": len(found[tier]), "suppliers": len({link.supplier_id for link in found[tier]})}
        for tier in SupplyLink.Tier
        if found[tier]
    ]


def _by_commodity(links: list[SupplyLink]) -> list[dict[str, Any]]:
    found: dict[str, list[SupplyLink]] = defaultdict(list)
    for link in links:
        if link.commodity:
            found[link.commodity].append(link)
    return [
        {
            "commodity": code,
            "links": len(of),
            "countries": len({link.supplier.country for link in of}),
            "risk": code in PILLAGE_RISK,
        }
        for code, of in sorted(found.items())
    ]


def _measures(suppliers: list[Supplier], links: list[SupplyLink]) -> list[dict[str, Any]]:
    direct = {link.supplier_id for link in links if link.tier == SupplyLink.Tier.T1}
    due = [one for one in suppliers if one.pk in direct and one.assessment_state != AssessmentState.NOT_REQUIRED]
    stopped = sum(link.status in (SupplyLink.Status.PAUSED, SupplyLink.Status.STOPPED_CONFLICT) for link in links)
    return [
        {"code": "traced", "rate": None, "part": None, "of": None},
        {"code": "paused", "rate": None, "part": stopped, "of": len(links)},
        {
            "code": "exited",
            "rate": None,
            "part": sum(link.status == SupplyLink.Status.EXITED for link in links),
            "of": len(links),
        },
        {"code": "assessed", "rate": None, "part": sum(one.assessment_state in VALID for one in due), "of": len(due)},
        {"code": "identified", "rate": None, "part": sum(bool(one.identifier) for one in suppliers), "of": len(suppliers)},
        {"code": "screened", "rate": None, "part": None, "of": None},
        {"code": "corrective", "rate": None, "part": None, "of": None},
    ]


def aid(ledger: Ledger) -> dict[str, Any] | None:
    """Chapter 13: money since the first of January, per currency; no sum over currencies without recorded rates."""
    if not current_actor().may(Permission.CONTRIBUTION_READ):
        return None
    since = ledger.today.replace(month=1, day=1)
    rows = Contribution.objects.filter(organisation=ledger.organisation, committed_on__gte=since, committed_on__lte=ledger.today)
    found = list(rows.select_related("partner").order_by("-committed_on", "id"))
    if not found:
        return None
    money = [row for row in found if row.kind in (Contribution.Kind.CASH, Contribution.Kind.MATCH)]
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in money:
        sums[row.currency][0] += row.committed
        sums[row.currency][1] += row.disbursed
    figure = ledger.add(
        "E-071",
        "contributions",
        gettext_noop("Contributions promised since the first of January, counted at the member's own outflow"),
        [[str(row.pk), row.kind, row.currency, str(row.committed), str(row.disbursed)] for row in found],
        observed=[row.updated_at for row in found],
        coverage={"unit": "contribution", "counted": len(found), "needed": len(found), "people": None, "of_people": None},
    )
    told = [
        {
            "partner": row.partner.name,
            "kind": row.kind,
            "currency": row.currency,
            "committed": str(row.committed),
            "paid": str(row.disbursed),
            "purpose": row.purpose,
            "committed_on": iso(row.committed_on),
        }
        for row in found
    ]
    columns = ["partner", "kind", "purpose", "currency", "committed", "paid", "committed_on"]
    ledger.table("contributions", columns, [[row[column] for column in columns] for row in told])
    return {
        "figure": figure,
        "since": iso(since),
        "currencies": [
            {"currency": currency, "committed": str(committed), "paid": str(paid), "ratio": _text(rate(paid, committed))}
            for currency, (committed, paid) in sorted(sums.items(), key=lambda entry: (-entry[1][0], entry[0]))
        ],
        "contributions": told,
        "rates": None,
        "total": None,
        "left_out": [],
        "in_kind": sum(row.kind == Contribution.Kind.IN_KIND for row in found) or None,
        "reach": None,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
