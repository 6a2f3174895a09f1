"""Invite many site reporters from a list: upload, look, invite."""

from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.reading import read_book
from aimprogress.exchange.safety import receive
from aimprogress.web.pages import ServicePage
from aimprogress.web.uploads import UploadPage
from members.forms.accounts import sites_for_reporters
from members.reporter_list import MOST_ROWS, Reporter, read_reporters
from members.services import accounts as services
from members.views.accounts import OfPeople

LARGEST_LIST = 1_000_000
SALT = "reporters to invite"
AN_HOUR = 3600


class ListForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("Your list"),
        help_text=_("One row a person: e-mail address, code or name of the sites, language. Columns may stand in any order."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.tsv", "class": "in"}),
    )  # fmt: skip


class InviteList(OfPeople, UploadPage):
    """Step 1: read the list and show what would happen. Nothing is saved yet."""

    service = services.invite_reporters
    form_class = ListForm
    template_name = "members/reporter_list.html"
    heading = _("Invite site reporters from a list")
    submit = _("Read the list")
    largest = LARGEST_LIST
    too_large = _("The list is larger than 1 MB.")

    def form_valid(self, form: ListForm) -> HttpResponse:
        file = form.cleaned_data["file"]
        try:
            book = read_book(receive(file, name=file.name, size=file.size))
            found = read_reporters(book, self.organisation, list(sites_for_reporters(self.organisation)))
        except ValidationError as error:
            return self.refuse_form(form, ValidationError({"file": error.messages}), 422)
        good = [row for row in found.rows if not row.problem]
        context = {"rows": found.rows, "unread": found.unread, "good": len(good), "problems": len(found.rows) - len(good)}
        return self.render_to_response(self.get_context_data(form=form, packed=packed(good), **context))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(most=MOST_ROWS, back_url=self.people_url(self.organisation.pk), **kwargs)


class ListLooked(forms.Form):
    """The rows that were shown, as the portal signed them."""

    rows = forms.CharField(widget=forms.HiddenInput)

    def clean_rows(self) -> list[dict[str, Any]]:
        try:
            rows = signing.loads(self.cleaned_data["rows"], salt=SALT, max_age=AN_HOUR)
        except signing.BadSignature:
            raise forms.ValidationError(_("This preview is older than an hour. Read the list again.")) from None
        return [row | {"site_ids": [UUID(site) for site in row["site_ids"]]} for row in rows]


class SendInvitations(OfPeople, ServicePage):
    """Step 2: invite them. The answer shows each link once."""

    service = services.invite_reporters
    form_class = ListLooked
    template_name = "members/reporter_list.html"
    heading = _("Invite site reporters from a list")
    http_method_names = ["post"]

    def form_valid(self, form: ListLooked) -> HttpResponse:
        try:
            made = services.invite_reporters(organisation=self.organisation, reporters=form.cleaned_data["rows"])
        except ValidationError as error:
            return self.refuse_form(form, ValidationError(error.messages), 422)
        told = []
        for secret in made:
            link = self.request.build_absolute_uri(reverse("members:invitation", args=[secret.text]))
            told.append((secret.row, link, services.mail_invitation(secret.row, link)))
        context = self.get_context_data(
            heading=_("The invitations are ready"), told=told, back_url=self.people_url(self.organisation.pk)
        )
        return render(self.request, "members/reporters_invited.html", context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(most=MOST_ROWS, **kwargs)


def packed(rows: list[Reporter]) -> str:
    """The rows as text that only the portal can have written."""
    plain = [{"email": row.email, "language": row.language, "site_ids": [str(site) for site in row.site_ids]} for row in rows]
    return signing.dumps(plain, salt=SALT, compress=True)
