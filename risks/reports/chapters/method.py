"""Chapter 4 and annex A: how figures are made, judged and kept back. Rules are printed from the code that applies them."""

from django.utils.translation import gettext as _

from aimprogress.figures.numbers import number
from risks import saliency
from risks.reports import printing
from risks.reports.chapters.slice import Chapter, Slice
from risks.reports.engine import page
from risks.reports.tables import Column, Row, Table
from risks.reports.words import ALERTS, BANDS, word


def method(_part: Slice) -> Chapter:
    """How the report was made, in words; the formulas follow in annex A."""
    html = page("method.html", {"cadence": _cadence(), "withheld": _withheld()})
    return Chapter("4", "c4", _("Method"), html, flows=True)


def annex_method(_part: Slice) -> Chapter:
    """Annex A: formulas and the words behind every score."""
    html = page(
        "annex_method.html", {"formula": saliency.FORMULA, "inputs": _inputs(), "bands": _bands(), "formulas": _formulas()}
    )
    return Chapter("A", "ca", _("Method and formulas"), html)


def _days(hours: int) -> str:
    return _("%(count)s h") % {"count": hours} if hours <= 24 else _("%(count)s d") % {"count": hours // 24}


def _cadence() -> Table:
    status, heads = number("STATUS_CADENCE_HOURS"), number("HEAD_COUNT_CADENCE_HOURS")
    review, drill = number("PLAN_REVIEW_DAYS"), number("DRILL_DAYS")
    return Table(
        "4.1",
        _("How often a site must report"),
        _("the time allowed follows from its alert level now"),
        [
            Column(_("Alert level"), 28),
            Column(_("Status every"), 18, numeric=True),
            Column(_("Head count every"), 18, numeric=True),
            Column(_("Plan review every"), 18, numeric=True),
            Column(_("Drill every"), 18, numeric=True),
        ],
        [
            Row(
                [
                    _("%(level)s %(word)s") % {"level": level, "word": word(ALERTS, level)},
                    _days(status[level]),
                    _days(heads[level]),
                    _days(review[level] * 24),
                    _days(drill[level] * 24) if drill[level] else "–",
                ]
            )
            for level in range(4, -1, -1)
        ],
        style="dense",
    )


def _withheld() -> Table:
    return Table(
        "4.2",
        _("What is kept back, and why"),
        _("protection of people comes before completeness"),
        [Column(_("Rule"), 32), Column(_("What is printed"), 24), Column(_("Why"), 44)],
        [
            Row([_("1 to 4 people"), "<5", _("one person could be recognised")]),
            Row([_("a cell that gives another away"), _("hidden"), _("totals minus the rest would show what “<5” protects")]),
            Row([_("rates of fewer than 20 people"), _("under 20"), _("one person moves them by five points")]),
            Row(
                [
                    _("serving, detained, missing, killed"),
                    _("by country, from five people up"),
                    _("these facts can be used against the people and their families"),
                ]
            ),
            Row(
                [
                    _("the same in Russia, Belarus and occupied areas"),
                    _("not collected"),
                    _("recording it would endanger people there"),
                ]
            ),
            Row(
                [_("places"), _("region and a number"), _("no name, address, route, shelter or coordinate of a site is printed")]
            ),
        ],
        style="dense",
    )


def _inputs() -> list[Table]:
    kinds = [
        (_("Scale"), _("how grave it is"), saliency.SCALE),
        (_("Scope"), _("how many; the higher of the two readings counts"), saliency.SCOPE),
        (_("Irremediability"), _("whether it can be made good"), saliency.IRREMEDIABILITY),
        (_("Likelihood"), _("within twelve months"), saliency.LIKELIHOOD),
    ]
    return [
        Table(
            f"A.{place}",
            title,
            note,
            [Column(_("Score"), 10), Column(_("Meaning"), 90)],
            [Row([score, words[score]]) for score in range(5, 0, -1)],
        )
        for place, (title, note, words) in enumerate(kinds, 1)
    ]


def _bands() -> Table:
    floors = [*((str(floor), band) for floor, band in saliency.BAND_FLOORS), ("1", saliency.Band.LOW)]
    return Table(
        "A.5",
        _("Bands of the score"),
        _("an open STOP flag shows critical whatever the score"),
        [Column(_("Band"), 40), Column(_("From a score of"), 60, numeric=True)],
        [Row([word(BANDS, band.value), printing.decimal(floor, 0)]) for floor, band in floors],
        style="narrow",
    )


def _formulas() -> list[tuple[str, str, str]]:
    return [
        (_("Accounted for"), _("(expected − no contact − missing) ÷ expected"), _("Sums over sites, never the mean of rates.")),
        (_("Confirmed safe"), _("(at usual place + displaced inside + displaced abroad) ÷ expected"), ""),
        (_("Displaced"), _("(displaced inside + displaced abroad) ÷ expected"), ""),
        (
            _("Expected"),
            _("baseline + joined − left"),
            _("Death and military service are not leaving; people in these states stay counted."),
        ),
        (
            _("Freshness"),
            _("age ÷ time allowed"),
            _("Current up to 0.8, due up to 1.0, overdue up to 2.0, stale above. Stale facts are in no total."),
        ),
        (
            _("Adequate evacuation plan"),
            _("items met ÷ 20 ≥ 85 %(percent)s, and items 3, 5, 6, 8, 12 and 15 met") % {"percent": "%"},
            _("Approved, in force, and not past its review."),
        ),
        (
            _("Seats short"),
            _("max(0, expected + families − seats × trips)"),
            _("Families are the plan's own estimate."),
        ),
        (
            _("Delivered support"),
            _("paid ÷ committed, per currency"),
            _("A sum of several currencies is only indicative: each line is converted at the printed rate, rounded, then added."),
        ),
        (
            _("Percentages"),
            _("one decimal, halves up"),
            _("Never 100.0 while anybody is missing (99.9), never 0.0 while anybody is counted (0.1)."),
        ),
    ]
