"""What was observed at a site. Facts are added, never changed; `Site.current_*` is their projection."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.fields import EncryptedJSONField
from aimprogress.core.scoping import DataClass, ScopedForeignKey, ScopedModel

from .bulk import BulkCheckIn
from .codes import (
    BACKUP,
    GROUP_OF,
    Access,
    AlertLevel,
    Confidence,
    ContractGroup,
    Control,
    Damage,
    Gender,
    Operational,
    Reason,
    SourceType,
    StatusGroup,
    Utility,
)
from .site import Site

AWAY = (Operational.EVACUATED, Operational.SUSPENDED)
"""States in which people may have left for their safety (members/returning.py)."""
CAN_CONFIRM = (SourceType.DIRECT, SourceType.DOC)
LONGEST_BACKUP_HOURS = 2000
CLOCK_TOLERANCE = timedelta(minutes=2)


class Fact(ScopedModel):
    """What every observation carries (domain 0.1)."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    observed_at = models.DateTimeField(_("seen at"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    reported_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    source_type = models.CharField(_("source"), max_length=10, choices=SourceType.choices, default=SourceType.DIRECT)
    confidence = models.CharField(_("confidence"), max_length=1, choices=Confidence.choices, default=Confidence.A)
    told_by = models.CharField(_("as told by (a role, no name)"), max_length=80, blank=True)

    class Meta:
        abstract = True

    def clean(self) -> None:
        if self.observed_at and self.observed_at > self.recorded_at + CLOCK_TOLERANCE:
            raise ValidationError({"observed_at": _("This lies in the future.")})
        if self.confidence == Confidence.A and self.source_type not in CAN_CONFIRM:
            raise ValidationError({"confidence": _("Only what our own staff saw or a document shows is confirmed.")})
        corrected = getattr(self, "supersedes", None)
        if corrected and corrected.site_id != self.site_id:
            raise ValidationError({"supersedes": _("A correction replaces a report of the same site.")})


def newest_first(name: str) -> list[models.Index]:
    """What every log is read by: the newest of an organisation, of all, of a site."""
    return [
        models.Index(fields=["organisation", "-observed_at", "-id"], name=f"{name}_by_organisation"),
        models.Index(fields=["-observed_at", "-id"], name=f"{name}_newest"),  # the secretariat's newest, over all
        models.Index(fields=["site", "-observed_at", "-id"], name=f"{name}_by_site"),
    ]


class CheckIn(ScopedModel):
    """What was said at one check-in, as it was said. The facts it made point here."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    class FollowUp(models.TextChoices):
        NONE = "", _("Nothing to do")
        REASON = "REASON", _("Suspended: ask for the reason")
        JUDGED_AGAIN = "JUDGED_AGAIN", _("The answer does not fit what stands: ask how it is now")
        NOT_REACHED = "NOT_REACHED", _("People not reached")
        HELP = "HELP", _("Someone needs help")
        CLOCK = "CLOCK", _("Said long ago, or by a wrong clock: ask when")
        HELD_BACK = "HELD_BACK", _("The note gave a position away, which was not kept: ask for it")

    class Channel(models.TextChoices):
        FORM = "FORM", _("Sent by the page")
        QUEUE = "QUEUE", _("Kept on the phone, sent later")
        LINE = "LINE", _("Text line, second-hand")

    class Clock(models.TextChoices):
        """What was found out about the clock that `claimed_at` comes from."""

        FITS = "", _("The clock fits")
        CORRECTED = "CORRECTED", _("The clock was wrong; corrected")
        AHEAD = "AHEAD", _("The clock was ahead; the time is unknown")
        LONG_AGO = "LONG_AGO", _("Said more than 60 days ago, or by a wrong clock")

    site = ScopedForeignKey(Site, related_name="check_ins")
    device = models.UUIDField(null=True, blank=True)
    seq = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField()
    corrected_at = models.DateTimeField(null=True, blank=True)  # claimed_at by the server's clock, where the phone's was off
    clock = models.CharField(max_length=10, choices=Clock.choices, default=Clock.FITS, blank=True)
    channel = models.CharField(max_length=5, choices=Channel.choices, default=Channel.FORM)
    received_at = models.DateTimeField(default=timezone.now)
    body_hash = models.CharField(max_length=64)
    answers = models.JSONField(default=dict)
    by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    follow_up = models.CharField(max_length=14, choices=FollowUp.choices, default=FollowUp.NONE, blank=True)  # the gravest
    also_open = ArrayField(models.CharField(max_length=14, choices=FollowUp.choices), default=list, blank=True)  # and the others
    followed_up_at = models.DateTimeField(null=True, blank=True)
    followed_up_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    escalated_at = models.DateTimeField(null=True, blank=True)
    put_aside_at = models.DateTimeField(null=True, blank=True, editable=False)  # somebody else held the phone: nothing counts

    confirmed_at = models.DateTimeField(null=True, blank=True)  # of a text line: by a person, or by the phone itself
    confirmed_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    heard_before = False
    """True on a row that was found instead of made: the same check-in was sent again."""

    @property
    def left_open(self) -> list["CheckIn.FollowUp"]:
        """What nobody has taken on yet, the gravest first."""
        gravest = [self.follow_up] if self.follow_up and self.followed_up_at is None else []
        return [self.FollowUp(code) for code in (*gravest, *self.also_open)]

    @property
    def taken_back(self) -> bool:
        """Whether who sent it took it back: nothing that it said stands, and nothing of it is left to do."""
        return not self.follow_up and not any(f.filter(retracted_at=None).exists() for f in (self.statuses, self.head_counts))

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-received_at", "-id"]),
            models.Index(fields=["site", "-received_at", "-id"]),
            models.Index(fields=["follow_up", "received_at"], condition=~Q(follow_up=""), name="check_in_follow_up"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class OtherAnswers(ScopedModel):
    """What a second sending of a check-in said differently. Both are kept; a person looks at them side by side."""

    data_class = DataClass.SAFETY
    site_column = "site_id"

    class Settled(models.TextChoices):
        OPEN = "", _("Not looked at yet")
        FIRST = "FIRST", _("The first counts")
        SECOND = "SECOND", _("The second counts")

    site = ScopedForeignKey(Site, related_name="+")
    check_in = ScopedForeignKey(CheckIn, related_name="other_answers")
    device = models.UUIDField(null=True, blank=True)
    claimed_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    body_hash = models.CharField(max_length=64)
    answers = models.JSONField(default=dict)
    settled = models.CharField(max_length=6, choices=Settled.choices, default=Settled.OPEN, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey("members.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [models.Index(fields=["organisation", "-received_at", "-id"])]
        constraints = [models.UniqueConstraint(fields=["organisation", "check_in", "body_hash"], name="other_answers_kept_once")]

    def __str__(self) -> str:
        return str(self.pk)


class SiteStatus(Fact):
    """What was observed at a site at a moment. A correction supersedes; its author may retract it within a minute."""

    site = ScopedForeignKey(Site, related_name="statuses")
    operational = models.CharField(_("the site is"), max_length=15, choices=Operational.choices)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    control = models.CharField(_("control"), max_length=12, choices=Control.choices, default=Control.MEMBER)
    damage = models.PositiveSmallIntegerField(_("damage"), choices=Damage.choices, default=Damage.NOT_ASSESSED)
    access = models.CharField(_("access"), max_length=10, choices=Access.choices, blank=True)
    utilities = models.JSONField(_("hours a day"), default=dict, blank=True)  # {"power": 0-24, "power_backup": hours, "water": …}
    note = models.CharField(_("note"), max_length=500, blank=True)
    correction_reason = models.CharField(_("what was wrong"), max_length=200, blank=True)
    supersedes = ScopedForeignKey("self", null=True, blank=True, related_name="superseded_by")
    check_in = ScopedForeignKey(CheckIn, null=True, blank=True, related_name="statuses")
    bulk = ScopedForeignKey(BulkCheckIn, null=True, blank=True, related_name="statuses")
    permit = models.UUIDField(null=True, blank=True, editable=False)  # the signed assessment on which people returned to work
    retracted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-observed_at", "-id"]
        indexes = [
            *newest_first("status"),
            models.Index(fields=["site", "-observed_at", "-id"], condition=~Q(utilities={}), name="status_of_utilities"),
            models.Index(fields=["site", "-observed_at", "-id"], condition=Q(operational__in=AWAY), name="status_of_leaving"),
        ]

    def __str__(self) -> str:
        return self.get_operational_display()

    @property
    def group(self) -> StatusGroup:
        return GROUP_OF[self.operational]

    def clean(self) -> None:
        super().clean()
        if not isinstance(self.utilities or {}, dict):
            raise ValidationError({"utilities": _("Give the hours a day by name: power, water, heat, telecom, fuel.")})
        for name, hours in (self.utilities or {}).items():
            most = LONGEST_BACKUP_HOURS if name.endswith(BACKUP) else 24
            if name.removesuffix(BACKUP) not in Utility or type(hours) is not int or not 0 <= hours <= most:
                raise ValidationError({"utilities": _("Hours a day are whole numbers from 0 to 24.")})


class HeadCount(Fact):
    """People by nine states that exclude each other; counts only, never names (domain 3.4)."""

    site = ScopedForeignKey(Site, related_name="head_counts")
    expected = models.PositiveIntegerField(_("people expected"), validators=[MaxValueValidator(200_000)])
    safe_local = models.PositiveIntegerField(_("safe, at usual place"), default=0)
    safe_idp = models.PositiveIntegerField(_("safe, displaced inside the country"), default=0)
    safe_abroad = models.PositiveIntegerField(_("safe, displaced abroad"), default=0)
    injured = models.PositiveIntegerField(_("injured"), default=0)
    unaccounted = models.PositiveIntegerField(_("not reached"), default=0)
    strict = EncryptedJSONField(null=True, blank=True)  # {"SERVING": n, "DETAINED": n, "MISSING": n, "KILLED": n}
    by_contract = models.JSONField(default=dict, blank=True)  # the people expected: {"OWN": n, "AGENCY": n, …}, or nothing
    by_gender = models.JSONField(default=dict, blank=True)  # {"F": n, "M": n, "X": n}, or nothing
    overlays = models.JSONField(default=dict, blank=True)  # not summed: needs_urgent_help, families_supported, …
    reason = models.CharField(_("what was wrong"), max_length=200, blank=True)  # of a correction
    supersedes = ScopedForeignKey("self", null=True, blank=True, related_name="superseded_by")
    check_in = ScopedForeignKey(CheckIn, null=True, blank=True, related_name="head_counts")
    retracted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-observed_at", "-id"]
        indexes = newest_first("headcount")

    def __str__(self) -> str:
        return str(self.expected)

    @property
    def states(self) -> dict[str, int]:
        """All nine states by code, in the order of domain 3.4."""
        strict = self.strict or {}
        return {
            "SAFE_LOCAL": self.safe_local,
            "SAFE_IDP": self.safe_idp,
            "SAFE_ABROAD": self.safe_abroad,
            "SERVING": strict.get("SERVING", 0),
            "INJURED": self.injured,
            "DETAINED": strict.get("DETAINED", 0),
            "MISSING": strict.get("MISSING", 0),
            "UNACCOUNTED": self.unaccounted,
            "KILLED": strict.get("KILLED", 0),
        }

    @property
    def forgotten(self) -> int:
        """People in the four protected states of a count that is too old to keep these: what is left does not add up.

        Nobody knows any more who of them was accounted for, so none is.
        """
        return self.expected - sum(self.states.values()) if self.strict is None else 0

    def clean(self) -> None:
        from members.headcounts import balance, overlay_problems, split_problem  # pure rules of people arithmetic

        super().clean()
        if problem := balance(self.expected, self.states):
            raise ValidationError({"expected": problem})
        problems = overlay_problems(self.expected, self.overlays)
        for field, parts in (("by_contract", ContractGroup), ("by_gender", Gender)):
            if problem := split_problem(self.expected, getattr(self, field), parts.values):
                problems[field] = problem
        if problems:
            raise ValidationError(problems)
        if self.site.safety_profile and any((self.strict or {}).values()):
            raise ValidationError(_("At this site these four states are not collected: they endanger people."))


class AlertLevelChange(Fact):
    """The alert level of a site from a moment on (domain 3.2). Corrected and taken back as a status is."""

    site = ScopedForeignKey(Site, related_name="alert_level_changes")
    level = models.PositiveSmallIntegerField(_("alert level"), choices=AlertLevel.choices)
    previous = models.PositiveSmallIntegerField(choices=AlertLevel.choices, null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    correction_reason = models.CharField(_("what was wrong"), max_length=200, blank=True)
    supersedes = ScopedForeignKey("self", null=True, blank=True, related_name="superseded_by")
    retracted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-observed_at", "-id"]
        indexes = [*newest_first("alert"), models.Index(fields=["-recorded_at"], name="alert_last_recorded")]

    def __str__(self) -> str:
        return self.get_level_display()
