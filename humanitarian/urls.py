"""Pages of the humanitarian app. Namespace `humanitarian`."""

from django.urls import path

from humanitarian.views import actions, aid, bulk, checks, measures, pay, stopping

app_name = "humanitarian"
urlpatterns = [
    path("actions/", actions.ActionList.as_view(), name="actions"),
    path("actions/add/", actions.AddAction.as_view(), name="action_add"),
    path("actions/board/", actions.ActionBoard.as_view(), name="actions_board"),
    path("actions/change/", bulk.ChangeActions.as_view(), name="actions_change"),
    path("actions/remind/", bulk.RemindOwners.as_view(), name="actions_remind"),
    path("actions/undo/<uuid:pk>/", bulk.UndoChange.as_view(), name="actions_undo"),
    path("actions/<uuid:pk>/", actions.ActionPage.as_view(), name="action"),
    path("actions/<uuid:pk>/change/", actions.ChangeAction.as_view(), name="action_change"),
    path("actions/<uuid:pk>/evidence/", actions.AttachEvidence.as_view(), name="action_evidence"),
    path("actions/<uuid:pk>/file/", actions.DownloadEvidence.as_view(), name="action_file"),
    path("sites/<uuid:pk>/checks/", checks.SiteChecks.as_view(), name="checks"),
    path("sites/<uuid:pk>/checks/<slug:instrument>/begin/", checks.BeginCheck.as_view(), name="check_begin"),
    path("sites/<uuid:pk>/stop/", stopping.StopWork.as_view(), name="stop_work"),
    path("stops/<uuid:pk>/", stopping.StopPage.as_view(), name="stop"),
    path("checks/", checks.AskedChecks.as_view(), name="asked_checks"),
    path("checks/<uuid:pk>/", checks.CheckPage.as_view(), name="check"),
    path("checks/<uuid:pk>/questions/", checks.AnswerCheck.as_view(), name="check_questions"),
    path("checks/<uuid:pk>/sign/", checks.SignReturn.as_view(), name="check_sign"),
    path("humanitarian/", aid.Humanitarian.as_view(), name="home"),
    path("humanitarian/pay/", pay.PayList.as_view(), name="pay"),
    path("humanitarian/pay/add/", pay.ReportPay.as_view(), name="pay_add"),
    path("humanitarian/pay/<uuid:pk>/", pay.PayPage.as_view(), name="pay_report"),
    path("humanitarian/pay/<uuid:pk>/correct/", pay.CorrectPay.as_view(), name="pay_correct"),
    path("humanitarian/support/", measures.MeasureList.as_view(), name="measures"),
    path("humanitarian/support/add/", measures.AddMeasure.as_view(), name="measure_add"),
    path("humanitarian/support/<uuid:pk>/", measures.MeasurePage.as_view(), name="measure"),
    path("humanitarian/support/<uuid:pk>/change/", measures.ChangeMeasure.as_view(), name="measure_change"),
    path("humanitarian/contributions/", aid.ContributionList.as_view(), name="contributions"),
    path("humanitarian/contributions/add/", aid.AddContribution.as_view(), name="contribution_add"),
    path("humanitarian/contributions/<uuid:pk>/change/", aid.ChangeContribution.as_view(), name="contribution_change"),
    path("humanitarian/partners/", aid.PartnerList.as_view(), name="partners"),
    path("humanitarian/partners/add/", aid.AddPartner.as_view(), name="partner_add"),
]
