"""What a check-in left open: who takes it on, and the call for help that nobody has acknowledged yet (decisions 4.2, 4.5)."""

from django.core.exceptions import PermissionDenied
from django.db.models import Min
from django.utils import timezone

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import CheckIn, Site
from members.services.sites import lock

FollowUp = CheckIn.FollowUp


@service(Permission.FOLLOW_UP_CLOSE)
def follow_up_check_in(*, check_in: CheckIn, what: str = "") -> CheckIn:
    """A person has taken care of one thing that a check-in left open: `what`, or the gravest; the others stay open.

    Taken care of already, it stays as it is. Of a call for help this is the acknowledgement, which the phone shows: raises
    PermissionDenied for who asked for the help, and for who only reports for sites. An analyst takes on calls for help alone.
    """
    site = lock(check_in.site)  # before the row is read: a colleague may be taking it on in this moment
    check_in.refresh_from_db(fields=["follow_up", "followed_up_at", "also_open"])
    wanted = what or next(iter(check_in.left_open), FollowUp.NONE)
    if wanted not in check_in.left_open:
        return check_in
    if not (may_acknowledge(check_in) if wanted == FollowUp.HELP else current_actor().may(Permission.SITE_STATUS_LOG)):
        raise PermissionDenied
    if wanted == check_in.follow_up:
        check_in.followed_up_at, check_in.followed_up_by_id = timezone.now(), current_actor().user_id
    else:
        check_in.also_open.remove(wanted)
    check_in.save(update_fields=["followed_up_at", "followed_up_by", "also_open"])
    note_help(site)
    site.save(update_fields=["help_needed_since"])
    return check_in


def may_acknowledge(check_in: CheckIn) -> bool:
    """Whether who acts now can answer this call for help: somebody who makes calls, and not who asked."""
    asked = check_in.channel != CheckIn.Channel.LINE and is_own(check_in)  # a line is entered by who did not say it
    return current_actor().may(Permission.CALL_MAKE) and not asked


def note_help(site: Site) -> None:
    """`site.help_needed_since` as the calls for help say that nobody has acknowledged; the caller stores it."""
    calls = CheckIn.objects.filter(site=site, follow_up=FollowUp.HELP, followed_up_at=None)
    site.help_needed_since = calls.aggregate(first=Min("received_at"))["first"]


def is_own(check_in: CheckIn) -> bool:
    """A phone takes back what it sent itself; a person what they sent. Nobody's is not everybody's."""
    actor = current_actor()
    if actor.device_id is not None:
        return check_in.device == actor.device_id
    return actor.user_id is not None and check_in.by_id == actor.user_id
