"""How severe an issue is for people, and where it stands in the ranking (formula SAL-1).

UN Guiding Principles 14 and 24: severity is judged by scale, scope and irremediable character, one of them is enough,
and likelihood comes second. No official formula exists; this one is lexicographic, so that no likelihood can lift an
issue over a more severe one, and it is printed in annex A of every report. Pure: no database, no clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

FORMULA = "SAL-1"
SALIENT_FROM = Decimal(53)
GRAVEST = 5

SCALE = {
    1: gettext_lazy("nuisance without lasting effect"),
    2: gettext_lazy("minor, reversible effect on wellbeing or income"),
    3: gettext_lazy("income, health or family life clearly affected"),
    4: gettext_lazy("serious injury, forced-labour indicators, hunger, loss of home or risk of detention"),
    5: gettext_lazy("death, torture, sexual violence, forced labour, forced transfer or compelled service"),
}
SCOPE = {
    1: gettext_lazy("at most 5 people and less than one per cent of the group"),
    2: gettext_lazy("6 to 50 people, or up to 5 per cent of the group"),
    3: gettext_lazy("51 to 250 people, or up to 20 per cent of the group"),
    4: gettext_lazy("251 to 1,000 people, or up to half of the group"),
    5: gettext_lazy("more than 1,000 people, more than half of the group, or systemic"),
}
IRREMEDIABILITY = {
    1: gettext_lazy("fully restorable within days"),
    2: gettext_lazy("restorable within three months"),
    3: gettext_lazy("restorable within a year, with effort"),
    4: gettext_lazy("only partly restorable"),
    5: gettext_lazy("cannot be undone"),
}
LIKELIHOOD = {
    1: gettext_lazy("remote, below 5 per cent"),
    2: gettext_lazy("unlikely, 5 to 20 per cent"),
    3: gettext_lazy("possible, 20 to 50 per cent"),
    4: gettext_lazy("likely, 50 to 80 per cent"),
    5: gettext_lazy("almost certain, or already happened"),
}
SEVERITY = {
    1: gettext_lazy("slight"),
    2: gettext_lazy("minor"),
    3: gettext_lazy("moderate"),
    4: gettext_lazy("serious"),
    5: gettext_lazy("gravest"),
}


class Band(StrEnum):
    """The four bands of a ranking, best known by their first letter."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class FlagClass(StrEnum):
    """How urgent a red flag is; an open STOP or ESCALATE makes its issue salient."""

    STOP = "STOP"
    ESCALATE = "ESCALATE"
    WATCH = "WATCH"


BAND_FLOORS = ((Decimal(89), Band.CRITICAL), (SALIENT_FROM, Band.HIGH), (Decimal(41), Band.MEDIUM))


@dataclass(frozen=True)
class Saliency:
    """What the formula makes of five inputs.

    `severity_level` (SL) 1-5, `severity_sum` (S) 3-15, `likelihood` (LK) 1-5, `score` 1.00-100.00 in steps of 0.25.
    """

    severity_level: int
    severity_sum: int
    likelihood: int
    score: Decimal
    band: Band
    formula: str = FORMULA

    @property
    def is_severe(self) -> bool:
        return self.severity_level >= 4


def assess(scale: int, scope: int, irremediability: int, likelihood: int, *, is_actual: bool = False) -> Saliency:
    """The saliency of an impact from its four scores (1-5 each); an actual impact counts as certain.

    Raises ValueError for a score outside 1 to 5.
    """
    for name, value in (("scale", scale), ("scope", scope), ("irremediability", irremediability), ("likelihood", likelihood)):
        if not 1 <= value <= 5:
            raise ValueError(f"{name} must be 1 to 5, not {value}")
    level = min(5, max(scale, irremediability) + (1 if scope >= 4 else 0))
    total = scale + scope + irremediability
    certain = 5 if is_actual else likelihood
    score = Decimal(20 * (level - 1) + 4 * (certain - 1) + 1) + Decimal(total - 3) / 4
    return Saliency(level, total, certain, score.quantize(Decimal("0.01")), band_of(score))


def band_of(score: Decimal) -> Band:
    """The band in which a score lies; the lower bound belongs to the band."""
    return next((band for floor, band in BAND_FLOORS if score >= floor), Band.LOW)


def band_of_cell(severity_level: int, likelihood: int) -> Band:
    """The band of a square of the heat map, the same for every issue in it."""
    return band_of(Decimal(20 * (severity_level - 1) + 4 * (likelihood - 1) + 1))


def shown_band(score: Decimal, open_flags: Iterable[str] = ()) -> Band:
    """The band to show: an open STOP flag shows CRITICAL, and the score stays as it is."""
    return Band.CRITICAL if FlagClass.STOP in set(open_flags) else band_of(score)


def is_salient(
    score: Decimal,
    *,
    severity_level: int,
    conflict_driver: bool = False,
    open_flags: Iterable[str] = (),
    marked: bool | None = None,
) -> bool:
    """Whether an issue is among the salient ones: by score, by feeding the conflict, by a red flag, or by a person's mark.

    `marked` is what people said, None where nobody did. It holds as long as the severity lets it: a mark "not salient" is void
    from the day on which the issue is assessed as gravest.
    """
    if marked is not None and (marked or severity_level < GRAVEST):
        return marked
    flagged = {FlagClass.STOP, FlagClass.ESCALATE} & set(open_flags)
    return score >= SALIENT_FROM or conflict_driver or bool(flagged)


def refusal_to_unmark(severity_level: int, *, reason: str, second_person: bool) -> str | None:
    """Why an issue may not be taken off the salient list, or None if it may.

    At severity level 5 nobody may; below it a reason and a second person are needed.
    """
    if severity_level >= GRAVEST:
        return _("An issue of the gravest severity stays salient.")
    if not reason.strip():
        return _("Say why the issue is no longer salient.")
    if not second_person:
        return _("A second person must agree that the issue is no longer salient.")
    return None


def severity_text(scale: int, scope: int, irremediability: int, likelihood: int, *, is_actual: bool = False) -> str:
    """One sentence that says what the scores mean, written by the formula and by nobody else."""
    result = assess(scale, scope, irremediability, likelihood, is_actual=is_actual)
    if is_actual:
        return _(
            "Severity %(level)s (%(word)s): %(scale)s; reaches %(scope)s; %(irremediability)s. It is happening or has happened."
        ) % _words(result, scale, scope, irremediability)
    return _(
        "Severity %(level)s (%(word)s): %(scale)s; reaches %(scope)s; %(irremediability)s. Within twelve months: %(likelihood)s."
    ) % {**_words(result, scale, scope, irremediability), "likelihood": LIKELIHOOD[likelihood]}


def _words(result: Saliency, scale: int, scope: int, irremediability: int) -> dict[str, object]:
    return {
        "level": result.severity_level,
        "word": SEVERITY[result.severity_level],
        "scale": SCALE[scale],
        "scope": SCOPE[scope],
        "irremediability": IRREMEDIABILITY[irremediability],
    }
