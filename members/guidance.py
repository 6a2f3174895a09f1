"""The guidance library (library/guidance.yaml): what others published, in our own words, and where it applies now.

Pure but for the file. `applies` asks only for what the reader of a site sees of it anyway, so that showing an item tells nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.figures.moment import moment
from aimprogress.places.countries import country_name
from aimprogress.places.models import AreaConflictStatus
from members.models import ENDED, Operational, Site, Topic
from members.planning import has_adequate_plan

LIBRARY = Path(__file__).parent / "library" / "guidance.yaml"


class Kind(models.TextChoices):
    STANDARD = "STANDARD", _("Standard")
    GUIDE = "GUIDE", _("Guide")
    TOOL = "TOOL", _("Tool")
    TEMPLATE = "TEMPLATE", _("Template")
    LAW_NOTE = "LAW_NOTE", _("Note on law")
    CASE = "CASE", _("Case study")
    STATEMENT = "STATEMENT", _("Statement")
    TRAINING = "TRAINING", _("Training")


class PlanGap(models.TextChoices):
    MISSING = "MISSING", _("no evacuation plan")
    GAPS = "GAPS", _("an evacuation plan with gaps, or out of date")


LAW_LASTS, OTHERS_LAST = timedelta(days=90), timedelta(days=365)
"""How long after it was read an item is trusted (domain 7.1)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a site where guidance is looked for."""

    country: str
    area: str
    level: int
    state: str
    plan: str = ""
    evacuating: bool = False


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where an item applies: everywhere that all of it is true. Nothing named: nowhere by itself, it stands in the library."""

    countries: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    level: int = 0
    states: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    evacuating: bool = False

    @property
    def are_named(self) -> bool:
        return self != Conditions()

    def hold(self, facts: Facts) -> bool:
        """Whether all that is named is true of `facts`."""
        named = ((self.countries, facts.country), (self.area, facts.area), (self.states, facts.state), (self.plan, facts.plan))
        fits = all(value in wanted for wanted, value in named if wanted)
        return self.are_named and fits and facts.level >= self.level and (facts.evacuating or not self.evacuating)

    def in_words(self) -> list[str]:
        """The conditions for a reader, one a line."""
        names = (
            (_("Countries: %(names)s"), [str(country_name(code)) for code in self.countries]),
            (_("Area on the official list: %(names)s"), _labels(AreaConflictStatus.Status, self.area)),
            (_("Site: %(names)s"), _labels(Operational, self.states)),
            (_("Plan: %(names)s"), _labels(PlanGap, self.plan)),
        )
        words = [text % {"names": ", ".join(several)} for text, several in names if several]
        if self.level:
            words.append(gettext("Alert level %(level)s or higher") % {"level": self.level})
        return [*words, gettext("While people are being evacuated")] if self.evacuating else words


def _labels(choices: type[models.TextChoices], codes: Iterable[str]) -> list[str]:
    return [str(choices(code).label) for code in codes]


@dataclass(frozen=True, slots=True)
class Item:
    """One publication: who published it when, where it is, when we read it, and what it says in our words."""

    code: str
    title: str
    publisher: str
    published: str
    link: str
    kind: Kind
    topics: tuple[Topic, ...]
    languages: tuple[str, ...]
    summaries: dict[str, str]
    read_on: date
    version: int = 1
    when: Conditions = field(default_factory=Conditions)

    @property
    def summary(self) -> str:
        """In the reader's language."""
        return self.summaries.get(get_language() or "en", self.summaries["en"])

    @property
    def trusted_until(self) -> date:
        """After this day it should be read again."""
        return self.read_on + (LAW_LASTS if self.kind == Kind.LAW_NOTE else OTHERS_LAST)

    @property
    def is_old(self) -> bool:
        return date.today() > self.trusted_until

    @property
    def topic_names(self) -> list[str]:
        return [str(topic.label) for topic in self.topics]

    @property
    def language_names(self) -> list[str]:
        """The languages of the publication, each named in itself."""
        return [get_language_info(code)["name_local"] for code in self.languages]


@cache
def library() -> dict[str, Item]:
    """All items by code. Raises for a file that says something wrong: it is part of the code."""
    known = yaml.safe_load(LIBRARY.read_text(encoding="utf-8"))
    items = [_item(entry, known["read"]) for entry in known["items"]]
    return {item.code: item for item in items}


@cache
def library_version() -> int:
    return yaml.safe_load(LIBRARY.read_text(encoding="utf-8"))["version"]


def _item(entry: dict[str, Any], read_on: date) -> Item:
    when = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.get("when", {}).items()}
    return Item(
        code=entry["code"], title=entry["title"], publisher=entry["publisher"], published=str(entry["published"] or ""),
        link=entry["link"], kind=Kind(entry["kind"]), topics=tuple(map(Topic, entry["topics"])),
        languages=tuple(entry["languages"]), summaries=entry["summary"], read_on=entry.get("read", read_on),
        version=entry.get("version", 1), when=Conditions(**when),
    )  # fmt: skip


def facts_of(site: Site, area_status: str) -> Facts:
    """What guidance asks of a site. `area_status`: of the area that the reader may know."""
    plan = PlanGap.MISSING if site.current_plan_adequate is None else PlanGap.GAPS
    if has_adequate_plan(site, timezone.localdate(moment())):
        plan = ""
    return Facts(
        country=site.country, area=area_status, level=site.alert_level, state=site.current_operational, plan=plan,
        evacuating=site.evacuating_since is not None,
    )  # fmt: skip


def applying(facts: Facts) -> list[Item]:
    """What applies now, what keeps people alive first (the order of Topic). Nothing at a site that is closed or sold."""
    found = [] if facts.state in ENDED else [item for item in library().values() if item.when.hold(facts)]
    return sorted(found, key=lambda item: min(map(list(Topic).index, item.topics)))


def find(*, q: str = "", topic: str = "", country: str = "", language: str = "") -> Sequence[Item]:
    """Items whose words hold `q`, with all that is asked for. An item without countries is for all of them."""
    words = q.casefold().split()
    return [
        item
        for item in library().values()
        if all(word in f"{item.title} {item.publisher} {' '.join(item.summaries.values())}".casefold() for word in words)
        and (not topic or topic in item.topics)
        and (not country or not item.when.countries or country in item.when.countries)
        and (not language or language in item.languages)
    ]
