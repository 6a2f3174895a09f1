"""Suppliers: list, one supplier with what is bought from it, and the forms of the desk."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Prefetch, QuerySet
from django.forms import BaseForm
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.places.countries import COUNTRY_CHOICES, country_name
from aimprogress.places.models import AdminArea
from aimprogress.web.forms import DateInput
from aimprogress.web.pages import Column, DetailPage, ListPage, ServicePage
from members.models import Organisation
from suppliers.filters import SupplierFilterSet
from suppliers.identifiers import CHOICES
from suppliers.models import Supplier, SupplyLink
from suppliers.services import suppliers as services


class SupplierForm(forms.ModelForm):
    country = forms.ChoiceField(label=_("Country"), choices=COUNTRY_CHOICES)
    admin1 = forms.ModelChoiceField(
        label=_("Oblast or region"), required=False, to_field_name="code",
        queryset=AdminArea.objects.filter(level=1).order_by("country", "name_en"),
    )  # fmt: skip
    identifier_kind = forms.ChoiceField(label=_("Kind of identifier"), choices=CHOICES, required=False)

    class Meta:
        model = Supplier
        fields = [
            "name", "name_local", "country", "admin1", "city", "address", "identifier_kind", "identifier", "sector", "workers",
            "women_percent", "migrant_percent", "exposure", "assessment_state", "assessed_on",
        ]  # fmt: skip
        widgets = {"assessed_on": DateInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance.country
        if known and known not in dict(COUNTRY_CHOICES):  # from a list: else saving the form would move the supplier to Ukraine
            self.fields["country"].choices = [*COUNTRY_CHOICES, (known, country_name(known))]


class SupplyLinkForm(forms.ModelForm):
    class Meta:
        model = SupplyLink
        fields = ["tier", "commodity", "spend", "since", "status", "reason"]
        widgets = {"since": DateInput()}


class OfSuppliers:
    """What the pages of this noun share. Titles are neutral: who supplies whom is a trade secret."""

    section = "suppliers"
    who = "supplier"
    noun = "supplier"
    sensitive = True
    neutral = _("Suppliers")


class SupplierList(OfSuppliers, ListPage):
    permission = Permission.SUPPLIER_READ
    heading = _("Suppliers")
    template_name = "suppliers/supplier_list.html"
    row_template = "suppliers/_supplier_row.html"
    filterset_class = SupplierFilterSet
    export_noun = "suppliers"
    orderings = {"name": ("name", "id"), "country": ("country", "name", "id")}
    columns = (
        Column(_("Supplier"), ordering="name"),
        Column(_("Country"), ordering="country"),
        Column(_("Tier")),
        Column(_("Workers"), "n"),
        Column(_("Touched by the war")),
        Column(_("Assessment")),
    )
    empty_heading = _("No suppliers yet")
    empty_text = _("Your list is yours alone: other members never see it, and the AIM-Progress team only when you let them.")

    def get_queryset(self) -> QuerySet:
        return Supplier.objects.prefetch_related(Prefetch("links", SupplyLink.objects.order_by("tier")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        if self.actor.is_secretariat:
            found["empty_heading"] = _("Nothing is open to you")
            found["empty_text"] = _("Suppliers are the member's own. A staff session shows them to you for an hour.")
        return found

    def get_empty_action(self) -> tuple[Any, str] | None:
        return (_("Add a supplier"), reverse("suppliers:add")) if self.actor.may(Permission.SUPPLIER_EDIT) else None


class SupplierPage(OfSuppliers, DetailPage):
    permission = Permission.SUPPLIER_READ
    template_name = "suppliers/supplier.html"
    queryset = Supplier.objects.select_related("admin1")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Suppliers"), reverse("suppliers:list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = self.actor.owns(self.object.organisation_id)
        return super().get_context_data(
            links=self.object.links.order_by("tier", "id"), country=country_name(self.object.country), own=own, **kwargs
        )


class OneSupplier(OfSuppliers):
    """A form about a supplier of the own organisation; it is not there for anybody else."""

    model = Supplier
    object: Supplier
    actor: Any

    def get_queryset(self) -> QuerySet:
        return Supplier.objects.filter(organisation_id=self.actor.organisation_id)

    def get_success_url(self) -> str:
        return reverse("suppliers:supplier", args=[self.object.pk])


class AddSupplier(OfSuppliers, ServicePage):
    service = services.register_supplier
    form_class = SupplierForm
    heading = _("Add a supplier")
    submit = _("Add")
    success_message = _("The supplier was added.")

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}

    def get_success_url(self) -> str:
        return reverse("suppliers:supplier", args=[self.saved.pk])


class ChangeSupplier(OneSupplier, ServicePage):
    service = services.change_supplier
    form_class = SupplierForm
    heading = _("Change the supplier")
    success_message = _("The supplier was changed.")


class AddLink(OneSupplier, ServicePage):
    service = services.link_supplier
    heading = _("What is bought from this supplier")
    submit = _("Add")
    success_message = _("The link was added.")

    def get_form_class(self) -> type[SupplyLinkForm]:
        return SupplyLinkForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {key: value for key, value in super().get_form_kwargs().items() if key != "instance"}

    def get_lead(self) -> str:
        return self.object.name


class ChangeLink(OfSuppliers, ServicePage):
    service = services.change_link
    form_class = SupplyLinkForm
    noun = "link"
    model = SupplyLink
    heading = _("Change what is bought")
    success_message = _("The link was changed.")

    def get_queryset(self) -> QuerySet:
        return SupplyLink.objects.filter(organisation_id=self.actor.organisation_id).select_related("supplier")

    def get_lead(self) -> str:
        return self.object.supplier.name

    def get_success_url(self) -> str:
        return reverse("suppliers:supplier", args=[self.object.supplier_id])
