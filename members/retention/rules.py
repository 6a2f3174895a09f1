"""How long we keep what: the one list. The Job keeps to it, the page prints it, docs/data-protection.md says the same (a test).

Each rule is a function of the database's owner (members/migrations, core/retention.py) that is given an organisation, a
moment and a number of rows. Source: domain.md 8.5.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aimprogress.core.retention import ask_the_owner
from members.retention.quarters import add_up_and_delete
from members.retention.strict import add_up_and_forget

A_MONTH = 365 / 12
FEW_DAYS = 300


@dataclass(frozen=True, slots=True)
class Rule:
    """What is kept, how many days after which moment, and what happens then.

    of_the_portal: asked once, not for each organisation: it is about accounts and sign-ins. step: where the database alone cannot
    do it, what does; else its function is called. `step(organisation_id, before, most)` returns how many rows it changed.
    """

    name: str
    what: str | Promise
    days: int
    after: str | Promise
    then: str | Promise
    of_the_portal: bool = False
    step: Callable[[UUID, datetime, int], int] | None = None

    @property
    def kept_days(self) -> int:
        """Its days, unless PORTAL_NUMBERS["KEEP_DAYS"] names others for it."""
        return getattr(settings, "PORTAL_NUMBERS", {}).get("KEEP_DAYS", {}).get(self.name, self.days)

    @property
    def how_long(self) -> str:
        """In days, from ten months on in months."""
        if self.kept_days < FEW_DAYS:
            return ngettext("%(days)s day", "%(days)s days", self.kept_days) % {"days": self.kept_days}
        months = round(self.kept_days / A_MONTH)
        return ngettext("%(months)s month", "%(months)s months", months) % {"months": months}

    def keep(self, organisation_id: UUID, now: datetime, most: int) -> int:
        """Keep to it for one organisation, at most about `most` rows at once. Needs to act as SYSTEM.

        Returns how many rows it changed.
        """
        before = now - timedelta(days=self.kept_days)
        return self.step(organisation_id, before, most) if self.step else ask_the_owner(self.name, organisation_id, before, most)


OBSERVATIONS = Rule(
    "observations", _("Status and head counts of sites"), 1095, _("they were seen and entered"),
    _("deleted, but for what a site still stands on; totals by country and quarter stay"), step=add_up_and_delete,
)  # fmt: skip
RULES = (
    Rule(
        "places_lost", _("Exact place and address of a site, and routes, shelters, meeting points and numbers of its plans"), 7,
        _("the site was lost or its area is occupied"), _("emptied; region and district stay"),
    ),
    Rule(
        "places_closed", _("Exact place, routes, shelters and numbers of a site that was closed or sold"), 30,
        _("it was closed or sold"), _("emptied; region and district stay"),
    ),
    Rule(
        "strict", _("How many serve, are detained, missing or dead, by site"), 180, _("it was observed"),
        _("only totals by country and month stay"), step=add_up_and_forget,
    ),
    OBSERVATIONS,
    Rule(
        "plan_places", _("Routes, shelters, meeting points and numbers of a plan"), 90, _("another version replaced it"),
        _("emptied"),
    ),
    Rule(
        "plan_versions", _("Versions of a plan that was never activated"), 730, _("another version replaced it"),
        _("deleted with its answers"),
    ),
    Rule("answers", _("The words of a check-in"), 90, _("it arrived and nothing is open"), _("emptied; what was observed stays")),
    Rule("drafts", _("Unfinished forms"), 30, _("they were kept"), _("deleted")),
    Rule("imports", _("Rows of an imported list (the list itself: 24 hours)"), 90, _("it was uploaded"), _("deleted")),
    Rule("undo", _("What many actions were before they were changed at once"), 7, _("the change"), _("deleted")),
    Rule("downloads", _("Files that somebody asked for"), 30, _("they were made"), _("deleted")),
    Rule("cases", _("Support cases with their messages and meetings"), 730, _("they were resolved"), _("deleted")),
    Rule(
        "meetings", _("Meetings without a support case, with what was agreed there (a call with several members, too)"), 730,
        _("they were held"), _("deleted"),
    ),
    Rule("calls", _("Calls to a site with what was heard, and reminders"), 730, _("the call"), _("deleted")),
    Rule("roll_calls", _("Roll calls with their answers"), 1095, _("they were closed"), _("deleted")),
    Rule("notices", _("Notifications"), 365, _("they were sent"), _("deleted")),
    Rule("invitations", _("Invitations and their addresses"), 90, _("they ran out"), _("deleted")),
    Rule("pulls", _("Which machine read which shared data"), 365, _("it read"), _("deleted")),
    Rule("jobs", _("Which long work was asked for"), 365, _("it ended"), _("deleted")),
    Rule("audit_bodies", _("Details in the audit trail"), 730, _("the act"), _("replaced by their hash; the chain stays valid")),
    Rule("sign_ins", _("Log of sign-ins, with addresses"), 365, _("the attempt"), _("deleted"), of_the_portal=True),
    Rule(
        "people_closed", _("Name, address and second factors of an account that its own person closed"), 30, _("it was closed"),
        _("made anonymous; what they did stays without a name"), of_the_portal=True,
    ),
    Rule(
        "people_absent", _("Accounts of people who do not come any more"), 365, _("their last visit"), _("closed"),
        of_the_portal=True,
    ),
    Rule(
        "people_gone", _("Name, address and second factors of a closed account"), 548, _("the last visit"),
        _("made anonymous; what they did stays without a name"), of_the_portal=True,
    ),
)  # fmt: skip
