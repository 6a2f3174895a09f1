"""Pages of the support section, part of the namespace `members`."""

from django.urls import path

from members.views import bulletins, calls_together, cases, guidance, meetings, notifications

urlpatterns = [
    path("sites/<uuid:pk>/guidance/", guidance.SiteGuidance.as_view(), name="site_guidance"),
    path("sites/<uuid:pk>/guidance/<slug:code>/", guidance.MarkGuidance.as_view(), name="guidance_mark"),
    path("support/", guidance.Support.as_view(), name="support"),
    path("support/guidance/", guidance.Library.as_view(), name="guidance"),
    path("support/guidance/<slug:code>/", guidance.ItemPage.as_view(), name="guidance_item"),
    path("support/bulletins/", bulletins.BulletinList.as_view(), name="bulletins"),
    path("support/bulletins/add/", bulletins.PublishBulletin.as_view(), name="bulletin_add"),
    path("support/bulletins/<uuid:pk>/", bulletins.BulletinPage.as_view(), name="bulletin"),
    path("support/bulletins/<uuid:pk>/confirm/", bulletins.ConfirmBulletin.as_view(), name="bulletin_confirm"),
    path("support/bulletins/<uuid:pk>/withdraw/", bulletins.WithdrawBulletin.as_view(), name="bulletin_withdraw"),
    path("support/cases/", cases.CaseList.as_view(), name="cases"),
    path("support/cases/add/", cases.OpenCase.as_view(), name="case_add"),
    path("support/cases/<uuid:pk>/", cases.CasePage.as_view(), name="case"),
    path("support/cases/<uuid:pk>/write/", cases.WriteToCase.as_view(), name="case_write"),
    path("support/cases/<uuid:pk>/handle/", cases.HandleCase.as_view(), name="case_handle"),
    path("support/cases/<uuid:pk>/close/", cases.CloseCase.as_view(), name="case_close"),
    path("support/answers/", cases.AnswerList.as_view(), name="answers"),
    path("support/answers/add/", cases.KeepAnswer.as_view(), name="answer_add"),
    path("support/answers/<uuid:pk>/", cases.ChangeAnswer.as_view(), name="answer_change"),
    path("support/meetings/", meetings.MeetingList.as_view(), name="meetings"),
    path("support/meetings/add/", meetings.KeepMeeting.as_view(), name="meeting_add"),
    path("support/meetings/call/", calls_together.ConveneCall.as_view(), name="call_convene"),
    path("support/meetings/<uuid:pk>/accept/", calls_together.AcceptStatement.as_view(), name="call_accept"),
    path("support/meetings/<uuid:pk>/stop/", calls_together.StopCall.as_view(), name="call_stop"),
    path("support/meetings/<uuid:pk>/change/", calls_together.MoveCall.as_view(), name="call_move"),
    path("support/meetings/<uuid:pk>/off/", calls_together.CallOff.as_view(), name="call_off"),
    path("support/meetings/<uuid:pk>/minutes/", calls_together.WriteMinutes.as_view(), name="call_minutes"),
    path("support/meetings/<uuid:pk>/", meetings.MeetingPage.as_view(), name="meeting"),
    path("support/meetings/<uuid:pk>/agreed/", meetings.AddFollowUp.as_view(), name="follow_up_add"),
    path("support/agreed/<uuid:pk>/done/", meetings.SettleFollowUp.as_view(), name="follow_up_done"),
    path("notifications/", notifications.NotificationList.as_view(), name="notifications"),
    path("notifications/read/", notifications.ReadAll.as_view(), name="notifications_read"),
    path("notifications/settings/", notifications.NoticeSettings.as_view(), name="notice_settings"),
    path("notifications/<uuid:pk>/open/", notifications.OpenNotification.as_view(), name="notification_open"),
]
