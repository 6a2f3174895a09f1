"""The audit trail: what was done, when and in which role. Never a value."""

from dataclasses import replace
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.act_words import ACT_WORDS, acts_called
from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.permissions import ROLE_NAMES, Permission, Role
from aimprogress.web.filters import FilterSet
from aimprogress.web.pages import Column, ListPage
from members.models import Organisation, User

METADATA = frozenset({Role.AIM_ADMIN, Role.DPO})
FIELDS = ("id", "at", "action", "actor_kind", "actor_id", "actor_label", "organisation_id", "seq")


class AuditFilterSet(FilterSet):
    """By act, by role, by time."""

    action = django_filters.CharFilter(label=_("What was done"), method="called")
    who = django_filters.ChoiceFilter(
        label=_("Role"),
        field_name="actor_label",
        lookup_expr="contains",
        choices=[(role.value, ROLE_NAMES[role]) for role in Role],
    )
    at = django_filters.DateFromToRangeFilter(label=_("When"))

    class Meta:
        model = AuditEvent
        fields = ("action", "who", "at")

    def called(self, queryset: QuerySet, name: str, words: str) -> QuerySet:
        """A part of the words as the reader sees them; the code of an act does as well, for addresses that name one."""
        return queryset.filter(action__in=acts_called(words))


class AuditTrail(ListPage):
    """A coordinator reads the own organisation's trail; administrators and the data-protection officer everybody's."""

    permission = Permission.AUDIT_READ
    sensitive = True
    heading = _("Audit trail")
    neutral = _("Audit trail")
    section = "audit"
    who = "audit"
    template_name = "members/audit.html"
    list_template = "members/audit.html#list"
    row_template = "members/_audit_row.html"
    filterset_class = AuditFilterSet
    orderings = {"newest": ("-at", "-id")}
    columns = (
        Column(_("When"), ordering="newest"),
        Column(_("What was done")),
        Column(_("In which role")),
        Column(_("Chain"), "n"),
    )
    shows_count = False
    empty_heading = _("Nothing was done yet")
    empty_text = _("Every change, every sign-in and every look at a strict figure appears here, without the values.")

    def get_queryset(self) -> QuerySet:
        return AuditEvent.objects.values(*FIELDS)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not self.actor.roles & METADATA:
            return super().get_context_data(**kwargs)
        with acting_as(SYSTEM) as system:
            everyone = replace(self.actor, safety=system.safety, commercial=system.commercial)
        with acting_as(everyone):
            return super().get_context_data(**kwargs)

    def prepare_rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Names of accounts only inside the own organisation; elsewhere the role is all there is."""
        own = {row["actor_id"] for row in rows if row["organisation_id"] == self.actor.organisation_id and row["actor_id"]}
        emails = dict(
            User.objects.filter(pk__in=own, grants__organisation_id=self.actor.organisation_id).values_list("pk", "email")
        )
        names = dict(Organisation.objects.filter(pk__in={row["organisation_id"] for row in rows}).values_list("pk", "short_name"))
        labels = {role.value: str(name) for role, name in ROLE_NAMES.items()}
        labels |= {"system": str(_("The portal itself")), "anonymous": str(_("Nobody signed in"))}
        for row in rows:
            row["called"] = ACT_WORDS.get(row["action"], row["action"])
            row["email"] = emails.get(row["actor_id"], "")
            row["organisation"] = names.get(row["organisation_id"], _("The portal itself"))
            row["role"] = _who(row, labels)
        return rows


def _who(row: dict[str, Any], labels: dict[str, str]) -> str:
    """The roles of a person, the first letters of a program's key, the alias of a phone."""
    match row["actor_kind"]:
        case "api_key":
            return gettext("A program, key aimp_%(prefix)s_…") % {"prefix": row["actor_label"]}
        case "device":
            return gettext("A phone, %(alias)s") % {"alias": row["actor_label"]}
    return ", ".join(labels.get(part, part) for part in row["actor_label"].split(", "))
