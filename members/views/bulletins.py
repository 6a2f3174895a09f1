"""Bulletins: the list, one with its receipts, publishing, withdrawing and confirming."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.places.countries import COUNTRY_CHOICES, country_name
from aimprogress.web.forms import DateTimeInput
from aimprogress.web.pages import ActionPage, Column, DetailPage, ListPage, ServicePage
from members.bulletins import Addressed, concerns, confirmed_by, standings
from members.models import Bulletin, Site
from members.services import bulletins as services
from members.support_filters import BulletinFilterSet


class OfBulletins:
    section = "support"
    noun = "bulletin"
    model = Bulletin

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Support"), reverse("members:support")), (_("Bulletins"), reverse("members:bulletins"))]

    def get_success_url(self) -> str:
        return reverse("members:bulletin", args=[(self.saved if isinstance(self.saved, Bulletin) else self.object).pk])


class BulletinList(ListPage):
    """Newest first. A member reads which it still has to confirm; the team reads how many did."""

    permission = Permission.BULLETIN_READ
    heading = _("Bulletins")
    section = "support"
    template_name = "members/bulletin_list.html"
    row_template = "members/_bulletin_row.html"
    filterset_class = BulletinFilterSet
    export_noun = "bulletins"
    model = Bulletin
    orderings = {"newest": ("-issued_at", "-id")}
    columns = (Column(_("Bulletin")), Column(_("Level")), Column(_("Issued")), Column(_("Confirmed")))
    empty_heading = _("No bulletins yet")
    empty_text = _("Here AIM-Progress tells all members what concerns them.")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Support"), reverse("members:support"))]

    def get_empty_action(self) -> tuple[Any, str] | None:
        may = self.actor.may(Permission.BULLETIN_PUBLISH)
        return (_("Publish a bulletin"), reverse("members:bulletin_add")) if may else None

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        confirmed = confirmed_by(rows)
        addressed = Addressed() if self.actor.may(Permission.BULLETIN_PUBLISH) else None
        own = set()
        if self.actor.may(Permission.BULLETIN_CONFIRM):
            own = set(Site.objects.open().order_by().values_list("country", flat=True).distinct())
        for row in rows:
            row.names = ", ".join(country_name(code) for code in row.countries)
            if addressed is not None:
                asked = {member.pk: addressed.coordinators[member.pk] for member in addressed.of(row)}
                row.asked = sum(map(len, asked.values()))
                row.done = sum(len(users & confirmed[row.pk][pk]) for pk, users in asked.items())
            row.mine = self.actor.user_id in confirmed[row.pk][self.actor.organisation_id]
            row.is_for_us = concerns(row, own)
        return rows


class BulletinPage(OfBulletins, DetailPage):
    permission = Permission.BULLETIN_READ
    template_name = "members/bulletin.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        bulletin, may_confirm = self.object, self.actor.may(Permission.BULLETIN_CONFIRM)
        mine = may_confirm and self.actor.user_id in confirmed_by([bulletin])[bulletin.pk][self.actor.organisation_id]
        asked = standings(bulletin) if self.actor.may(Permission.BULLETIN_PUBLISH) else []
        return super().get_context_data(
            names=[country_name(code) for code in bulletin.countries], mine=mine, standings=asked,
            may_confirm=may_confirm and not mine and bulletin.in_force and bulletin.confirm_by is not None,
            done=sum(one.confirmed for one in asked), coordinators=sum(one.coordinators for one in asked), **kwargs,
        )  # fmt: skip


class BulletinForm(forms.ModelForm):
    countries = forms.MultipleChoiceField(
        label=_("Only for members with sites in"), choices=COUNTRY_CHOICES, required=False,
        help_text=_("Choose none for all members."),
    )  # fmt: skip
    expires_at = forms.DateTimeField(label=_("Holds until"), required=False, widget=DateTimeInput())

    class Meta:
        model = Bulletin
        fields = ["level", "topic", "countries", "title", "text", "asked", "expires_at"]
        help_texts = {"text": _("No member, no supplier, no price, no plan of a company: every member and partner reads it.")}


class PublishBulletin(OfBulletins, ServicePage):
    service = services.publish_bulletin
    form_class = BulletinForm
    heading = _("Publish a bulletin")
    submit = _("Publish to members")
    success_message = _("The bulletin was published; coordinators are told.")
    model = None


class WithdrawBulletin(OfBulletins, ActionPage):
    service = services.withdraw_bulletin
    question = _("Withdraw this bulletin?")
    explanation = _("It stays readable, marked as withdrawn, and nobody is asked to confirm it any more.")
    verb = _("Withdraw")
    danger = True
    success_message = _("The bulletin was withdrawn.")

    def get_back_url(self) -> str:
        return reverse("members:bulletin", args=[self.object.pk])


class ConfirmBulletin(OfBulletins, ActionPage):
    service = services.confirm_bulletin
    question = _("Have you read this bulletin?")
    explanation = _("AIM-Progress sees that a coordinator of your organisation confirmed it, and when.")
    verb = _("I have read it")
    success_message = _("Confirmed.")

    def get_back_url(self) -> str:
        return reverse("members:bulletin", args=[self.object.pk])
