"""Who may do what: the whole policy on one screen.

Permissions are `noun:verb`. Roles are frozen sets in code (domain 8.1, 8.2): nobody can grant more than they hold,
and a change of policy is a diff that a lawyer can read. What a person *sees* is decided in scoping.py and rls.py,
how exactly in figures/precision.py.
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    ACTION_EDIT = "action:edit"
    ACTION_OPEN = "action:open"
    ACTION_READ = "action:read"
    ALERT_LOWER = "alert:lower"
    ALERT_RAISE = "alert:raise"
    ASSESSMENT_EDIT = "assessment:edit"
    ASSESSMENT_READ = "assessment:read"
    ASSIGNMENT_EDIT = "assignment:edit"
    ASSIGNMENT_READ = "assignment:read"
    AUDIT_READ = "audit:read"
    BULLETIN_CONFIRM = "bulletin:confirm"
    BULLETIN_PUBLISH = "bulletin:publish"
    BULLETIN_READ = "bulletin:read"
    CASE_HANDLE = "case:handle"
    CASE_OPEN = "case:open"
    CASE_READ = "case:read"
    CASE_WRITE = "case:write"
    CALL_LIST_EDIT = "call_list:edit"
    CALL_MAKE = "call:make"
    CHECKIN_LOG = "checkin:log"
    CONTRIBUTION_EDIT = "contribution:edit"
    CONTRIBUTION_READ = "contribution:read"
    DASHBOARD_READ = "dashboard:read"
    DRAFT_KEEP = "draft:keep"
    DRILL_LOG = "drill:log"
    EXPORT_RUN = "export:run"
    FOLLOW_UP_CLOSE = "follow_up:close"
    GUIDANCE_MARK = "guidance:mark"
    GUIDANCE_READ = "guidance:read"
    HEADCOUNT_LOG = "headcount:log"
    HEADCOUNT_READ = "headcount:read"
    HEADCOUNT_STRICT = "headcount:strict"
    HOLD_SET = "hold:set"
    IMPORT_RUN = "import:run"
    ISSUE_EDIT = "issue:edit"
    ISSUE_RAISE = "issue:raise"
    ISSUE_READ = "issue:read"
    JOB_READ = "job:read"
    KEY_MANAGE = "key:manage"
    LEAVE_ASK = "leave:ask"
    LEAVE_DECIDE = "leave:decide"
    LEAVE_HASTEN = "leave:hasten"
    MEETING_ACCEPT = "meeting:accept"
    MEETING_CONVENE = "meeting:convene"
    MEETING_KEEP = "meeting:keep"
    MEETING_READ = "meeting:read"
    MEMBER_READ = "member:read"
    NOTICE_READ = "notice:read"
    PARTNER_EDIT = "partner:edit"
    OWN_ACCOUNT_USE = "own_account:use"
    PARTNER_READ = "partner:read"
    PAY_EDIT = "pay:edit"
    PAY_READ = "pay:read"
    PEOPLE_MANAGE = "people:manage"
    PEOPLE_READ = "people:read"
    PLAN_ACTIVATE = "plan:activate"
    PLAN_APPROVE = "plan:approve"
    PLAN_EDIT = "plan:edit"
    PLAN_READ = "plan:read"
    REFERENCE_EDIT = "reference:edit"
    REFERENCE_READ = "reference:read"
    REPORT_INTERNAL = "report:internal"
    REPORT_READ = "report:read"
    REPORT_REQUEST = "report:request"
    SEARCH_USE = "search:use"
    SETTINGS_KEEP = "settings:keep"
    SHARED_PULL = "shared:pull"
    SHARE_GRANT = "share:grant"
    SHARE_READ = "share:read"
    SITE_EDIT = "site:edit"
    SITE_EXACT = "site:exact"
    SITE_READ = "site:read"
    SITE_STATUS_LOG = "site_status:log"
    STAFF_SESSION_OPEN = "staff_session:open"
    STAFF_SESSION_READ = "staff_session:read"
    SUPPLIER_EDIT = "supplier:edit"
    SUPPLIER_READ = "supplier:read"
    WHO_SEES_READ = "who_sees:read"


class Role(StrEnum):
    SITE_REPORTER = "SITE_REPORTER"
    MEMBER_COORDINATOR = "MEMBER_COORDINATOR"
    MEMBER_VIEWER = "MEMBER_VIEWER"
    AIM_ANALYST = "AIM_ANALYST"
    AIM_ADMIN = "AIM_ADMIN"
    PARTNER_CLIENT = "PARTNER_CLIENT"
    AUDITOR = "AUDITOR"
    DPO = "DPO"


ROLE_NAMES = {
    Role.SITE_REPORTER: _("Site reporter"),
    Role.MEMBER_COORDINATOR: _("Coordinator"),
    Role.MEMBER_VIEWER: _("Viewer"),
    Role.AIM_ANALYST: _("AIM-Progress analyst"),
    Role.AIM_ADMIN: _("AIM-Progress administrator"),
    Role.PARTNER_CLIENT: _("Partner"),
    Role.AUDITOR: _("Auditor"),
    Role.DPO: _("Data-protection officer"),
}

P = Permission
EVERYBODY = frozenset({
    P.REFERENCE_READ, P.WHO_SEES_READ, P.SEARCH_USE, P.DRAFT_KEEP, P.JOB_READ, P.MEMBER_READ, P.SETTINGS_KEEP, P.NOTICE_READ,
    P.OWN_ACCOUNT_USE,
})  # fmt: skip
LIBRARY = frozenset({P.GUIDANCE_READ, P.BULLETIN_READ})
"""What AIM-Progress tells everybody alike (class K3)."""
CHECK_IN_ONLY = frozenset({P.CHECKIN_LOG, P.WHO_SEES_READ, P.SETTINGS_KEEP})
"""What a session without a second factor, or a phone, holds: it appends and reads back its own last row."""

MEMBER_READS = frozenset({
    P.SITE_READ, P.HEADCOUNT_READ, P.PLAN_READ, P.ACTION_READ, P.SUPPLIER_READ, P.ISSUE_READ, P.PARTNER_READ,
    P.CONTRIBUTION_READ, P.REPORT_READ, P.REPORT_INTERNAL, P.ASSESSMENT_READ, P.SHARE_READ, P.STAFF_SESSION_READ,
    P.DASHBOARD_READ, P.EXPORT_RUN, P.PAY_READ, P.CASE_READ, P.MEETING_READ,
})  # fmt: skip

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SITE_REPORTER: EVERYBODY | CHECK_IN_ONLY | LIBRARY | {
        P.SITE_READ, P.SITE_EXACT, P.SITE_STATUS_LOG, P.ALERT_RAISE, P.HEADCOUNT_READ, P.HEADCOUNT_LOG, P.PLAN_READ,
        P.PLAN_ACTIVATE, P.DRILL_LOG, P.ACTION_READ, P.ACTION_OPEN, P.ISSUE_RAISE, P.ASSESSMENT_READ, P.GUIDANCE_MARK,
        P.CASE_OPEN, P.FOLLOW_UP_CLOSE,
    },
    Role.MEMBER_COORDINATOR: EVERYBODY | CHECK_IN_ONLY | MEMBER_READS | LIBRARY | {
        P.SITE_EDIT, P.SITE_EXACT, P.SITE_STATUS_LOG, P.ALERT_RAISE, P.ALERT_LOWER, P.HEADCOUNT_LOG, P.HEADCOUNT_STRICT,
        P.PLAN_EDIT, P.PLAN_APPROVE, P.PLAN_ACTIVATE, P.DRILL_LOG, P.ACTION_OPEN, P.ACTION_EDIT, P.SUPPLIER_EDIT, P.ISSUE_RAISE,
        P.ISSUE_EDIT, P.PARTNER_EDIT, P.CONTRIBUTION_EDIT, P.PAY_EDIT, P.REPORT_REQUEST, P.ASSESSMENT_EDIT, P.IMPORT_RUN,
        P.SHARE_GRANT, P.KEY_MANAGE, P.PEOPLE_READ, P.PEOPLE_MANAGE, P.AUDIT_READ, P.GUIDANCE_MARK, P.BULLETIN_CONFIRM,
        P.CASE_OPEN, P.CASE_WRITE, P.MEETING_KEEP, P.MEETING_ACCEPT,
        P.CALL_MAKE, P.CALL_LIST_EDIT, P.FOLLOW_UP_CLOSE, P.LEAVE_ASK, P.LEAVE_DECIDE,
    },
    Role.MEMBER_VIEWER: EVERYBODY | MEMBER_READS | LIBRARY,
    Role.AIM_ANALYST: EVERYBODY | LIBRARY | {
        P.SITE_READ, P.HEADCOUNT_READ, P.PLAN_READ, P.ACTION_READ, P.SUPPLIER_READ, P.ISSUE_READ, P.PARTNER_READ,
        P.PARTNER_EDIT, P.CONTRIBUTION_READ, P.PAY_READ, P.REPORT_READ, P.ASSESSMENT_READ, P.DASHBOARD_READ, P.EXPORT_RUN,
        P.SHARE_READ, P.STAFF_SESSION_OPEN, P.STAFF_SESSION_READ, P.ALERT_LOWER, P.ALERT_RAISE, P.SHARED_PULL, P.BULLETIN_PUBLISH,
        P.CASE_READ, P.CASE_WRITE, P.CASE_HANDLE, P.MEETING_READ, P.MEETING_KEEP,
        P.MEETING_CONVENE, P.CALL_MAKE, P.FOLLOW_UP_CLOSE, P.ASSIGNMENT_READ,
    },
    Role.AIM_ADMIN: EVERYBODY | LIBRARY | {
        P.PEOPLE_READ, P.PEOPLE_MANAGE, P.REFERENCE_EDIT, P.AUDIT_READ, P.KEY_MANAGE, P.HOLD_SET, P.LEAVE_DECIDE,
        P.LEAVE_HASTEN, P.ASSIGNMENT_READ, P.ASSIGNMENT_EDIT,
    },
    Role.PARTNER_CLIENT: EVERYBODY | LIBRARY | {P.SHARED_PULL, P.PARTNER_READ, P.SHARE_READ, P.KEY_MANAGE},
    Role.AUDITOR: EVERYBODY | {
        P.SITE_READ, P.ACTION_READ, P.SUPPLIER_READ, P.ISSUE_READ, P.PARTNER_READ, P.CONTRIBUTION_READ, P.PAY_READ, P.REPORT_READ,
        P.ASSESSMENT_READ, P.PLAN_READ, P.DASHBOARD_READ,
    },
    Role.DPO: EVERYBODY | {P.AUDIT_READ, P.STAFF_SESSION_READ, P.HOLD_SET},
}  # fmt: skip
