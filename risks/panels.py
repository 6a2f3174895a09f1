"""What this app shows on a site's page."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from aimprogress.core.permissions import Permission
from aimprogress.web.panels import panel
from humanitarian.models import SafetyAction
from humanitarian.origins import Source, register
from members.models import Site
from risks.models import RightsIssue
from risks.rows import shown_title

register(
    SafetyAction.Origin.ISSUE,
    Source(
        Permission.ISSUE_READ,
        RightsIssue.objects,
        shown_title,
        lambda issue: reverse("risks:issue", args=[issue.pk]),
    ),
)


@panel("site", order=40)
def issues_of_site(request: HttpRequest, site: Site) -> SafeString | None:
    """The gravest issues of a site; for who raises issues without reading them, the way to raise one."""
    own = request.actor.owns(site.organisation_id)
    may_raise = own and request.actor.may(Permission.ISSUE_RAISE) and request.actor.acts_at(site.pk)
    if not request.actor.may(Permission.ISSUE_READ):
        return render_to_string("risks/_site_issues.html", {"may_raise": True, "site": site}, request) if may_raise else None
    open_issues = RightsIssue.objects.filter(site=site).exclude(status=RightsIssue.Status.CLOSED)
    issues = list(open_issues.order_by("-score", "id")[:3])
    for issue in issues:
        issue.shown = shown_title(issue)
    context = {"issues": issues, "may_raise": may_raise, "reads": True, "site": site}
    return render_to_string("risks/_site_issues.html", context, request) if issues or may_raise else None
