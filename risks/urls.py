"""Pages of the risks app. Namespace `risks`."""

from django.urls import path

from risks import report_views, views

app_name = "risks"
urlpatterns = [
    path("risks/", views.IssueList.as_view(), name="issues"),
    path("risks/add/", views.AddIssue.as_view(), name="issue_add"),
    path("risks/<uuid:pk>/", views.IssuePage.as_view(), name="issue"),
    path("risks/<uuid:pk>/assess/", views.AssessIssue.as_view(), name="issue_assess"),
    path("risks/<uuid:pk>/state/", views.ChangeIssueState.as_view(), name="issue_state"),
    path("risks/<uuid:pk>/salient/", views.MarkSalient.as_view(), name="issue_salient"),
    path("reports/", report_views.ReportList.as_view(), name="reports"),
    path("reports/new/", report_views.AskForReport.as_view(), name="report_add"),
    path("reports/<uuid:pk>/", report_views.ReportPage.as_view(), name="report"),
    path("reports/<uuid:pk>/file/", report_views.ReportFile.as_view(), name="report_file"),
    path("reports/<uuid:pk>/stop/", report_views.StopReport.as_view(), name="report_stop"),
    path("reports/<uuid:pk>/retry/", report_views.RetryReport.as_view(), name="report_retry"),
]
