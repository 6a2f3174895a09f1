"""Where work was stopped in the period, and what was settled then for the people; what is open is among the safety actions."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from aimprogress.instruments.engine import load
from aimprogress.instruments.models import Assessment
from humanitarian.services.stopping import STOPPING, open_items
from risks.reports.gather.ledger import Ledger, stamp


def stops(ledger: Ledger) -> dict[str, Any] | None:
    """Per question how many stops have it settled, open, or not asked; None where no work was stopped. For the member alone."""
    known = Assessment.objects.filter(
        organisation=ledger.organisation, instrument=STOPPING, site__in=[one.site.pk for one in ledger.sites],
        started_at__lte=ledger.as_of,
    )  # fmt: skip
    made = [
        one
        for one in known.order_by("started_at", "id")
        if ledger.period_from <= timezone.localdate(one.started_at) <= ledger.period_to
    ]
    if not made:
        return None
    figure = ledger.add(
        "E-026",
        "stops",
        gettext_noop("What was answered where work was stopped in the period"),
        [[str(one.pk), str(one.site_id), open_items(one), stamp(one.answered_at)] for one in made],
        observed=[one.answered_at for one in made],
    )
    rows = []
    for item in load(STOPPING).items:
        waiting = sum(item.code in open_items(one) for one in made)
        apart = sum(bool(one.outcome) and one.outcome.items.get(item.code) == "NA" for one in made)
        name = {"en": item.title.en, "uk": item.title.uk}
        rows.append({"item": item.code, "name": name, "settled": len(made) - waiting - apart, "open": waiting, "apart": apart})
    return {"figure": figure, "made": len(made), "sites": len({one.site_id for one in made}), "rows": rows}
