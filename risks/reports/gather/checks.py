"""The checklists that sites are asked for: how many answered in time, and which questions were not met where they did."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop

from aimprogress.instruments.definition import Instrument
from aimprogress.instruments.models import Assessment
from humanitarian.asked import asked_instruments
from members.models import Operational
from risks.reports.gather.ledger import Ledger, stamp


def checks(ledger: Ledger) -> dict[str, Any] | None:
    """Per question of each checklist at how many sites it is met, not met, or does not apply; None where no site is asked."""
    found = [told for instrument in asked_instruments() if (told := _of(ledger, instrument))]
    if not found:
        return None
    return {"figure": "E-027", "lists": found}


def _of(ledger: Ledger, instrument: Instrument) -> dict[str, Any] | None:
    countries = instrument.asked.countries if instrument.asked else ()
    away = Operational.EVACUATED
    asked = [one for one in ledger.open_sites if one.site.country in countries and one.site.current_operational != away]
    if not asked:
        return None
    since = ledger.as_of - timedelta(days=instrument.validity.days if instrument.validity else 365)
    rows = Assessment.objects.filter(
        site__in=[one.site.pk for one in asked],
        instrument=instrument.name,
        completed_at__gt=since,
        completed_at__lte=ledger.as_of,
    )
    newest = {row.site_id: row for row in rows.order_by("completed_at", "id")}
    ledger.add(
        "E-027",
        "checks",
        gettext_noop("The newest whole answer of each site that is asked for a checklist, while it holds"),
        [[str(row.pk), row.instrument, row.result.get("items"), stamp(row.completed_at)] for row in newest.values()],
        observed=[row.completed_at for row in newest.values()],
        coverage={"unit": "site", "counted": len(newest), "needed": len(asked), "people": None, "of_people": None},
    )
    counted = []
    for item in instrument.items:
        said = [(row.result.get("items") or {}).get(item.code) for row in newest.values()]
        kinds = [instrument.scale[value].kind.value for value in said if value in instrument.scale]
        met, apart = kinds.count("met"), kinds.count("not_applicable")
        counted.append(
            {
                "item": item.code, "name": {"en": item.title.en, "uk": item.title.uk}, "met": met, "apart": apart,
                "unmet": len(newest) - met - apart,
            }
        )  # fmt: skip
    title = {"en": instrument.title.en, "uk": instrument.title.uk}
    return {"code": instrument.name, "title": title, "asked": len(asked), "answered": len(newest), "rows": counted}
