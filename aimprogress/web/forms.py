"""How forms look: one renderer, so that `{{ form }}` and `{{ field.as_field_group }}` are right everywhere."""

from datetime import datetime
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils import timezone
from django.utils.dateparse import parse_datetime

DJANGO_ROWS, ROWS = "10", "4"  # what Django gives a text area that says nothing, and what a note needs
PLAIN_INPUTS = ("checkbox", "radio", "hidden", "file", "range")


class PortalBoundField(forms.BoundField):
    """Gives text-like widgets the class `in`, and knows how field.html should draw the field."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        if getattr(widget, "input_type", "text") not in PLAIN_INPUTS:
            classes = f"{widget.attrs.get('class', '')} in".split()
            attrs["class"] = " ".join(dict.fromkeys(classes))
        if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == DJANGO_ROWS:
            attrs["rows"] = ROWS
        return attrs

    @property
    def is_choice_list(self) -> bool:
        """True where the field is a list of radio buttons or tick boxes."""
        return self.use_fieldset and getattr(self.field.widget, "input_type", "") in ("radio", "checkbox")

    @property
    def is_tick_box(self) -> bool:
        return not self.use_fieldset and getattr(self.field.widget, "input_type", "") == "checkbox"

    @property
    def first_id(self) -> str:
        """The id of the control that a link in the error summary goes to."""
        return self.id_for_label or f"{self.auto_id}_0"


class DateInput(forms.DateInput):
    """The browser's own calendar. It reads one way of writing a day only, whatever the language of the page."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own calendar with its clock, in the reader's time zone, also for a moment that a link named in another."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, str):
            try:
                value = parse_datetime(value) or value
            except ValueError:
                return value  # no moment at all: the field says so
        if isinstance(value, datetime) and timezone.is_aware(value):
            value = timezone.make_naive(value)
        return super().format_value(value)


class PortalRenderer(TemplatesSetting):
    """FORM_RENDERER of the portal: templates/forms/form.html and field.html, widgets of Django."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = PortalBoundField
