"""What a member can share of this app's nouns: safety actions without free text, and contributions to the receiver itself."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.datasets import Dataset, shareable
from humanitarian.models import Contribution, SafetyAction
from humanitarian.rows import ACTION_ROWS, CONTRIBUTION_ROWS


def _actions(receiver: UUID) -> QuerySet:
    return SafetyAction.objects.all()


def _to_the_receiver(receiver: UUID) -> QuerySet:
    return Contribution.objects.filter(partner__organisation_id=receiver)


ACTIONS = shareable(
    Dataset(
        "SAFETY_ACTIONS",
        rows=ACTION_ROWS,
        queryset=_actions,
        # Titles, blockers and evidence are free text: they name places and people's roles, so they stay.
        columns=(
            "id", "name", "member_name", "country", "admin1_code", "admin1_name", "area_code", "area_name",
            "type", "due_on", "status", "done_on", "effect",
        ),
        headings={
            "name": _("Site"), "type": _("Kind"), "due_on": _("Until"), "status": _("Status"), "done_on": _("Done on"),
            "effect": _("Effect"), "admin1_name": _("Oblast or region"), "area_name": _("Raion or district"),
        },
    )
)  # fmt: skip
CONTRIBUTIONS = shareable(
    Dataset(
        "CONTRIBUTIONS",
        rows=CONTRIBUTION_ROWS,
        queryset=_to_the_receiver,
        columns=("id", "kind", "purpose", "country", "currency", "committed", "disbursed", "committed_on", "disbursed_on"),
        headings={
            "kind": _("Kind"), "purpose": _("For what"), "country": _("Country"), "currency": _("Currency"),
            "committed": _("Committed"), "disbursed": _("Paid or handed over"), "committed_on": _("Committed on"),
        },
    )
)  # fmt: skip
