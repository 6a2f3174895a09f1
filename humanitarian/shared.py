"""What a member can share of this app's nouns: safety actions without free text, and contributions.

A partner reads what it was given itself, to the cent; the AIM-Progress team reads all of it in bands (domain 7.4, 8.2).
"""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.datasets import Dataset, shareable
from humanitarian.models import Contribution, SafetyAction
from humanitarian.rows import ACTION_ROWS, CONTRIBUTION_ROWS
from members.models import Organisation


def _actions(receiver: UUID) -> QuerySet:
    return SafetyAction.objects.all()


def _for_the_receiver(receiver: UUID) -> QuerySet:
    if Organisation.objects.filter(pk=receiver, kind=Organisation.Kind.SECRETARIAT).exists():
        return Contribution.objects.all()
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
        queryset=_for_the_receiver,
        columns=(
            "id", "partner_name", "kind", "purpose", "country", "currency", "committed", "disbursed", "committed_on",
            "disbursed_on",
        ),
        headings={
            "partner_name": _("Partner"), "kind": _("Kind"), "purpose": _("For what"), "country": _("Country"),
            "currency": _("Currency"), "committed": _("Committed"), "disbursed": _("Paid or handed over"),
            "committed_on": _("Committed on"),
        },
    )
)  # fmt: skip
