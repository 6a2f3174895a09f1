"""What members and the AIM-Progress team do at the support desk."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.guidance import library
from members.models import GuidanceMark, Site


@service(Permission.GUIDANCE_MARK)
def mark_guidance(*, site: Site, item: str, mark: str, reason: str = "") -> GuidanceMark:
    """Say about an item of the library that it was read or done at a site, or why it does not apply there."""
    known = library().get(item)
    if known is None:
        raise ValidationError({"item": _("The library has no such item.")})
    said = GuidanceMark(
        organisation_id=site.organisation_id, site=site, item=item, item_version=known.version, mark=mark, reason=reason,
        marked_by_id=current_actor().user_id,
    )  # fmt: skip
    said.save(force_insert=True)
    return said
