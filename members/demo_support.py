"""Demo: what sites did about guidance."""

from datetime import timedelta

from django.utils import timezone

from aimprogress.places.area_status import statuses_on
from aimprogress.web.demo import Demo, demo_loader
from members.guidance import applying, facts_of
from members.models import GuidanceMark

REASONS = ("The building has a shelter of its own", "No generator on this site", "Settled for the whole company by headquarters")
MARKED = ("READ", "DONE", "DONE", "NOT_APPLICABLE")


@demo_loader("guidance at sites", order=55)
def load_guidance(demo: Demo) -> None:
    """About half of what applies was answered, in the last weeks."""
    dice = demo.dice
    standing = statuses_on({site.area_id or site.admin1_id for site in demo.kept["sites"]}, timezone.localdate())
    marks = []
    for site in demo.kept["sites"]:
        for item in applying(facts_of(site, standing[site.area_id or site.admin1_id].status)):
            if dice.random() < 0.5:
                continue
            mark = dice.choice(MARKED)
            marks.append(
                GuidanceMark(
                    organisation_id=site.organisation_id, site=site, item=item.code, item_version=item.version, mark=mark,
                    reason=dice.choice(REASONS) if mark == "NOT_APPLICABLE" else "",
                    marked_at=demo.now - timedelta(days=dice.randint(1, 40)),
                )
            )  # fmt: skip
    GuidanceMark.objects.bulk_create(marks, batch_size=1000)
