"""The filters of a noun, used by its page, its API and its export. Their state is the url, so a saved view is a url."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Model
from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.figures.moment import as_of
from aimprogress.web.forms import DateInput, DateTimeInput


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: what it is called, its value in words, and the query string without it."""

    label: str
    value: str
    without: str


class YesOrNo(forms.NullBooleanSelect):
    """Yes, no, or not asked, which is "" in the address as it is for every other filter."""

    def __init__(self) -> None:
        super().__init__()
        self.choices = [("", settings.FILTERS_EMPTY_CHOICE_LABEL), ("true", _("yes")), ("false", _("no"))]

    def format_value(self, value: Any) -> list[str]:
        return [{True: "true", False: "false"}.get(value, "")]


class FilterForm(forms.Form):
    """Checks the raw text before any field sees it: PostgreSQL stores no NUL, and a filter never answers 500.

    A question of yes and no that is not asked reads as every other choice that is not made, never "Unknown"; a day, or a
    moment of one, is chosen from the browser's calendar.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.CheckboxInput):
                continue  # asked with a tick: there is nothing to say no to
            if isinstance(field, forms.NullBooleanField):
                field.widget = YesOrNo()
            elif isinstance(field, django_filters.fields.DateRangeField):
                field.widget.widgets = [DateInput(), DateInput()]
            elif isinstance(field, forms.DateTimeField):
                field.widget = DateTimeInput()
            elif isinstance(field, forms.DateField):
                field.widget = DateInput()

    def clean(self) -> dict[str, Any]:
        for name in self.fields:
            if any("\x00" in str(value) for value in _raw(self.data, self.add_prefix(name))):
                self.add_error(name, forms.ValidationError(_("This text has a character that cannot be searched for.")))
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, datetime):
                self._in_utc(name, value)
        return super().clean()

    def _in_utc(self, name: str, moment: datetime) -> None:
        """PostgreSQL refuses offsets that Python reads, such as -16:23."""
        try:
            self.cleaned_data[name] = moment.astimezone(UTC)
        except OverflowError:  # before the year 1, or after 9999
            self.add_error(name, forms.ValidationError(self.fields[name].error_messages["invalid"], code="invalid"))


class FilterSet(django_filters.FilterSet):
    """Base of every FilterSet. Unknown parameters are ignored; a wrong value is an error beside its field, never a 500.

    class SiteFilterSet(FilterSet):
        q = django_filters.CharFilter(label=_("Name or code"), method="search")
        class Meta:
            model = Site
            fields = ["country", "current_operational"]
            form = FilterForm          # inherited where Meta does not name a form

    of_now: filters that speak of now alone, each with the values that do, or none for all. While somebody looks back they are
    refused: what was so then is not known.
    """

    of_now: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        for name, values in self.of_now.items() if as_of() else ():
            said = self.form.cleaned_data.get(name)
            if said in values if values else said not in (None, "", []):
                self.form.add_error(name, forms.ValidationError(_("This is known only as of now."), code="invalid"))
        return self.form.is_valid()

    @classmethod
    def add(cls, name: str, one: django_filters.Filter) -> None:
        """Let an app above add a filter to a noun below it; `one` has a function as its method. Page, API and export get it."""
        cls.base_filters[name] = one

    def get_form_class(self) -> type[forms.Form]:
        form = super().get_form_class()
        return form if issubclass(form, FilterForm) else type(form.__name__, (FilterForm, form), {})

    def chips(self, query: QueryDict) -> list[Chip]:
        """The filters in force, in the order of the form. Call after is_valid()."""
        found = []
        for name, field in self.form.fields.items():
            keys = [key for key in query if key == name or (key.startswith(f"{name}_") and key not in self.form.fields)]
            if any(text for key in keys for text in query.getlist(key)):
                value = self.form.cleaned_data.get(name) if self.form.is_bound and self.form.is_valid() else None
                shown = _in_words(value, field) or ", ".join(text for key in keys for text in query.getlist(key) if text)
                found.append(Chip(str(field.label or name), shown, without(query, *keys)))
        return found


def without(query: QueryDict, *names: str) -> str:
    """The query string without `names` and without the place in the list, beginning with "?"."""
    rest = query.copy()
    for name in (*names, "after", "before"):
        rest.pop(name, None)
    return f"?{rest.urlencode()}"


def _raw(data: Mapping[str, Any], name: str) -> list[Any]:
    return data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]


def _in_words(value: Any, field: forms.Field) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, slice):
        of_days = isinstance(field, django_filters.fields.DateRangeField)
        ends = (timezone.localdate(end) if end and of_days else end for end in (value.start, value.stop))
        return " – ".join(_in_words(end, field) or "…" for end in ends)
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "j E Y, H:i")
    if isinstance(value, date):
        return formats.date_format(value, "j E Y")
    labels = (
        {str(key): str(label) for key, label in _flat(getattr(field, "choices", ()) or ())}
        if not isinstance(field, forms.ModelChoiceField)
        else {}
    )
    values = value if isinstance(value, list | tuple | set) or hasattr(value, "model") else [value]
    if value is True:
        return labels.get("True", str(_("yes")))
    if value is False:
        return labels.get("False", str(_("no")))
    return ", ".join(str(one) if isinstance(one, Model) else labels.get(str(one), str(one)) for one in values)


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    flat = []
    for key, label in choices:
        flat.extend(label if isinstance(label, list | tuple) else [(key, label)])
    return flat
