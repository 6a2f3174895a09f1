"""The register of human-rights issues: raise, assess again, mark, close."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.utils import timezone

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.places.countries import CountryGroup, group_of
from members.models import Organisation
from risks.codes import CATALOGUE
from risks.models import RightsIssue
from risks.saliency import GRAVEST, refusal_to_unmark

REVIEW_DAYS = {CountryGroup.CONFLICT: 90, CountryGroup.PARTY: 90, CountryGroup.NEIGHBOUR: 180, CountryGroup.HOST: 180}
INPUTS = {"scale", "scope", "irremediability", "likelihood", "is_actual"}
"""What the score is computed from. Whoever says one of them has assessed the issue."""


@service(Permission.ISSUE_RAISE)
def raise_issue(*, organisation: Organisation, **fields: Any) -> RightsIssue:
    """Add an issue to the register. Rights follow from its kind where none are given; the review date from its country.

    A site reporter raises an issue of an own site, and reads none: PermissionDenied for any other.
    """
    site = fields.get("site")
    if not current_actor().acts_at(site.pk if site else None):
        raise PermissionDenied
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    taken = RightsIssue.objects.filter(organisation=organisation).aggregate(last=Max("number"))["last"] or 0
    issue = RightsIssue(organisation=organisation, number=taken + 1, **fields)
    if not issue.rights and issue.catalogue in CATALOGUE:
        issue.rights = list(CATALOGUE[issue.catalogue][1])
    issue.next_review_on = issue.next_review_on or review_date(issue)
    issue.save(force_insert=True)
    return issue


@service(Permission.ISSUE_EDIT)
def assess_issue(*, issue: RightsIssue, **fields: Any) -> RightsIssue:
    """Change an issue; where one of the inputs is said anew it is assessed: the score is computed, the day kept, the next
    review set. To open, manage or close it is no assessment, and moves no day.
    """
    for name, value in fields.items():
        setattr(issue, name, value)
    if INPUTS & fields.keys():
        issue.last_assessed_at = timezone.now()
        issue.next_review_on = fields.get("next_review_on") or review_date(issue)
    issue.save()
    return issue


@service(Permission.ISSUE_EDIT)
def mark_salient(*, issue: RightsIssue, salient: bool, reason: str = "") -> RightsIssue:
    """Call an issue salient, or not, against the formula. Not salient is refused at severity 5, else needs two people.

    The first person proposes with a reason; the second, another one, confirms.
    """
    actor = current_actor()
    if salient:
        issue.marked_salient, issue.salient_reason, issue.salient_second_id = True, reason.strip(), None
        issue.save()
        return issue
    proposed_by_other = issue.salient_second_id is not None and issue.salient_second_id != actor.user_id
    reason = reason.strip() or issue.salient_reason
    refusal = refusal_to_unmark(issue.severity_level, reason=reason, second_person=proposed_by_other)
    if refusal and issue.severity_level < GRAVEST and reason and issue.salient_second_id is None:
        issue.salient_reason, issue.salient_second_id = reason, actor.user_id
        issue.save()
        return issue
    if refusal:
        raise ValidationError({"salient": refusal})
    issue.marked_salient, issue.salient_reason = False, reason
    issue.save()
    return issue


def review_date(issue: RightsIssue) -> date:
    """When an issue must be looked at again (domain 1.3): by its country, or by that of its site where it names none."""
    country = issue.country or (issue.site.country if issue.site else "")
    return timezone.localdate() + timedelta(days=REVIEW_DAYS.get(group_of(country), 365) if country else 365)
