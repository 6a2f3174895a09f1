"""Pages of the risks app. Namespace `risks`."""

from django.urls import path

from risks import views

app_name = "risks"
urlpatterns = [
    path("risks/", views.IssueList.as_view(), name="issues"),
    path("risks/add/", views.AddIssue.as_view(), name="issue_add"),
    path("risks/<uuid:pk>/", views.IssuePage.as_view(), name="issue"),
    path("risks/<uuid:pk>/assess/", views.AssessIssue.as_view(), name="issue_assess"),
    path("risks/<uuid:pk>/state/", views.ChangeIssueState.as_view(), name="issue_state"),
    path("risks/<uuid:pk>/salient/", views.MarkSalient.as_view(), name="issue_salient"),
]
