"""What a person does with the notifications and how they want to be told."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import ALWAYS_AT_ONCE, NoticeSetting, NoticeTopic, Notification


def own_notifications() -> QuerySet:
    """The Actor's own, in the organisation chosen now. A key has none: it is no person."""
    actor = current_actor()
    own = Notification.objects.filter(user_id=actor.user_id, organisation_id=actor.organisation_id)
    return own if actor.kind == "person" else own.none()


@service(Permission.NOTICE_READ)
def read_notification(*, notification: Notification) -> Notification:
    """Note that a notification was opened."""
    if notification.user_id != current_actor().user_id:
        raise PermissionDenied
    if notification.read_at is None:
        notification.read_at = timezone.now()
        notification.save(update_fields=["read_at"])
    return notification


@service(Permission.NOTICE_READ)
def read_all_notifications() -> None:
    """Note that all own notifications were read."""
    own_notifications().filter(read_at=None).update(read_at=timezone.now())


@service(Permission.NOTICE_READ)
def keep_notice_settings(*, settings: dict[str, str]) -> None:
    """Keep how the actor wants to be told, topic by topic. What may save a life cannot be turned down."""
    actor = current_actor()
    for topic, by in settings.items():
        if topic not in NoticeTopic.values or by not in NoticeSetting.By.values:
            raise ValidationError(_("This choice is not offered."))
        if topic in ALWAYS_AT_ONCE and by != NoticeSetting.By.AT_ONCE:
            raise ValidationError(_("Evacuations, calls for help and sites in danger are always told at once."))
        mine = NoticeSetting.objects.filter(user_id=actor.user_id, organisation_id=actor.organisation_id, topic=topic).first()
        mine = mine or NoticeSetting(user_id=actor.user_id, organisation_id=actor.organisation_id, topic=topic)
        mine.by = by
        mine.save()
