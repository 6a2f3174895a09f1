"""Pay of workers and measures for own people: report, correct, plan, judge."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from humanitarian.models import SupportMeasure, WageSupportReport
from members.models import Organisation, Site

KEY = ("site", "month", "group", "policy")
"""What a report is about. A correction says the same month, group and rule anew."""


@service(Permission.PAY_EDIT)
def report_pay(*, site: Site, month: date, group: str, policy: str, **fields: Any) -> WageSupportReport:
    """Add what one group at a site was paid in a month. Raises ValidationError where it is reported already."""
    return _add(site=site, month=month, group=group, policy=policy, **fields)


@service(Permission.PAY_EDIT)
def correct_pay(*, report: WageSupportReport, reason: str, **fields: Any) -> WageSupportReport:
    """Say it again, rightly, and why it was wrong. Both rows stay; what `fields` does not name is taken over."""
    taken_over = {
        field.name: getattr(report, field.name)
        for field in WageSupportReport._meta.concrete_fields
        if field.name not in ("id", "organisation", "recorded_at", "reported_by", "observed_at", "supersedes", "reason")
    }
    return _add(
        **taken_over | {**fields, **{name: getattr(report, name) for name in KEY}}, reason=reason.strip(), supersedes=report
    )


@service(Permission.PAY_EDIT)
def add_measure(*, organisation: Organisation, **fields: Any) -> SupportMeasure:
    """Write down a measure for own people."""
    measure = SupportMeasure(organisation=organisation, **fields)
    _check_site(measure)
    measure.save(force_insert=True)
    return measure


@service(Permission.PAY_EDIT)
def change_measure(*, measure: SupportMeasure, **fields: Any) -> SupportMeasure:
    """Change a measure, usually because more people were reached or somebody asked whether it helped."""
    for name, value in fields.items():
        setattr(measure, name, value)
    _check_site(measure)
    measure.save()
    return measure


def _add(**fields: Any) -> WageSupportReport:
    if (corrected := fields.get("supersedes")) is not None:  # held, so that its import is not taken back meanwhile
        fields["supersedes"] = WageSupportReport.objects.select_for_update(of=("self",)).get(pk=corrected.pk)
    report = WageSupportReport(
        organisation_id=fields["site"].organisation_id, reported_by_id=current_actor().user_id,
        **{"observed_at": timezone.now()} | fields,
    )  # fmt: skip
    report.save(force_insert=True)
    return report


def _check_site(measure: SupportMeasure) -> None:
    if measure.site_id is None:
        return
    if measure.site.organisation_id != measure.organisation_id or measure.site.country != measure.country:
        raise ValidationError({"site": _("This site is not in the country of the measure.")})
