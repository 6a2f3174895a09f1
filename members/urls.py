"""Pages of the members app. Namespace `members`."""

from django.urls import path

from members.views import checkin

app_name = "members"
urlpatterns = [
    path("check-in/", checkin.MyCheckIns.as_view(), name="my_check_ins"),
    path("c/<str:code>/", checkin.CheckInPage.as_view(), name="check_in"),
    path("c/<str:code>/sent/<uuid:pk>/", checkin.CheckInSent.as_view(), name="check_in_sent"),
    path("c/<str:code>/sent/<uuid:pk>/undo/", checkin.UndoCheckIn.as_view(), name="check_in_undo"),
]
