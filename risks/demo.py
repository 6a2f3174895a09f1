"""Demo: a register of issues for each member; the worked examples of the domain reference at Halden Foods."""

from datetime import timedelta

from aimprogress.web.demo import Demo, demo_loader
from risks.codes import CATALOGUE
from risks.models import RightsIssue

# title, kind, country, scale, scope, irremediability, likelihood, actual, involvement
ISSUES = (
    ("Shelling during shift change at plants near the front", "I01", "UA", 5, 4, 5, 4, False, "LINKED"),
    ("Loss of power and heat in winter", "I13", "UA", 4, 5, 2, 5, True, "LINKED"),
    ("Call-up papers served at work", "I03", "RU", 5, 2, 4, 3, False, "CONTRIBUTE"),
    ("Sexual violence in workers' accommodation", "I08", "PL", 5, 1, 5, 2, False, "LINKED"),
    ("Loss of staple food for local people if the plant leaves", "I10", "UA", 4, 4, 2, 2, False, "CONTRIBUTE"),
    ("Wages lost by suspended staff", "I02", "UA", 3, 5, 2, 5, True, "CAUSE"),
    ("Recruitment fees charged to displaced workers", "I06", "PL", 4, 3, 2, 4, False, "LINKED"),
    ("Overtime at a co-packer that took over volumes", "I20", "PL", 2, 3, 1, 5, False, "CONTRIBUTE"),
    ("Farm workers on land that was not cleared of mines", "I18", "UA", 5, 2, 5, 3, False, "LINKED"),
    ("Drivers without rest on dangerous routes", "I19", "UA", 4, 2, 4, 3, False, "LINKED"),
    ("Grain of unclear origin offered by a trader", "I15", "UA", 4, 3, 3, 2, False, "UNKNOWN"),
    ("Veterans return without adapted workplaces", "I25", "UA", 3, 3, 2, 4, True, "CONTRIBUTE"),
)


@demo_loader("human-rights issues", order=90)
def load_issues(demo: Demo) -> None:
    issues = []
    for member in demo.kept["members"]:
        own = ISSUES if member is demo.kept["halden"] else demo.dice.sample(ISSUES, 6)
        sites = [site for site in demo.kept["sites"] if site.organisation_id == member.pk and site.alert_level >= 3]
        for number, (title, kind, country, scale, scope, irremediability, likelihood, actual, involvement) in enumerate(own, 1):
            issue = RightsIssue(
                organisation=member, number=number, title=title, catalogue=kind, country=country, scale=scale, scope=scope,
                irremediability=irremediability, likelihood=likelihood, is_actual=actual, involvement=involvement,
                rights=list(CATALOGUE[kind][1]), groups=["EMPLOYEES", "AGENCY"], owner_role="Human rights lead",
                site=sites[0] if kind == "I01" and sites else None, ihl_relevant=kind in {"I01", "I03", "I15", "I18"},
                first_identified_on=demo.now.date() - timedelta(days=200), last_assessed_at=demo.now - timedelta(days=number * 6),
                next_review_on=demo.now.date() + timedelta(days=90 - number * 9),
            )  # fmt: skip
            issue.rank()
            issues.append(issue)
    RightsIssue.objects.bulk_create(issues)
