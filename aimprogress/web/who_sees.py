"""Who can see what, printed from the code that decides it: roles and data classes. Only the words are written here.

`who_box(noun, actor)` makes the sentences of the box on a page; `matrix()` the table of the page "Who can see what".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import ROLE_NAMES, ROLE_PERMISSIONS, Permission, Role
from aimprogress.core.scoping import DataClass
from aimprogress.web.guarded import Guarded

MEMBER_ROLES = (Role.MEMBER_COORDINATOR, Role.SITE_REPORTER, Role.MEMBER_VIEWER)
OTHER_ROLES = (Role.AIM_ANALYST, Role.AIM_ADMIN, Role.PARTNER_CLIENT, Role.AUDITOR, Role.DPO)


class Sight(StrEnum):
    """How a role sees a kind of record, and what it may do with it."""

    CHANGES = "changes"
    ADDS = "adds"
    RAISES = "raises"
    WRITES = "writes"
    READS = "reads"
    REDUCED = "reduced"
    SMALL = "small"
    TOTALS = "totals"
    COMPLETE = "complete"
    GAPS = "gaps"
    RATES = "rates"
    SAMPLE = "sample"
    SESSION = "session"
    BANDS = "bands"
    ABOUT = "about"
    ABOUT_IN_SESSION = "about_in_session"
    SHARED = "shared"
    RECEIVED = "received"
    DEEDS = "deeds"
    NOTHING = "nothing"


WORDS: dict[Sight, str | Promise] = {
    Sight.CHANGES: _("reads and changes"),
    Sight.ADDS: _("reads and adds"),
    Sight.RAISES: _("adds, reads nothing of it"),
    Sight.WRITES: _("writes, reads back only what they typed"),
    Sight.READS: _("reads"),
    Sight.REDUCED: _("reads at reduced precision"),
    Sight.SMALL: _("reads totals, 1 to 4 people as “<5”"),
    Sight.TOTALS: _("totals by country"),
    Sight.COMPLETE: _("how complete it is"),
    Sight.GAPS: _("how complete it is, and its gaps"),
    Sight.RATES: _("reads rates, no numbers and no amounts"),
    Sight.SAMPLE: _("reads a sample"),
    Sight.SESSION: _("only where it is shared, or in a staff session"),
    Sight.BANDS: _("in bands, where it is shared or in a staff session"),
    Sight.ABOUT: _("that it is there, never the file"),
    Sight.ABOUT_IN_SESSION: _("that it is there, in a staff session; never the file"),
    Sight.SHARED: _("only what a share names"),
    Sight.RECEIVED: _("what is shared with them"),
    Sight.DEEDS: _("what was done, without the values"),
    Sight.NOTHING: _("nothing"),
}


@dataclass(frozen=True, slots=True)
class Noun:
    """A kind of record: what reading, adding and changing it needs, and how it is seen by whom it is not the own work.

    sights: roles that hold the permission to read, and see less than it says; proved cell by cell in
    tests/house/test_who_sees.py. partners: whether a share may name it to a partner.
    """

    label: str | Promise
    read: Permission
    change: Permission | None
    data_class: str
    outside: str | Promise
    add: Permission | None = None
    sights: Mapping[Role, Sight] = field(default_factory=dict)
    partners: bool = False


BY_REGION = _("AIM-Progress sees it by region as “member, region, site n”, with counts of 1 to 4 as “<5”.")
NO_ROUTES = _("AIM-Progress sees how complete it is and its gaps, never routes, shelters or meeting points.")
BY_GRANT = _("AIM-Progress sees it only where you share it, or in a staff session of one hour that you can read about.")
IN_BANDS = _("AIM-Progress sees bands instead of amounts, where you share it or in a staff session of one hour.")
RATES_ONLY = _("AIM-Progress sees what share of people was paid, by region: no numbers of people, no rule and no amount.")
BY_KIND = _("AIM-Progress reads it with its kind instead of its title; partners see nothing of it.")
OWN = "own"
KEPT_A_DAY = _("Nobody outside your organisation sees it. The file is kept encrypted, and deleted after 24 hours with the undo.")
ANALYST, AUDITOR, VIEWER, REPORTER = Role.AIM_ANALYST, Role.AUDITOR, Role.MEMBER_VIEWER, Role.SITE_REPORTER

NOUNS: dict[str, Noun] = {
    "site": Noun(_("Site and its status"), Permission.SITE_READ, Permission.SITE_EDIT, DataClass.SAFETY, BY_REGION,
                 add=Permission.SITE_STATUS_LOG, sights={ANALYST: Sight.REDUCED}, partners=True),
    "headcount": Noun(_("Head count"), Permission.HEADCOUNT_READ, Permission.HEADCOUNT_LOG, DataClass.SAFETY, BY_REGION,
                      sights={VIEWER: Sight.SMALL, ANALYST: Sight.SMALL, AUDITOR: Sight.TOTALS}, partners=True),
    "roll_call": Noun(_("Roll call"), Permission.HEADCOUNT_READ, Permission.HEADCOUNT_LOG, DataClass.SAFETY,
                      _("AIM-Progress and viewers see which rounds are answered, never parts or counts."),
                      sights={VIEWER: Sight.REDUCED, ANALYST: Sight.REDUCED}),
    "exact": Noun(_("Exact place, routes and shelters"), Permission.SITE_EXACT, Permission.SITE_EDIT, DataClass.SAFETY,
                  _("Nobody outside your organisation sees it.")),
    "strict": Noun(_("People detained, missing, killed or serving"), Permission.HEADCOUNT_STRICT, Permission.HEADCOUNT_LOG,
                   DataClass.SAFETY, _("Nobody outside your organisation sees it; every look is logged."),
                   sights={REPORTER: Sight.WRITES}),
    "plan": Noun(_("Evacuation and communication plan"), Permission.PLAN_READ, Permission.PLAN_EDIT, DataClass.SAFETY, NO_ROUTES,
                 sights={VIEWER: Sight.COMPLETE, ANALYST: Sight.GAPS, AUDITOR: Sight.COMPLETE}),
    "action": Noun(_("Safety action"), Permission.ACTION_READ, Permission.ACTION_EDIT, DataClass.SAFETY, BY_REGION,
                   add=Permission.ACTION_OPEN, sights={ANALYST: Sight.REDUCED}, partners=True),
    "pay": Noun(_("Pay and support of workers"), Permission.PAY_READ, Permission.PAY_EDIT, DataClass.SAFETY, RATES_ONLY,
                sights={ANALYST: Sight.RATES, AUDITOR: Sight.SAMPLE}),
    "guidance": Noun(_("What was done about guidance"), Permission.GUIDANCE_READ, Permission.GUIDANCE_MARK, DataClass.SAFETY,
                     _("AIM-Progress sees what was marked, never the reason; partners see the library only."),
                     sights={ANALYST: Sight.REDUCED, Role.AIM_ADMIN: Sight.NOTHING, Role.PARTNER_CLIENT: Sight.NOTHING}),
    "bulletin": Noun(_("Bulletin"), Permission.BULLETIN_READ, Permission.BULLETIN_PUBLISH, DataClass.SAFETY,
                     _("The same for every member and partner; AIM-Progress sees which members confirmed it.")),
    "case": Noun(_("Support case"), Permission.CASE_READ, Permission.CASE_WRITE, DataClass.SAFETY,
                 _("AIM-Progress reads and answers it."), add=Permission.CASE_OPEN),
    "meeting": Noun(_("Meeting with AIM-Progress"), Permission.MEETING_READ, Permission.MEETING_KEEP, DataClass.SAFETY,
                    _("AIM-Progress reads it and writes it down as well.")),
    "check": Noun(_("Checklist of a site"), Permission.ASSESSMENT_READ, Permission.ASSESSMENT_EDIT, DataClass.SAFETY,
                  _("AIM-Progress sees which questions are met, never notes or evidence."),
                  sights=dict.fromkeys((VIEWER, ANALYST, AUDITOR), Sight.REDUCED)),
    "stop": Noun(_("What is settled when work at a site stops"), Permission.ASSESSMENT_READ, Permission.ASSESSMENT_EDIT,
                 DataClass.COMMERCIAL, BY_GRANT, sights={ANALYST: Sight.SESSION}),
    "issue": Noun(_("Human-rights issue"), Permission.ISSUE_READ, Permission.ISSUE_EDIT, DataClass.SAFETY, BY_KIND,
                  add=Permission.ISSUE_RAISE, sights={ANALYST: Sight.REDUCED}),
    "supplier": Noun(_("Supplier and supply link"), Permission.SUPPLIER_READ, Permission.SUPPLIER_EDIT,
                     DataClass.COMMERCIAL, BY_GRANT, sights={ANALYST: Sight.SESSION, AUDITOR: Sight.SAMPLE}),
    "contribution": Noun(_("Contribution"), Permission.CONTRIBUTION_READ, Permission.CONTRIBUTION_EDIT,
                         DataClass.COMMERCIAL, IN_BANDS, sights={ANALYST: Sight.BANDS}, partners=True),
    "report": Noun(_("Report"), Permission.REPORT_READ, Permission.REPORT_REQUEST, DataClass.COMMERCIAL,
                   _("AIM-Progress sees in a staff session that it is there, never the file."),
                   sights={ANALYST: Sight.ABOUT_IN_SESSION, AUDITOR: Sight.ABOUT}),
    "share": Noun(_("Sharing"), Permission.SHARE_READ, Permission.SHARE_GRANT, DataClass.COMMERCIAL,
                  _("The receiver sees only its own share."),
                  sights={ANALYST: Sight.RECEIVED, Role.PARTNER_CLIENT: Sight.RECEIVED}),
    "people": Noun(_("People and roles"), Permission.PEOPLE_READ, Permission.PEOPLE_MANAGE, DataClass.SAFETY,
                   _("Administrators of AIM-Progress see accounts, not your records.")),
    "assignment": Noun(_("Who at AIM-Progress looks after which member"), Permission.ASSIGNMENT_READ, Permission.ASSIGNMENT_EDIT,
                       DataClass.SAFETY,
                       _("Administrators of AIM-Progress decide it; an analyst sees the own members. It stands in the audit trail"
                         " of the member.")),
    "import": Noun(_("List that is taken in"), Permission.IMPORT_RUN, Permission.IMPORT_RUN, DataClass.SAFETY,
                   KEPT_A_DAY),
    "calls": Noun(_("Call list: roles and work numbers"), Permission.CALL_MAKE, Permission.CALL_LIST_EDIT, DataClass.SAFETY,
                  _("The duty analyst of AIM-Progress sees the numbers of a member whose site is silent; each look is logged.")),
    "audit": Noun(_("Audit trail"), Permission.AUDIT_READ, None, DataClass.SAFETY,
                  _("The data-protection officer and administrators see what was done, without the values."),
                  sights=dict.fromkeys((Role.MEMBER_COORDINATOR, Role.AIM_ADMIN, Role.DPO), Sight.DEEDS)),
}  # fmt: skip


def sight_of(noun: Noun, role: Role) -> Sight:
    """How `role` sees this kind of record, from what it holds."""
    if special := noun.sights.get(role):
        return special
    held = ROLE_PERMISSIONS[role]
    if noun.partners and role == Role.PARTNER_CLIENT:
        return Sight.SHARED
    adds = noun.add in held
    if noun.read not in held:
        return Sight.RAISES if adds else Sight.NOTHING
    if noun.change in held:
        return Sight.CHANGES
    return Sight.ADDS if adds else Sight.READS


def holders(permission: Permission, roles: tuple[Role, ...] = tuple(Role)) -> list[str]:
    """The names of the roles that hold a permission, in the order of `roles`."""
    return [str(ROLE_NAMES[role]) for role in roles if permission in ROLE_PERMISSIONS[role]]


def who_box(noun: str, actor: Actor) -> list[str]:
    """The sentences of the box "Who can see this page"; OWN is a page of one person. An unknown noun is a mistake in the page:
    KeyError.
    """
    if noun == OWN:
        return [gettext("Only you: it shows your own work, and nothing that you may not read elsewhere.")]
    entry = NOUNS[noun]
    inside = ", ".join(holders(entry.read, MEMBER_ROLES))
    sentences = [gettext("In the organisation it belongs to: %(roles)s.") % {"roles": inside}] if inside else []
    if entry.read in ROLE_PERMISSIONS[Role.SITE_REPORTER]:
        sentences.append(gettext("Site reporters see only their own sites."))
    if entry.read == Permission.SITE_READ and Permission.SITE_EXACT not in ROLE_PERMISSIONS[Role.MEMBER_VIEWER]:
        sentences.append(gettext("Viewers see it without exact places and small counts."))
    if entry.read == Permission.PLAN_READ:
        sentences.append(
            gettext("Viewers see only how complete it is. Each look at routes, shelters and meeting points is logged.")
        )
    if (sight := sight_of(entry, Role.AUDITOR)) is not Sight.NOTHING:
        sentences.append(gettext("An auditor whom you invited, for at most 90 days: %(sight)s.") % {"sight": WORDS[sight]})
    return [*sentences, str(entry.outside), _others(entry)]


def _others(entry: Noun) -> str:
    if entry.partners:
        return gettext("Other members see nothing of it; partners only what a share names, until it ends.")
    if sight_of(entry, Role.PARTNER_CLIENT) is Sight.NOTHING:
        return gettext("Other members and partners see nothing of it.")
    return gettext("Other members see nothing of it.")


def matrix() -> list[dict[str, Any]]:
    """One row for each kind of record: who reads, who changes, which class, and how it is seen from outside."""
    return [
        {
            "key": key,
            "label": noun.label,
            "data_class": noun.data_class,
            "cells": [_cell(noun, role) for role in (*MEMBER_ROLES, *OTHER_ROLES)],
            "outside": noun.outside,
        }
        for key, noun in NOUNS.items()
    ]


def _cell(noun: Noun, role: Role) -> dict[str, Any]:
    sight = sight_of(noun, role)
    writes = sight in (Sight.CHANGES, Sight.ADDS, Sight.RAISES, Sight.WRITES)
    look = "change" if writes else "none" if sight is Sight.NOTHING else "read"
    return {"role": ROLE_NAMES[role], "sight": sight, "key": look, "words": WORDS[sight]}


class WhoSeesWhat(Guarded, TemplateView):
    """The matrix for everybody who is signed in: nobody should have to trust a promise about visibility."""

    permission = Permission.WHO_SEES_READ
    heading = _("Who can see what")
    template_name = "web/who_sees.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            rows=matrix(),
            roles=[ROLE_NAMES[role] for role in (*MEMBER_ROLES, *OTHER_ROLES)],
            permissions=[(ROLE_NAMES[role], sorted(ROLE_PERMISSIONS[role])) for role in Role],
            **kwargs,
        )
