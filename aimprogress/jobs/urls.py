"""Pages of jobs. Namespace `jobs`."""

from django.urls import path

from .pages import CancelJob, JobDetail, JobFile, JobList, RetryJob

app_name = "jobs"
urlpatterns = [
    path("", JobList.as_view(), name="list"),
    path("<uuid:pk>/", JobDetail.as_view(), name="detail"),
    path("<uuid:pk>/cancel/", CancelJob.as_view(), name="cancel"),
    path("<uuid:pk>/retry/", RetryJob.as_view(), name="retry"),
    path("<uuid:pk>/file/", JobFile.as_view(), name="file"),
]
