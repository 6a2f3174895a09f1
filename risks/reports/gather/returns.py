"""Sites that people left for their safety and that nothing has let operate since, at the cut-off."""

from typing import Any

from django.utils.translation import gettext_noop

from members.models import Site
from members.returning import uncleared
from risks.reports.gather.ledger import Ledger


def returns(ledger: Ledger) -> dict[str, Any] | None:
    """How many of the open sites wait for their return to work; None where none does."""
    places = Site.objects.filter(pk__in=[one.site.pk for one in ledger.open_sites])
    away = set(uncleared(places, ledger.as_of, known=ledger.as_of).values_list("pk", flat=True))
    if not away:
        return None
    waiting = [one for one in ledger.open_sites if one.site.pk in away]
    figure = ledger.add(
        "E-028",
        "returns",
        gettext_noop("Open sites that people left for their safety and that were not cleared to operate at the cut-off"),
        sorted([str(one.site.pk), one.site.current_operational] for one in waiting),
        observed=[one.site.current_status_at for one in waiting],
    )
    return {"figure": figure, "sites": len(waiting)}
