"""Pages of the members app. Namespace `members`."""

from django.conf import settings
from django.urls import path

from members import support_urls
from members.views import (
    accounts,
    audit,
    bulk,
    calls,
    checkin,
    cut_off,
    evacuations,
    hazards,
    home,
    plan_card,
    plan_work,
    plans,
    sharing,
    sign_in,
    sites,
)

app_name = "members"
urlpatterns = [
    path("overview/", home.Overview.as_view(), name="overview"),
    path("dashboard/", home.Dashboard.as_view(), name="dashboard"),
    path("follow-ups/", home.FollowUps.as_view(), name="follow_ups"),
    path("follow-ups/<uuid:pk>/close/", home.CloseFollowUp.as_view(), name="follow_up_close"),
    path("members/", home.Members.as_view(), name="members"),
    path("check-in/", checkin.MyCheckIns.as_view(), name="my_check_ins"),
    path("c/<str:code>/", checkin.CheckInPage.as_view(), name="check_in"),
    path("c/<str:code>/sent/<uuid:pk>/", checkin.CheckInSent.as_view(), name="check_in_sent"),
    path("c/<str:code>/sent/<uuid:pk>/undo/", checkin.UndoCheckIn.as_view(), name="check_in_undo"),
    path("sites/", sites.SiteList.as_view(), name="sites"),
    path("sites/add/", sites.AddSite.as_view(), name="site_add"),
    path("sites/<uuid:pk>/", sites.SitePage.as_view(), name="site"),
    path("sites/<uuid:pk>/change/", sites.ChangeSite.as_view(), name="site_change"),
    path("sites/<uuid:pk>/status/", sites.LogStatus.as_view(), name="status_log"),
    path("sites/<uuid:pk>/head-count/", sites.LogHeadCount.as_view(), name="head_count_log"),
    path("sites/<uuid:pk>/alert-level/", sites.ChangeAlertLevel.as_view(), name="alert_level"),
    path("statuses/<uuid:pk>/take-back/", sites.RetractStatus.as_view(), name="status_retract"),
    path("head-counts/<uuid:pk>/take-back/", sites.RetractHeadCount.as_view(), name="head_count_retract"),
    path("statuses/<uuid:pk>/correct/", sites.CorrectStatus.as_view(), name="status_correct"),
    path("head-counts/<uuid:pk>/correct/", sites.CorrectHeadCount.as_view(), name="head_count_correct"),
    path("calls/", calls.Calls.as_view(), name="calls"),
    path("calls/<uuid:pk>/made/", calls.CloseCall.as_view(), name="call_close"),
    path("call-list/", calls.CallList.as_view(), name="call_list"),
    path("call-list/add/", calls.AddContact.as_view(), name="contact_add"),
    path("call-list/<uuid:pk>/change/", calls.ChangeContact.as_view(), name="contact_change"),
    path("call-list/<uuid:pk>/remove/", calls.RemoveContact.as_view(), name="contact_remove"),
    path("sites/report-together/", bulk.CheckInTogether.as_view(), name="bulk_check_in"),
    path("sites/report-together/<uuid:pk>/take-back/", bulk.UndoCheckInTogether.as_view(), name="bulk_undo"),
    path("sites/<uuid:pk>/hazards/report/", hazards.ReportHazard.as_view(), name="hazard_report"),
    path("hazards/<uuid:pk>/over/", hazards.EndHazard.as_view(), name="hazard_end"),
    path("sites/<uuid:pk>/plans/", plans.SitePlans.as_view(), name="site_plans"),
    path("sites/<uuid:pk>/plans/activate/", evacuations.ActivatePlan.as_view(), name="plan_activate"),
    path("sites/<uuid:pk>/plans/drill/", evacuations.RecordDrill.as_view(), name="drill_log"),
    path("sites/<uuid:pk>/plans/evacuation/start/", plan_work.StartEvacuationPlan.as_view(), name="evacuation_plan_start"),
    path(
        "sites/<uuid:pk>/plans/communication/start/", plan_work.StartCommunicationPlan.as_view(), name="communication_plan_start"
    ),
    path("plans/gaps/", plans.PlanGaps.as_view(), name="plan_gaps"),
    path("plans/evacuation/<uuid:pk>/", plans.EvacuationPlanPage.as_view(), name="evacuation_plan"),
    path("plans/evacuation/<uuid:pk>/places/", plans.PlanPlaces.as_view(), name="evacuation_plan_places"),
    path("plans/evacuation/<uuid:pk>/changes/", plans.EvacuationPlanChanges.as_view(), name="evacuation_plan_changes"),
    path("plans/evacuation/<uuid:pk>/card/", plan_card.PlanCard.as_view(), name="evacuation_plan_card"),
    path("plans/evacuation/<uuid:pk>/change/", plan_work.ChangeEvacuationPlan.as_view(), name="evacuation_plan_change"),
    path("plans/evacuation/<uuid:pk>/questions/", plan_work.AnswerEvacuationPlan.as_view(), name="evacuation_plan_questions"),
    path("plans/evacuation/<uuid:pk>/approve/", plan_work.ApproveEvacuationPlan.as_view(), name="evacuation_plan_approve"),
    path("plans/evacuation/<uuid:pk>/ask/", plan_work.AskForEvacuationPlan.as_view(), name="evacuation_plan_ask"),
    path("plans/communication/<uuid:pk>/", plans.CommunicationPlanPage.as_view(), name="communication_plan"),
    path("plans/communication/<uuid:pk>/changes/", plans.CommunicationPlanChanges.as_view(), name="communication_plan_changes"),
    path("plans/communication/<uuid:pk>/change/", plan_work.ChangeCommunicationPlan.as_view(), name="communication_plan_change"),
    path(
        "plans/communication/<uuid:pk>/questions/",
        plan_work.AnswerCommunicationPlan.as_view(),
        name="communication_plan_questions",
    ),
    path(
        "plans/communication/<uuid:pk>/approve/", plan_work.ApproveCommunicationPlan.as_view(), name="communication_plan_approve"
    ),
    path("plans/communication/<uuid:pk>/ask/", plan_work.AskForCommunicationPlan.as_view(), name="communication_plan_ask"),
    path("activations/<uuid:pk>/stand-down/", evacuations.StandDown.as_view(), name="stand_down"),
]
urlpatterns += [
    path("people/", accounts.People.as_view(), name="people"),
    path("people/cut-off/", cut_off.CutOffs.as_view(), name="cut_offs"),
    path("people/cut-off/now/", cut_off.CutOffAccess.as_view(), name="cut_off_access"),
    path("people/cut-off/<uuid:pk>/ask/", cut_off.AskToRestore.as_view(), name="ask_to_restore"),
    path("people/cut-off/<uuid:pk>/restore/", cut_off.RestoreAccess.as_view(), name="restore_access"),
    path("people/invite/", accounts.Invite.as_view(), name="invite"),
    path("people/invitations/<uuid:pk>/withdraw/", accounts.RevokeInvitation.as_view(), name="invitation_revoke"),
    path("people/roles/<uuid:pk>/", accounts.ChangeRole.as_view(), name="grant_change"),
    path("people/roles/<uuid:pk>/take-back/", accounts.RevokeRole.as_view(), name="grant_revoke"),
    path("people/roles/<uuid:pk>/leaves/", accounts.CloseAccess.as_view(), name="access_close"),
    path("invitation/<str:secret>/", accounts.AcceptInvitation.as_view(), name="invitation"),
    path("developer/", accounts.Keys.as_view(), name="keys"),
    path("developer/make/", accounts.MakeKey.as_view(), name="key_make"),
    path("developer/<uuid:pk>/end/", accounts.RevokeKey.as_view(), name="key_revoke"),
    path("sharing/", sharing.Sharing.as_view(), name="sharing"),
    path("sharing/grant/", sharing.GrantShare.as_view(), name="share_grant"),
    path("sharing/<uuid:pk>/revoke/", sharing.RevokeShare.as_view(), name="share_revoke"),
    path("shared/", sharing.Shared.as_view(), name="shared"),
    path("shared/<uuid:pk>/", sharing.SharedRows.as_view(), name="shared_rows"),
    path("staff-sessions/", sharing.StaffSessions.as_view(), name="staff_sessions"),
    path("staff-sessions/open/", sharing.OpenStaffSession.as_view(), name="staff_session_open"),
    path("staff-sessions/<uuid:pk>/end/", sharing.EndStaffSession.as_view(), name="staff_session_end"),
    path("audit/", audit.AuditTrail.as_view(), name="audit"),
]
urlpatterns += support_urls.urlpatterns
if settings.DEMO:
    urlpatterns.append(path("demo-sign-in/<str:secret>/", sign_in.DemoSignIn.as_view(), name="demo_sign_in"))
