"""The pages of saved views: save the filters of a list, see one's own views, rename and delete them."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.web.models import SavedView
from aimprogress.web.pages import ActionPage, Page, ServicePage
from aimprogress.web.saved import address_of
from aimprogress.web.services import delete_view, rename_view, save_view

NAME = forms.CharField(label=_("Name of the view"), max_length=60)


class SaveViewForm(forms.Form):
    """A name for the list and the filters that the hidden fields carry."""

    name = NAME
    page = forms.CharField(max_length=80, widget=forms.HiddenInput)
    query = forms.CharField(max_length=1000, widget=forms.HiddenInput)


class RenameForm(forms.Form):
    name = NAME


class OfViews:
    """The reader's own views; for everybody else they are not there."""

    model = SavedView
    noun = "view"
    sensitive = True
    who = "own"
    neutral = _("Saved views")
    section = "settings"
    object: SavedView
    actor: Any

    def get_queryset(self) -> QuerySet:
        return SavedView.objects.filter(user_id=self.actor.user_id)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Saved views"), reverse("web:saved_views"))]

    def get_back_url(self) -> str:
        return reverse("web:saved_views")

    def get_success_url(self) -> str:
        return self.get_back_url()


class SavedViews(OfViews, Page):
    permission = Permission.SETTINGS_KEEP
    heading = _("Saved views")
    template_name = "web/saved_views.html"

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        views = [(view, address_of(view)) for view in self.get_queryset().order_by("page", "name", "id")]
        return super().get_context_data(views=views, **kwargs)


class SaveView(OfViews, ServicePage):
    """The list's own form posts here; with an address that names the list it also stands alone."""

    service = save_view
    form_class = SaveViewForm
    heading = _("Save this view")
    success_message = _("The view was saved.")

    def get_initial(self) -> dict[str, Any]:
        return {name: self.request.GET.get(name, "") for name in ("page", "query")}

    def get_success_url(self) -> str:
        return address_of(self.saved)


class RenameView(OfViews, ServicePage):
    service = rename_view
    form_class = RenameForm
    heading = _("Rename the view")
    submit = _("Rename")
    success_message = _("The view was renamed.")

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.object.name}


class DeleteView(OfViews, ActionPage):
    service = delete_view
    question = _("Delete this view?")
    explanation = _("Only the name and its filters are forgotten; the list stays as it is.")
    verb = _("Delete")
    danger = True
    success_message = _("The view was deleted.")

    def get_lead(self) -> str:
        return self.object.name
