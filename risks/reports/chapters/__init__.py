"""The chapters of the report under their fixed numbers (domain 9.2): pure functions from a slice to HTML."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from risks.reports.chapters.annexes import index, quality
from risks.reports.chapters.issues import issues
from risks.reports.chapters.method import annex_method, method
from risks.reports.chapters.pay import pay
from risks.reports.chapters.people import people
from risks.reports.chapters.scope import scope
from risks.reports.chapters.slice import Chapter, Slice
from risks.reports.chapters.summary import summary
from risks.reports.chapters.support import aid, supply

CHAPTERS: list[tuple[Callable[[Slice], Chapter], tuple[str, ...]]] = [
    (summary, ("summary", "issues")),
    (scope, ("scope",)),
    (method, ()),
    (issues, ("issues", "people", "pay")),
    (people, ("people",)),
    (pay, ("pay", "measures")),
    (supply, ("supply",)),
    (aid, ("aid",)),
    (annex_method, ()),
    (quality, ("quality",)),
    (index, ()),
]
"""Each chapter with the slices of the snapshot that it reads."""

LATER = {
    "3": _("Policy and governance"),
    "8": _("One chapter for each salient issue"),
    "9": _("Conduct in conflict: red flags and legal review"),
    "10": _("Operating decisions"),
    "12": _("Displaced workers"),
    "14": _("Stakeholders"),
    "15": _("Grievance and remedy"),
    "16": _("Challenges, lessons and commitments"),
    "C": _("Framework index"),
    "D": _("Check results"),
    "F": _("Glossary"),
}
"""Numbers that this release does not fill; the contents list them, so that nobody thinks they were left out on purpose."""

ORDER = [*map(str, range(1, 17)), *"ABCDEF"]
