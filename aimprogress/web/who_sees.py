"""Who can see what, printed from the code that decides it: roles and data classes. Only the words are written here.

`who_box(noun, actor)` makes the sentences of the box on a page; `matrix()` the table of the page "Who can see what".
"""

from dataclasses import dataclass
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
OUTSIDE_ROLES = frozenset({Role.AIM_ANALYST, Role.PARTNER_CLIENT})
OTHER_ROLES = (Role.AIM_ANALYST, Role.AIM_ADMIN, Role.PARTNER_CLIENT, Role.AUDITOR, Role.DPO)


@dataclass(frozen=True, slots=True)
class Noun:
    """A kind of record: what reading and changing it needs, and how the secretariat sees it."""

    label: str | Promise
    read: Permission
    change: Permission | None
    data_class: str
    outside: str | Promise


BY_REGION = _("AIM-Progress sees it by region as “member, region, site n”, with counts of 1 to 4 as “<5”.")
NO_ROUTES = _("AIM-Progress sees how complete it is and its gaps, never routes, shelters or meeting points.")
BY_GRANT = _("AIM-Progress sees it only where you share it, or in a staff session of one hour that you can read about.")

REDUCED = _("reads at reduced precision")
ONLY_SHARED = _("only where it is shared")

NOUNS: dict[str, Noun] = {
    "site": Noun(_("Site and its status"), Permission.SITE_READ, Permission.SITE_EDIT, DataClass.SAFETY, BY_REGION),
    "headcount": Noun(_("Head count"), Permission.SITE_READ, Permission.HEADCOUNT_LOG, DataClass.SAFETY, BY_REGION),
    "exact": Noun(_("Exact place, routes and shelters"), Permission.SITE_EXACT, Permission.SITE_EDIT, DataClass.SAFETY,
                  _("Nobody outside your organisation sees it.")),
    "strict": Noun(_("People detained, missing, killed or serving"), Permission.HEADCOUNT_STRICT, Permission.HEADCOUNT_LOG,
                   DataClass.SAFETY, _("Nobody outside your organisation sees it; every look is logged.")),
    "plan": Noun(_("Evacuation and communication plan"), Permission.PLAN_READ, Permission.PLAN_EDIT, DataClass.SAFETY, NO_ROUTES),
    "action": Noun(_("Safety action"), Permission.ACTION_READ, Permission.ACTION_EDIT, DataClass.SAFETY, BY_REGION),
    "issue": Noun(_("Human-rights issue"), Permission.ISSUE_READ, Permission.ISSUE_EDIT, DataClass.SAFETY,
                  _("AIM-Progress reads it; partners see nothing of it.")),
    "supplier": Noun(_("Supplier and supply link"), Permission.SUPPLIER_READ, Permission.SUPPLIER_EDIT,
                     DataClass.COMMERCIAL, BY_GRANT),
    "contribution": Noun(_("Contribution"), Permission.CONTRIBUTION_READ, Permission.CONTRIBUTION_EDIT,
                         DataClass.COMMERCIAL, BY_GRANT),
    "report": Noun(_("Report"), Permission.REPORT_READ, Permission.REPORT_REQUEST, DataClass.COMMERCIAL,
                   _("AIM-Progress sees it only where you share it.")),
    "share": Noun(_("Sharing"), Permission.SHARE_READ, Permission.SHARE_GRANT, DataClass.SAFETY,
                  _("The receiver sees only its own share.")),
    "people": Noun(_("People and roles"), Permission.PEOPLE_READ, Permission.PEOPLE_MANAGE, DataClass.SAFETY,
                   _("Administrators of AIM-Progress see accounts, not your records.")),
    "audit": Noun(_("Audit trail"), Permission.AUDIT_READ, None, DataClass.SAFETY,
                  _("The data-protection officer and administrators see what was done, without the values.")),
}  # fmt: skip


def holders(permission: Permission, roles: tuple[Role, ...] = tuple(Role)) -> list[str]:
    """The names of the roles that hold a permission, in the order of `roles`."""
    return [str(ROLE_NAMES[role]) for role in roles if permission in ROLE_PERMISSIONS[role]]


def who_box(noun: str, actor: Actor) -> list[str]:
    """The sentences of the box "Who can see this page". An unknown noun is a mistake in the page: KeyError."""
    entry = NOUNS[noun]
    inside = ", ".join(holders(entry.read, MEMBER_ROLES))
    sentences = [gettext("In the organisation it belongs to: %(roles)s.") % {"roles": inside}]
    if entry.read in ROLE_PERMISSIONS[Role.SITE_REPORTER]:
        sentences.append(gettext("Site reporters see only their own sites."))
    if entry.read == Permission.SITE_READ and Permission.SITE_EXACT not in ROLE_PERMISSIONS[Role.MEMBER_VIEWER]:
        sentences.append(gettext("Viewers see it without exact places and small counts."))
    if entry.read == Permission.PLAN_READ:
        sentences.append(
            gettext("Viewers see only how complete it is. Each look at routes, shelters and meeting points is logged.")
        )
    sentences.append(str(entry.outside))
    sentences.append(gettext("Other members see nothing of it; partners only what a share names, until it ends."))
    return sentences


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
    held = ROLE_PERMISSIONS[role]
    reads, changes = noun.read in held, noun.change is not None and noun.change in held
    if reads and role in OUTSIDE_ROLES:
        key, words = "read", REDUCED if noun.data_class == DataClass.SAFETY else ONLY_SHARED
    elif reads and changes:
        key, words = "change", _("reads and changes")
    elif changes:
        key, words = "change", _("writes, reads only the own last entry")
    elif reads:
        key, words = "read", _("reads")
    else:
        key, words = "none", _("nothing")
    return {"role": ROLE_NAMES[role], "key": key, "words": words}


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
