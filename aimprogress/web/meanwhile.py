"""Two people change one record: the form says which version it shows, and a save over a newer one shows both values.

ServicePage does it for every form that changes a VersionedModel; a form with a field `seen_version` of its own looks itself.
"""

from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.scoping import VersionedModel

SEEN = "seen_version"
CHANGED = _(
    "Somebody changed this while you did. What is stored now stands beside what you typed. "
    "Take over what is right, then save: it replaces what is stored."
)


def say_version(form: forms.BaseForm) -> None:
    """Let a form that changes a stored record carry the version that it shows."""
    record = getattr(form, "instance", None)
    if isinstance(record, VersionedModel) and not record._state.adding and SEEN not in form.fields:
        form.fields[SEEN] = forms.IntegerField(required=False, widget=forms.HiddenInput)
        form.initial[SEEN] = record.version


def changed_meanwhile(form: forms.BaseForm) -> bool:
    """Whether the record is another version than the one that was shown. Takes the version out of the clean data."""
    seen = form.cleaned_data.pop(SEEN, None)
    return seen is not None and seen != form.instance.version


def show_both(form: forms.BaseForm) -> None:
    """Beside each field that would replace something: what is stored. The next save has seen it."""
    for name in form.changed_data:
        if name != SEEN:
            form.add_error(name, _("Stored now: %(value)s") % {"value": _in_words(form[name])})
    form.add_error(None, ValidationError(CHANGED, code="conflict"))
    form.data = form.data.copy()
    form.data[form.add_prefix(SEEN)] = form.instance.version


def _in_words(bound: forms.BoundField) -> str:
    """What the form began with, as a person reads it."""
    field, value = bound.field, bound.initial
    if value in (None, "", []):
        return "–"
    if isinstance(field, forms.ModelChoiceField):
        return str(field.queryset.filter(pk=getattr(value, "pk", value)).first() or "–")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(field, forms.ChoiceField):
        words = {str(code): label for code, label in field.choices}
        several = value if isinstance(value, list | tuple) else [value]
        return ", ".join(str(words.get(str(one), one)) for one in several)
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    return formats.date_format(value) if isinstance(value, date) else str(value)
