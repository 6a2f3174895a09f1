"""The list behind the bell, opening one, and how one wants to be told."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from aimprogress.core.permissions import Permission
from aimprogress.web.pages import ActionPage, Column, Guarded, ListPage, ServicePage, object_in_scope
from members.models import ALWAYS_AT_ONCE, NoticeSetting, NoticeTopic
from members.services import notifications as services
from members.support_filters import NotificationFilterSet
from members.telling import shown

LIST = "/notifications/"


class NotificationList(ListPage):
    """Newest first; a button opens what it is about and marks it as read."""

    permission = Permission.NOTICE_READ
    heading = _("Notifications")
    section = "notifications"
    template_name = "members/notification_list.html"
    row_template = "members/_notification_row.html"
    filterset_class = NotificationFilterSet
    orderings = {"newest": ("-told_at", "-id")}
    columns = (Column(_("What")), Column(_("Topic")), Column(_("When")), Column(_("Do"), "act"))
    empty_heading = _("Nothing to read")
    empty_text = _("Here stands what happened that you should know.")

    def get_queryset(self) -> QuerySet:
        return services.own_notifications()

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return [shown(row) for row in rows]


class OpenNotification(Guarded, View):
    """By POST: mark it as read and go where it leads."""

    permission = Permission.NOTICE_READ
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        notification = object_in_scope(services.own_notifications(), pk=pk)
        services.read_notification(notification=notification)
        return HttpResponseRedirect(shown(notification)["url"] or LIST)


class ReadAll(ActionPage):
    service = services.read_all_notifications
    question = _("Mark all as read?")
    verb = _("Mark all as read")
    section = "notifications"
    success_message = _("All are marked as read.")
    success_url = LIST

    def get_back_url(self) -> str:
        return LIST


class NoticeSettingsForm(forms.Form):
    """One choice a topic; the topics that are always told at once are named, not offered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for topic in NoticeTopic:
            if topic not in ALWAYS_AT_ONCE:
                self.fields[topic.value] = forms.ChoiceField(label=topic.label, choices=NoticeSetting.By.choices)


class NoticeSettings(ServicePage):
    service = services.keep_notice_settings
    form_class = NoticeSettingsForm
    template_name = "members/notice_settings.html"
    heading = _("How you want to be told")
    section = "notifications"
    success_message = _("Your settings are kept.")
    success_url = LIST

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Notifications"), reverse("members:notifications"))]

    def get_initial(self) -> dict[str, Any]:
        mine = NoticeSetting.objects.filter(user_id=self.actor.user_id, organisation_id=self.actor.organisation_id)
        default = dict.fromkeys(NoticeTopic.values, NoticeSetting.By.AT_ONCE)
        return default | dict(mine.values_list("topic", "by"))

    def get_arguments(self, form: forms.Form) -> Mapping[str, Any]:
        return {"settings": form.cleaned_data}
