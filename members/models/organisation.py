"""Who belongs to the forum, who signs in for them, and what they may."""

from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.core.ids import uuid7
from aimprogress.core.permission_words import PERMISSION_WORDS
from aimprogress.core.permissions import ROLE_NAMES, Role


class Organisation(models.Model):
    """A member company, a partner (NGO, international organisation, assurance provider) or the secretariat."""

    class Kind(models.TextChoices):
        MEMBER = "MEMBER", _("Member")
        PARTNER = "PARTNER", _("Partner")
        SECRETARIAT = "SECRETARIAT", _("AIM-Progress team")

    class Sector(models.TextChoices):
        FOOD = "FOOD", _("Food")
        BEVERAGE = "BEVERAGE", _("Beverages")
        BREWING = "BREWING", _("Brewing")
        HPC = "HPC", _("Home and personal care")
        PACKAGING = "PACKAGING", _("Packaging")
        INGREDIENTS = "INGREDIENTS", _("Ingredients")
        RETAIL_BRAND = "RETAIL_BRAND", _("Retail brands")

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("Active")
        PAUSED = "PAUSED", _("Paused")
        LEFT = "LEFT", _("Left")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    legal_name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    sector = models.CharField(max_length=14, choices=Sector.choices, blank=True)
    hq_country = models.CharField(max_length=2, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    joined_on = models.DateField(null=True, blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Kyiv")

    class Meta:
        ordering = ["short_name"]

    def __str__(self) -> str:
        return self.short_name


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who signs in. What they may and see comes from role grants, never from the person."""

    class Theme(models.TextChoices):
        AUTO = "", _("Like my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=5, default="en")
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    last_visit_at = models.DateTimeField(null=True, blank=True)
    overview_shown_at = models.DateTimeField(null=True, blank=True)
    previous_visit_at = models.DateTimeField(null=True, blank=True)  # the first page was shown then, before a long break
    closed_at = models.DateTimeField(null=True, blank=True)  # by the person; retention makes it anonymous some days later

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.display_name or self.email


ROLE_CHOICES = [(role.value, ROLE_NAMES[role]) for role in Role]


AUDIT_LASTS = timedelta(days=90)


class RoleGrantQuerySet(models.QuerySet):
    def in_force(self) -> "RoleGrantQuerySet":
        """Grants that count now. An auditor's has an end, and lasts ninety days whatever the row says (domain 8.1)."""
        now = timezone.now()
        boxed = Q(expires_at__isnull=False, granted_at__gt=now - AUDIT_LASTS)
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=now), ~Q(role=Role.AUDITOR) | boxed, revoked_at=None, cut_off=None
        )


class RoleGrant(models.Model):
    """A role of a user in an organisation; a site reporter's is limited to sites."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    site_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    granted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    cut_off = models.ForeignKey("members.CutOff", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organisation", "role"])]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"], condition=Q(revoked_at=None), name="one_grant_of_a_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.organisation_id}"


class MemberAnalystQuerySet(models.QuerySet):
    def in_force(self) -> "MemberAnalystQuerySet":
        """Those whose analyst still is one: whoever lost the role, or the account, looks after nobody."""
        roles = RoleGrant.objects.in_force().filter(role=Role.AIM_ANALYST, user__is_active=True)
        return self.filter(analyst__in=roles.values("user_id"))

    def members_of(self, analyst_id: UUID | None) -> "models.QuerySet[Organisation]":
        """The members that an analyst looks after: those given to them, and those that are given to nobody who is an analyst.

        The one place of this rule: what an analyst may do (`Actor.writes`) and read (numbers to call) follows it, and so does
        who is told (`recipients.analysts_of`).
        """
        nobodys = ~Exists(self.in_force().filter(organisation=OuterRef("pk")))
        members = Q(kind=Organisation.Kind.MEMBER) & ~Q(status=Organisation.Status.LEFT)
        return Organisation.objects.filter(Q(pk__in=self.filter(analyst=analyst_id).values("organisation")) | members & nobodys)


class MemberAnalyst(models.Model):
    """Which analyst looks after which member."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    analyst = models.ForeignKey(User, on_delete=models.CASCADE, related_name="looked_after")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="analysts")

    objects = MemberAnalystQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["analyst", "organisation"], name="analyst_of_member_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Invitation(models.Model):
    """A way in for one address, one role, for a limited time. The link is stored as a hash only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    site_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    language = models.CharField(max_length=5, default="en")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-invited_at"])]

    def __str__(self) -> str:
        return str(self.pk)


class SignInLink(models.Model):
    """A single-use way in for the demo, on loopback only (decisions 6.1)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class ApiKey(models.Model):
    """A machine's way in: `aimp_<prefix>_<secret>`, stored as a hash, with scopes and an end."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    cut_off = models.ForeignKey("members.CutOff", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def in_force(self) -> bool:
        return self.revoked_at is None and self.cut_off_id is None and self.expires_at > timezone.now()

    @property
    def may(self) -> list[Promise]:
        """Its scopes in words; a scope that is no permission any more opens nothing and is not named."""
        return [words for scope, words in PERMISSION_WORDS.items() if scope in self.scopes]
