"""Pages of the members app. Namespace `members`."""

from django.urls import path

from members.views import checkin, sites

app_name = "members"
urlpatterns = [
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
]
