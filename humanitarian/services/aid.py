"""Partners and what members give them."""

from typing import Any

from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from humanitarian.models import Contribution, PartnerOrganisation
from members.models import Organisation


@service(Permission.PARTNER_EDIT)
def add_partner(**fields: Any) -> PartnerOrganisation:
    """Add an organisation to the directory that everybody sees."""
    partner = PartnerOrganisation(**fields)
    partner.full_clean()
    partner.save(force_insert=True)
    return partner


@service(Permission.CONTRIBUTION_EDIT)
def record_contribution(*, organisation: Organisation, partner: PartnerOrganisation, **fields: Any) -> Contribution:
    """Keep what was promised and what was paid, in its own currency."""
    contribution = Contribution(organisation=organisation, partner=partner, **fields)
    contribution.save(force_insert=True)
    return contribution


@service(Permission.CONTRIBUTION_EDIT)
def change_contribution(*, contribution: Contribution, **fields: Any) -> Contribution:
    """Change a contribution, usually because more of it was paid."""
    for name, value in fields.items():
        setattr(contribution, name, value)
    contribution.save()
    return contribution
